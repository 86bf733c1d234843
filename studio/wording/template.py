"""A sentence with named places, as an error's docstring is: filled from data, and read back from what was filled."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from string import Formatter
from typing import Any

from django.utils.translation import gettext, pgettext

_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\S+""")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
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
    def _literals(self) -> list[str]:
        """The text before, between and behind the places."""
        literals = [literal for literal, *_ in self._parts]
        return [*literals, ""] if self._parts and self._parts[-1][1] else literals

    @cached_property
    def _places(self) -> list[tuple[str, re.Pattern[str] | None]]:
        """Name and form of each place, in order."""
        named = [(name, how) for _, name, _, how in self._parts if name]
        return [
            (name, _QUOTED if how == "r" else _NUMBER if name in _NUMBERS else None) for name, how in named
        ]

    def filled(self, data: Mapping[str, Any]) -> str | None:
        """The sentence, as an error fills it; nothing where the data is not that of this sentence."""
        if not self.names <= data.keys():
            return None
        try:
            return self.text.format_map(data)
        # Another class's data under the same names: a word where a number is formatted.
        except (ValueError, TypeError, OverflowError):
            return None

    def read(self, sentence: str) -> dict[str, str] | None:
        """What a sentence was filled with; nothing where it is another one.

        A place ends where the text behind it first begins, or begins where the text before it last ends; nothing is tried
        again, so that no text of a user's makes it slow.
        """
        first, last = self._literals[0], self._literals[-1]
        if not (sentence.startswith(first) and sentence.endswith(last)):
            return None
        return self._from_left(sentence) or self._from_right(sentence)

    def _from_left(self, sentence: str) -> dict[str, str] | None:
        at, values = len(self._literals[0]), list[str]()
        for place, (_, form) in enumerate(self._places, start=1):
            behind = self._literals[place]
            if form is not None:
                match = form.match(sentence, at)
                end = match.end() if match else -1
            elif place == len(self._places):
                end = len(sentence) - len(behind)
            else:
                end = sentence.find(behind, at + 1)
            if end <= at or not sentence.startswith(behind, end):
                return None
            values.append(sentence[at:end])
            at = end + len(behind)
        return self._named(values) if at == len(sentence) else None

    def _from_right(self, sentence: str) -> dict[str, str] | None:
        end, values = len(sentence) - len(self._literals[-1]), list[str]()
        for place in range(len(self._places), 0, -1):
            before = self._literals[place - 1]
            start = len(before) if place == 1 else sentence.rfind(before, 0, max(0, end - 1)) + len(before)
            form = self._places[place - 1][1]
            said = sentence[start:end]
            if start < len(before) or not said or (form is not None and form.fullmatch(said) is None):
                return None
            values.insert(0, said)
            end = start - len(before)
        return self._named(values) if end == 0 else None

    def _named(self, values: list[str]) -> dict[str, str] | None:
        found: dict[str, str] = {}
        for (name, form), said in zip(self._places, values, strict=True):
            value = _unquoted(said) if form is _QUOTED else said
            if found.setdefault(name, value) != value:
                return None
        return found


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
