"""Toxic words: insults, threats and obscenity by two short lists that anybody can edit."""

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar, Literal

from pydantic import Field

from corpus.cleaning.comparable import folded_in_place
from corpus.cleaning.lists import word_list
from corpus.cleaning.step import Change, Drop, Finding, Mark, Params, RowStep
from corpus.glossary.han import unify
from corpus.records import Row

#: Letters that are written as figures or signs to get past lists like this one.
_DISGUISES = str.maketrans("@$01!3457", "asoiieast")
_MASK = "***"
_LETTER = "[a-z0-9\u00df-\u024f]"
_OFTEN_DISGUISED = ("fuck", "shit", "bitch", "cunt", "asshole", "whore", "bastard", "dick", "slut", "nigger")


class ToxicityParams(Params):
    """What is looked for and what becomes of it."""

    do: Literal["drop", "mask", "mark"] = Field(
        "drop", title="Do", description="Drop the row, mask the words, or only mark it."
    )
    more_words: tuple[str, ...] = Field(
        (), max_length=1000, title="More words", description="Beside the lists; whole words."
    )
    fewer_words: tuple[str, ...] = Field(
        (), max_length=1000, title="Allowed words", description="Entries of the lists to leave out."
    )


class Toxicity(RowStep[ToxicityParams]):
    """Finds words of the lists in zh and en. It knows no context: a quotation is found as well."""

    name: ClassVar[str] = "toxicity"
    Params: ClassVar[type[Params]] = ToxicityParams

    def __init__(self, params: ToxicityParams) -> None:
        super().__init__(params)
        allowed = frozenset(word.lower() for word in params.fewer_words)
        self._allowed = allowed
        more = tuple(word.lower() for word in params.more_words if word.strip())
        english = [*word_list("toxic_en"), *(word for word in more if word.isascii())]
        chinese = [*word_list("toxic_zh"), *(word for word in more if not word.isascii())]
        self._otherwise = _exceptions(chinese + english)
        self._english = _whole_words([_entry(word) for word in english if _is_on(word, allowed)])
        self._disguised = _whole_words(_disguised_words(allowed))
        self._chinese = _any_of([unify(_entry(word)) for word in chinese if _is_on(word, allowed)])

    def look(self, row: Row) -> Finding | None:
        """Drop, mask or mark the row when a word of the lists is in it."""
        before = row.texts()
        spans = [self._spans(text) for text in before]
        found = [text[start:end] for text, some in zip(before, spans, strict=True) for start, end in some]
        if not found:
            return None
        match self.params.do:
            case "drop":
                return Drop("toxic", {"words": sorted(set(found))[:10]})
            case "mark":
                return Mark("toxic", {"words": sorted(set(found))[:10]})
            case "mask":
                return Change(tuple(map(_masked, before, spans)), ("toxic",) * len(found))

    def _spans(self, text: str) -> list[tuple[int, int]]:
        folded = folded_in_place(text)
        spans = (
            _found(self._chinese, unify(folded))
            + _found(self._english, folded)
            + _found(self._disguised, folded)
        )
        plain = folded.translate(_DISGUISES)
        if plain != folded:
            spans += [span for span in _found(self._english, plain) if _has_letter(folded[slice(*span)])]
        return _merged(self._meant(spans, folded)) if spans else []

    def _meant(self, spans: list[tuple[int, int]], folded: str) -> list[tuple[int, int]]:
        others = _found(self._otherwise, folded)
        return [
            (a, b)
            for a, b in spans
            if folded[a:b] not in self._allowed and not any(start <= a and b <= end for start, end in others)
        ]


def _found(pattern: re.Pattern[str] | None, text: str) -> list[tuple[int, int]]:
    return [match.span() for match in pattern.finditer(text)] if pattern else []


def _is_on(word: str, allowed: frozenset[str]) -> bool:
    return not word.startswith("-") and word not in allowed


def _exceptions(words: list[str]) -> re.Pattern[str] | None:
    return _any_of([re.escape(word[1:].lower()) for word in words if word.startswith("-")])


def _any_of(patterns: Iterable[str]) -> re.Pattern[str] | None:
    every = sorted(set(patterns), key=len, reverse=True)
    return re.compile("|".join(f"(?:{pattern})" for pattern in every)) if every else None


def _whole_words(patterns: Iterable[str]) -> re.Pattern[str] | None:
    """None of them beside a letter of its own script: in 你这idiot there is no space."""
    anyone = _any_of(patterns)
    return re.compile(rf"(?<!{_LETTER})(?:{anyone.pattern})(?!{_LETTER})") if anyone else None


def _disguised_words(allowed: frozenset[str]) -> Iterator[str]:
    """Words with signs for their inner letters (f**k, sh*t, a$$hole), and letters set apart (s h i t)."""
    for word in _OFTEN_DISGUISED:
        if word not in allowed:
            first, inner, last = word[0], word[1:-1], word[-1]
            masked = "".join(f"[{char}*#@$!_.]" for char in inner)
            yield rf"{first}(?=[a-z]*[*#@$!_.]){masked}{last}(?:s|ed|er|ers|ing|y)?"
            yield r"[\s.\-_*]".join(word)
    yield r"(?:f|sh)\*{2,4}(?:ing|ed|er)?"


def _has_letter(text: str) -> bool:
    return any(char.isalpha() for char in text)


def _entry(word: str) -> str:
    """The pattern of an entry: a regular expression between "/", else words with any space between them."""
    if word.startswith("/") and word.endswith("/"):
        return word[1:-1].replace(" ?", r"\s*").replace(" ", r"\s+").replace("'", "['’]")
    pattern = r"\s+".join(map(re.escape, word.removesuffix("*").lower().split())).replace("'", "['’]")
    return pattern + (f"{_LETTER}*" if word.endswith("*") else "")


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _masked(text: str, spans: list[tuple[int, int]]) -> str:
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], _MASK]
        at = end
    return "".join([*parts, text[at:]])
