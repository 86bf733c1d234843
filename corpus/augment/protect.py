"""What must not change when a text is said otherwise: terms, numbers, units, negation, code, placeholders, names.

Each kind is found by its own rule; what is found is a span. Too much protected costs a row; too little costs trust.
"""

import logging
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from corpus.glossary.match import Matcher


class Kind(StrEnum):
    """Why a span is protected; the first that finds a place keeps it."""

    CODE = "code"
    PLACEHOLDER = "placeholder"
    ADDRESS = "address"
    TERM = "term"
    NUMBER = "number"
    NEGATION = "negation"
    NAME = "name"
    LABEL = "label"


#: Compared from both sides: none may be lost and none may come in. A name is only told by a model of words, so what is
#: found in the old text is counted in the new one.
STRICT = (Kind.CODE, Kind.PLACEHOLDER, Kind.ADDRESS, Kind.TERM, Kind.NUMBER, Kind.NEGATION)


@dataclass(frozen=True)
class Span:
    """A protected place: `text[start:end]`, and what it is compared by."""

    start: int
    end: int
    kind: Kind
    key: str


_UNITS = (
    r"kg|g|mg|µg|μg|ug|t|lb|oz|km|m|cm|mm|nm|µm|μm|mi|ft|l|ml|dl|kl|mol|mmol|s|ms|µs|min|h|d|hz|khz|mhz|ghz|w|kw|mw|kwh|v|kv|a|ma|"
    r"ah|mah|pa|kpa|mpa|bar|psi|n|kn|j|kj|cal|kcal|b|kb|mb|gb|tb|kib|mib|gib|bps|kbps|mbps|gbps|rpm|db|ppm|ppb|bp|usd|eur|cny|rmb|gbp|jpy|"
    r"percent|points?|degrees?|dollars?|euros?|yuan|years?|months?|weeks?|days?|hours?|minutes?|seconds?|thousand|million|billion|trillion|"
    r"k|bn|mn|美元|欧元|日元|人民币|万元|亿元|元|角|分|万|亿|千|百|公斤|千克|克|毫克|微克|吨|公里|千米|米|厘米|毫米|升|毫升|"
    r"年|月|日|天|周|小时|分钟|秒|个月|个|次|人|名|位|岁|倍|度|成|页|条|项|件|台|套|片|粒|支|℃|°c|°f|°|[%‰％]"
)
_MEASURES = "个名位年月日天号条次倍成点分秒岁周项件台套章页种人元角块万亿百千倍"
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.CODE, re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.S)),
    (
        Kind.ADDRESS,
        re.compile(r"https?://[^\s<>\"'，。）)】]+|www\.[^\s<>\"'，。]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    ),
    (
        Kind.PLACEHOLDER,
        re.compile(
            r"\{\{[^{}\n]*\}\}|\$\{[^{}\n]*\}|\{[^{}\s]{0,60}\}|%\(\w+\)[sdif]|%[sdif]\b|<[^<>\n]{1,80}>|\[[A-Z][A-Z0-9_ ]*\]|【[^】\n]{1,40}】|《[^》\n]{1,60}》"
        ),
    ),
    (
        Kind.CODE,
        re.compile(
            r"(?:[A-Za-z_]\w*)?\w+\([^()\n]{0,80}\)(?=\W|$)|\b\w*_\w+\b|\b[a-z]+[A-Z]\w*\b|(?<![\w/])(?:/[\w.-]+){2,}|\b[A-Za-z]:\\\S+|--?[a-z][\w-]+(?==)|\s--[a-z][\w-]+|\b\w+\.(?:py|js|ts|json|csv|txt|xlsx?|docx?|pdf|md|sh|exe|ya?ml|html?|tbx)\b"
        ),
    ),
    (
        Kind.NUMBER,
        re.compile(
            rf"[#№]?[+\-−±≈<>≤≥~～]?[$€£¥￥]?\d+(?:[.,:/×xX^\-–~～]\d+)*(?:\s?(?:{_UNITS})(?![A-Za-z]))?"
            rf"|第?[〇零一二三四五六七八九十百千万亿两]{{2,}}(?:[{_MEASURES}])?"
            rf"|第[一二三四五六七八九十]|(?!十分(?![钟之]))[一二两三四五六七八九十百千万亿半](?=[{_MEASURES}])|百分之[〇零一二三四五六七八九十百点]+"
            r"|[\u2150-\u218b\u00bc-\u00be\u00b2\u00b3\u00b9\u2070-\u2089]+"
            r"|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|seventy|"
            r"eighty|ninety|hundreds?|thousands?|millions?|billions?|dozens?|half|double|twice|thrice|first|second|third|quarter|both)\b",
            re.IGNORECASE,
        ),
    ),
    (
        Kind.NEGATION,
        re.compile(
            r"(?:未必|没有|并非|切勿|不(?!但|仅)(?!(?:(?<=[，。；,;！？\s]不)|(?<=^不))过)|没(?!有)|无(?!锡)|未(?!来)|非(?!常|洲)|勿|莫(?!名)|(?<!是)否(?!则)|(?<![特区分个级性类差辨识])别(?=[再让把被去来做说动忘])|禁止|严禁|拒绝|从未|毫无|缺乏)"
            r"|\b(?:not|no|never|none|nor|neither|nobody|nothing|nowhere|without|cannot|can't|hardly|scarcely|barely|except|unless|only)\b"
            r"|\b\w+n['’]t\b",
            re.IGNORECASE,
        ),
    ),
)
#: Capitals inside a sentence, and acronyms anywhere.
_EN_NAME = re.compile(
    r"\b[A-Z]{2,}[A-Za-z0-9&.-]*\b|(?<=[a-z,;:]\s)[A-Z][\w'’&-]+(?:\s+(?:(?:of|and|the|de|van|von)\s+)?[A-Z][\w'’&-]+)*"
    r"|\b(?:Mr|Mrs|Ms|Dr|Prof)\.?\s+[A-Z]\w+|(?<![.!?]\s)(?<!^)\b[A-Z][a-z]+(?:\s+[A-Z][a-z]+)+"
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
#: jieba's tags of people, places, organizations, works.
_NAME_TAGS = frozenset({"nr", "nrt", "nrfg", "ns", "nt", "nz"})


class Protector:
    """Finds what is protected in texts, with the terms of a glossary version."""

    def __init__(self, matcher: Matcher | None = None, *, concepts_only: bool = False) -> None:
        self._matcher = matcher
        #: Whether a term is compared by its concept: then another allowed term of it may stand for it.
        self._concepts_only = concepts_only

    def spans(self, text: str, label: str | None = None) -> list[Span]:
        """The spans in order; none overlaps another."""
        found: list[Span] = []
        taken = bytearray(len(text))
        finders: list[Callable[[], Iterable[Span]]] = [lambda: self._terms(text)]
        patterns = [_of_pattern(kind, pattern, text) for kind, pattern in _PATTERNS]
        ordered = [
            *patterns[:2],
            *patterns[2:4],
            *(finder() for finder in finders),
            *patterns[4:],
            self._names(text),
        ]
        if label:
            ordered.insert(0, _of_pattern(Kind.LABEL, re.compile(re.escape(label), re.IGNORECASE), text))
        for spans in ordered:
            for span in spans:
                if span.start < span.end and not any(taken[span.start : span.end]):
                    taken[span.start : span.end] = b"\1" * (span.end - span.start)
                    found.append(span)
        return sorted(found, key=lambda span: span.start)

    def counts(self, text: str) -> Counter[tuple[Kind, str]]:
        """How often each strictly protected thing stands in a text."""
        return Counter((span.kind, span.key) for span in self.spans(text) if span.kind in STRICT)

    def _terms(self, text: str) -> list[Span]:
        if self._matcher is None:
            return []
        by_place: dict[tuple[int, int], list[str]] = {}
        for hit in self._matcher.find(text):
            key = hit.concept if self._concepts_only else text[hit.start : hit.end]
            by_place.setdefault((hit.start, hit.end), []).append(key)
        return [
            Span(start, end, Kind.TERM, "\n".join(sorted(set(keys))))
            for (start, end), keys in by_place.items()
        ]

    def _names(self, text: str) -> list[Span]:
        spans = [Span(match.start(), match.end(), Kind.NAME, match[0]) for match in _EN_NAME.finditer(text)]
        if _HAN.search(text):
            place = 0
            for word, tag in tagged(text):
                if tag in _NAME_TAGS and len(word) > 1 and _HAN.search(word):
                    spans.append(Span(place, place + len(word), Kind.NAME, word))
                place += len(word)
        return spans


def _of_pattern(kind: Kind, pattern: re.Pattern[str], text: str) -> list[Span]:
    return [Span(match.start(), match.end(), kind, _key(kind, match[0])) for match in pattern.finditer(text)]


def _key(kind: Kind, text: str) -> str:
    """What a span is compared by: a number without its spaces, a negation without its case, all else as it stands."""
    if kind is Kind.NUMBER:
        return "".join(text.split()).casefold()
    return text.casefold().replace("’", "'") if kind is Kind.NEGATION else text


def tagged(text: str) -> list[tuple[str, str]]:
    """Words and their tags; the words together are the text."""
    return [(pair.word, pair.flag) for pair in _tagger().cut(text)]


@cache
def _tagger() -> Any:
    """jieba's tagger, which takes a second and 100 MB to load: only where Chinese is augmented."""
    with warnings.catch_warnings():
        # jieba 0.42 has escapes in its patterns that Python 3.11 wonders about, and asks for pkg_resources.
        warnings.simplefilter("ignore")
        import jieba
        import jieba.posseg

        jieba.setLogLevel(logging.WARNING)
        jieba.posseg.initialize()
    return jieba.posseg
