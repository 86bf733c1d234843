"""What makes two texts say different things though they are nearly the same: their numbers, and in short ones their negations.

"5 mg twice daily" and "50 mg twice daily" share nearly all of their characters, and so do 可以服用 and 不可以服用. A longer text
may have a sentence more, with numbers of its own: so the numbers of one have to be among those of the other. Where one text lost all its punctuation, 3.85
became 385, and its figures count without what stands between.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

#: Figures with their signs between, and Chinese numerals where they are no part of a word such as 一般.
_HAS_NUMBER = re.compile(r"[\d〇零一二三四五六七八九十百千万亿两]")
_NUMBER = re.compile(
    r"\d+(?:[.,:/]\d+)*|第[〇零一二三四五六七八九十百千]+|[〇零一二三四五六七八九十百千万亿两]{2,}"
)
_HAS_NO = re.compile("n(?:o|ev|['’]t)|ithout")
_NEGATION = re.compile(r"\b(?:no|not|never|none|nor|without|cannot)\b|n['’]t\b")
_CJK_NEGATION = re.compile("[不没未勿否]|无(?!论)|非(?!常)")
_PUNCTUATION = re.compile("[.,;。，；]")
#: Up to this length, a negation more turns a text round; in a longer one it may be that of a sentence more.
_SHORT = 200
_CJK_WEIGHS = 3

Facts = NDArray[np.uint32]


def facts_of(texts: Sequence[str]) -> tuple[Facts, NDArray[np.int64]]:
    """Sorted, distinct hashes of what has to agree, all texts' in a row, and how many each text has."""
    each = [_hashes(text) for text in texts]
    counts = np.fromiter(map(len, each), dtype=np.int64, count=len(each))
    joined = np.fromiter((one for some in each for one in some), dtype=np.uint32, count=int(counts.sum()))
    return joined, counts


def digits_of(texts: Sequence[str]) -> Facts:
    """A hash of each text's figures without what stands between, its last bit set where the text has no punctuation at all."""
    return np.fromiter(map(_digits, texts), dtype=np.uint32, count=len(texts))


def _digits(text: str) -> int:
    return crc32("".join(re.findall(r"\d", text)).encode()) & ~1 | (_PUNCTUATION.search(text) is None)


def _hashes(text: str) -> list[int]:
    numbers = Counter(map(_plain, _NUMBER.findall(text))) if _HAS_NUMBER.search(text) else {}
    facts = [f"{number}#{k}" for number, n in numbers.items() for k in range(n)]
    if _is_short(text):
        facts.append(f"not#{_negations(text.lower())}")
    return sorted({crc32(fact.encode()) for fact in facts})


def _negations(text: str) -> int:
    latin = len(_NEGATION.findall(text)) if _HAS_NO.search(text) else 0
    return latin if text.isascii() else latin + len(_CJK_NEGATION.findall(text))


def _plain(number: str) -> str:
    return (number if number.isascii() else unicodedata.normalize("NFKC", number)).replace(",", "")


def _is_short(text: str) -> bool:
    if len(text) > _SHORT:
        return False
    cjk = 0 if text.isascii() else sum(char > "\u2e7f" for char in text)
    return len(text) + (_CJK_WEIGHS - 1) * cjk <= _SHORT
