"""A sentence with named places, as an error's docstring is: filled from data, and read back from what was filled."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from string import Formatter
from typing import Any

from django.utils.translation import gettext, pgettext

_QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\S+"""
_NUMBER = r"\d+(?:\.\d+)?"
#: Places that hold nothing but a number.
_NUMBERS = frozenset({"line", "column", "n"})


@dataclass(frozen=True)
class Template:
    """One English sentence, for example `the term {term!r} {reason}.`"""

    text: str
    #: What it is said of, for the catalogue, where one word has several translations.
    context: str = ""

    @property
    def translated(self) -> str:
        """It in the active language, its places still open."""
        return pgettext(self.context, self.text) if self.context else gettext(self.text)

    @cached_property
    def _parts(self) -> list[tuple[str, str | None, str | None, str | None]]:
        """Literal text, then name, format and conversion of the place behind it."""
        return list(Formatter().parse(self.text))

    @cached_property
    def names(self) -> frozenset[str]:
        """What it is filled with."""
        return frozenset(name for _, name, _, _ in self._parts if name)

    @cached_property
    def quoted(self) -> frozenset[str]:
        """Names whose value stands in quotes: it is the user's own, and never translated."""
        return frozenset(name for _, name, _, how in self._parts if name and how == "r")

    @cached_property
    def letters(self) -> int:
        """How much of it is said whatever the data; what says more is the better reading of a sentence."""
        return sum(char.isalpha() for literal, *_ in self._parts for char in literal)

    @cached_property
    def _head(self) -> str:
        return self._parts[0][0] if self._parts else ""

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        pattern, seen = "", set[str]()
        for literal, name, _, how in self._parts:
            pattern += re.escape(literal)
            if name and name in seen:
                pattern += f"(?P={name})"
            elif name:
                held = _QUOTED if how == "r" else _NUMBER if name in _NUMBERS else ".+?"
                pattern += f"(?P<{name}>{held})"
                seen.add(name)
        return re.compile(pattern, re.DOTALL)

    def filled(self, data: Mapping[str, Any]) -> str | None:
        """The sentence, as an error fills it; nothing where the data is not that of this sentence."""
        if not self.names <= data.keys():
            return None
        try:
            return self.text.format_map(data)
        # Another class's data under the same names: a word where a number is formatted.
        except (ValueError, TypeError):
            return None

    def read(self, sentence: str) -> dict[str, str] | None:
        """What a sentence was filled with; nothing where it is another one."""
        if not sentence.startswith(self._head):
            return None
        match = self._pattern.fullmatch(sentence)
        if match is None:
            return None
        return {
            name: _unquoted(said) if name in self.quoted else said for name, said in match.groupdict().items()
        }


def put(template: str, values: Mapping[str, Any]) -> str:
    """A translated template, filled; a value that was read from a sentence is in its format already."""
    text = ""
    for literal, name, how, _ in Formatter().parse(template):
        value = values[name] if name else ""
        text += literal + (value if isinstance(value, str) else format(value, how or ""))
    return text


def pgettext_noop(context: str, text: str) -> Template:
    """Mark a word with its context for the catalogue; imported as `pgettext`, by which the collectors know it."""
    return Template(text, context)


def _unquoted(said: str) -> str:
    try:
        value = ast.literal_eval(said)
    except (ValueError, SyntaxError):
        return said
    return value if isinstance(value, str) else said
