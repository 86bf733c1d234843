"""Toxic words: insults, threats and obscenity by two short lists that anybody can edit."""

import re
from functools import cache
from typing import Any, ClassVar, Literal

from pydantic import Field

from corpus.cleaning.comparable import folded_in_place
from corpus.cleaning.lists import word_list
from corpus.cleaning.step import Change, Drop, Finding, Mark, Params, RowStep
from corpus.records import Row

#: Letters that are written as figures or signs to get past lists like this one.
_DISGUISES = str.maketrans("@$01!3457", "asoiieast")
_MASK = "***"


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
        allowed = {word.lower() for word in params.fewer_words}
        english = [word for word in word_list("toxic_en") if word not in allowed]
        entries = word_list("toxic_zh")
        self._meant_otherwise = [entry[1:] for entry in entries if entry.startswith("-")]
        chinese = [word for word in entries if word not in allowed and not word.startswith("-")]
        more = [word.lower() for word in params.more_words if word.strip()]
        chinese += [word for word in more if not word.isascii()] + [_traditional(word) for word in chinese]
        english += [word for word in more if word.isascii()]
        self._english = (
            re.compile(r"(?<![^\W_])(?:" + "|".join(map(_whole_word, english)) + r")(?![^\W_])")
            if english
            else None
        )
        self._chinese = (
            re.compile("|".join(map(re.escape, sorted(set(chinese), key=len, reverse=True))))
            if chinese
            else None
        )

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
        spans = self._chinese_spans(folded)
        if self._english:
            spans += [match.span() for match in self._english.finditer(folded)]
            plain = folded.translate(_DISGUISES)
            if plain != folded:
                spans += [
                    m.span()
                    for m in self._english.finditer(plain)
                    if _has_letter(folded[m.start() : m.end()])
                ]
        return _merged(spans)

    def _chinese_spans(self, folded: str) -> list[tuple[int, int]]:
        if self._chinese is None:
            return []
        spans = [match.span() for match in self._chinese.finditer(folded)]
        if not spans:
            return []
        others = [m.span() for entry in self._meant_otherwise for m in re.finditer(re.escape(entry), folded)]
        return [(a, b) for a, b in spans if not any(start <= a and b <= end for start, end in others)]


def _has_letter(text: str) -> bool:
    return any(char.isalpha() for char in text)


def _whole_word(word: str) -> str:
    pattern = r"\s+".join(map(re.escape, word.removesuffix("*").lower().split())).replace("'", "['’]")
    return pattern + (r"[^\W_]*" if word.endswith("*") else "")


@cache
def _traditional(word: str) -> str:
    return str(_converter().convert(word))


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("s2t")


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
