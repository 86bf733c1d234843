"""One spelling for comparing texts: width, case, spacing and punctuation say nothing about whether two texts are the same."""

import re
import unicodedata

#: Scripts written without spaces: a space beside one of their characters is no word boundary.
UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_NO_WORD = re.compile(r"[\W_]+")
_BESIDE_UNSPACED = re.compile(f"(?<=[{UNSPACED}]) | (?=[{UNSPACED}])")
_TOKEN = re.compile(f"[{UNSPACED}]|[^\\W_{UNSPACED}]+")


def comparable(text: str) -> str:
    """The text in NFKC and case folded, with one space for all that is no letter or digit, and none beside CJK."""
    if text.isascii():
        return _NO_WORD.sub(" ", text.lower()).strip()
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _BESIDE_UNSPACED.sub("", _NO_WORD.sub(" ", folded).strip())


def comparable_tokens(text: str) -> list[str]:
    """The comparable text as words, each CJK character one of its own."""
    return _TOKEN.findall(comparable(text))


def folded_in_place(text: str) -> str:
    """Lower case and usual width, character by character, so that offsets stay."""
    if text.isascii():
        return text.lower()
    return "".join(map(_fold_char, text))


def _fold_char(char: str) -> str:
    folded = unicodedata.normalize("NFKC", char).lower() if char > "\x7f" else char.lower()
    return folded if len(folded) == 1 else char
