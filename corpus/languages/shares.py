"""Which language a text is in, as far as a mix asks: zh, en, or another; and how much of a row is in each.

Scripts decide what they can: Han without kana is Chinese, kana is Japanese, Hangul Korean, and so on. Among texts in
Latin letters py3langid decides, with English preferred where the two are close: short texts say little, and most
short Latin texts among Chinese and English data are English.
"""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from corpus.languages.latin import ONLY_ENGLISH, classifier

ZH, EN, OTHER = "zh", "en", "other"
LANGUAGES = (ZH, EN, OTHER)

#: Nats by which another language must beat English.
_MARGIN = 10.0
#: What is looked at of a segment.
_HEAD = 400

_SENTENCE = re.compile(r"[^\n。！？!?]*[^\s。！？!?][^\n。！？!?]*[。！？!?]*")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_KANA = re.compile(r"[\u3040-\u30ff\uff66-\uff9f]")
_UNSPACED = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f]"
)
#: A run of Latin words, or what stands between two.
_RUN = re.compile(r"[A-Za-z][A-Za-z0-9 ,.'’:;()&/+\-]*|[^A-Za-z]+")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


def language_of(text: str) -> str:
    """zh, en or other: the language of most of a text. A text without letters (numbers, signs) is other."""
    shares = shares_of([text])
    return max(LANGUAGES, key=lambda language: shares[language])


def shares_of(texts: Iterable[str]) -> dict[str, float]:
    """Language -> its share of the texts' characters, each sentence in one language; they add up to 1.

    A row of two languages is honestly of both: a translation counts for its source and for its target.
    """
    sizes: Counter[str] = Counter()
    for text in texts:
        for segment in _segments(text):
            if segment:
                sizes[_language_of_segment(segment)] += len(segment)
    total = sizes.total()
    if total == 0:
        return {ZH: 0.0, EN: 0.0, OTHER: 1.0}
    return {language: sizes[language] / total for language in LANGUAGES}


def _segments(text: str) -> Iterable[str]:
    """Sentences, each in one script; those in Latin letters are joined to one piece, since short ones say little.

    A few Latin words inside a Chinese sentence are names and belong to it; a sentence of English there stands alone.
    """
    latin: list[str] = []
    for sentence in _SENTENCE.findall(text):
        if not _UNSPACED.search(sentence):
            latin.append(sentence.strip())
            continue
        own: list[str] = []
        for run in _RUN.findall(sentence):
            (latin if _is_sentence(run) else own).append(run)
        yield "".join(own).strip()
    yield " ".join(latin)


def _is_sentence(run: str) -> bool:
    """Whether Latin words between Chinese ones are more than names."""
    words = _WORD.findall(run.lower())
    return len(words) > 5 or any(word in ONLY_ENGLISH for word in words)


def _language_of_segment(segment: str) -> str:
    head = segment[:_HEAD]
    if not _UNSPACED.search(head):
        return _latin(head) if _LATIN.search(head) else OTHER
    kana, han = len(_KANA.findall(head)), len(_HAN.findall(head))
    # One kana in a long Chinese sentence is a name or a quotation.
    return ZH if han > 20 * kana else OTHER


@lru_cache(maxsize=65_536)
def _latin(text: str) -> str:
    """en or other, of a text in Latin letters."""
    lower = text.lower()
    words = _WORD.findall(lower)
    english = sum(1 for word in words if word in ONLY_ENGLISH)
    if text.isascii() and english >= 2 and english * 8 >= len(words):
        return EN
    scores = dict(classifier().rank(text))
    best = max(scores.values())
    margin = _MARGIN if text.isascii() else _MARGIN / 4
    return EN if best - scores["en"] <= margin else OTHER
