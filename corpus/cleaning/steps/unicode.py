"""Unicode and mojibake: one spelling of the same characters, wrong decodings undone, invisible characters taken out."""

import re
import unicodedata
from typing import ClassVar

from pydantic import Field

from corpus.cleaning.fences import code_of, in_prose
from corpus.cleaning.mojibake import is_lost, repaired
from corpus.cleaning.step import Change, Drop, Finding, Mark, Params, RowStep
from corpus.records import Row

#: Zero-width space, word joiner, byte order mark, soft hyphen, and the marks that turn the direction of text. The joiners
#: of emoji and of Indic and Persian words stay.
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class UnicodeParams(Params):
    """What is put right."""

    mojibake: bool = Field(
        default=True, title="Repair mojibake", description="Undo wrong decodings where that is certain."
    )
    invisible: bool = Field(
        default=True,
        title="Remove invisible characters",
        description="Zero-width, control and direction marks.",
    )
    drop_lost: bool = Field(
        default=True,
        title="Drop what is lost",
        description="Leave out rows with characters that cannot be restored.",
    )


class Unicode(RowStep[UnicodeParams]):
    """Repairs characters. Code between fences or backticks, width, quotes and ligatures stay as they are."""

    name: ClassVar[str] = "unicode"
    Params: ClassVar[type[Params]] = UnicodeParams

    def look(self, row: Row) -> Finding | None:
        """Rewrite what can be put right; name what cannot."""
        reasons: list[str] = []
        before = row.texts()
        texts = tuple(self._right(text, reasons) for text in before)
        if any(is_lost(text) for text in texts):
            return Drop("characters_lost") if self.params.drop_lost else Mark("characters_lost")
        return Change(texts, tuple(reasons)) if texts != before else None

    def _right(self, text: str, reasons: list[str]) -> str:
        # Characters are read wrongly without regard to code, whose ASCII a repair leaves as it is.
        if self.params.mojibake and not text.isascii() and _code_is_ascii(text):
            before, text = text, repaired(text)
            if text != before:
                reasons.append("mojibake")
        return in_prose(lambda prose: self._visible(prose, reasons), text)

    def _visible(self, text: str, reasons: list[str]) -> str:
        if text.isascii() and not _CONTROL.search(text) and "\r" not in text:
            return text
        for reason, is_on, rewrite in (
            ("mojibake", self.params.mojibake, repaired),
            ("invisible", self.params.invisible, _visible),
            ("normalized", True, _normal),
        ):
            before, text = text, rewrite(text) if is_on else text
            if text != before:
                reasons.append(reason)
        return text


def _code_is_ascii(text: str) -> bool:
    return all(code.isascii() for code in code_of(text))


def _visible(text: str) -> str:
    return _CONTROL.sub("", _INVISIBLE.sub("", text))


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
