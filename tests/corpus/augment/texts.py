"""Rows with something to protect in each, made at run time from parts: terms, numbers, units, names, negation, code."""

import itertools
import json
import random
from collections.abc import Iterator

from corpus.glossary.terms import Concept, Term

TERMS = {
    "en": ("trade receivable", "net profit", "accrual", "gross margin"),
    "zh": ("应收账款", "净利润", "权责发生制", "毛利率"),
}
CONCEPTS = [
    Concept(
        uid=f"c{number}",
        terms=(
            Term(lang="en", text=english, case_sensitive=False),
            Term(lang="zh", text=chinese, case_sensitive=False),
            Term(lang="en", text=f"{english} amount", status="admitted", case_sensitive=False),
        ),
    )
    for number, (english, chinese) in enumerate(zip(TERMS["en"], TERMS["zh"], strict=True))
]
CONCEPT_LINES = "".join(concept.model_dump_json() + "\n" for concept in CONCEPTS).encode()

_EN = (
    "Can you explain why the {term} of {name} did not increase by {number}?",
    "Currently the {term} is {number}; tell me whether it is important for {name}.",
    "Please verify quickly that {placeholder} holds the {term} of {number} and never more.",
    "How do I obtain the {term} with `{code}` for example after {number}?",
    "Because the {term} fell by {number}, {name} wants to improve the method.",
    "Describe the difficult situation of the {term} in detail, without {placeholder}.",
)
_ZH = (
    "请问如何提高{name}的{term}？目前是{number}，没有变化。",
    "因为{term}降低了{number}，所以需要立即核对。",
    "请详细说明{term}的计算方法，例如{number}时，不要使用{placeholder}。",
    "{name}希望了解{term}的主要原因，但是无法获得{number}以上的数据。",
    "患者主诉头痛，医生建议检查{term}，费用为{number}。",
    "如果{term}超过{number}，怎样使用 `{code}` 迅速核实？",
)
_NAMES = ("Anna Miller", "Acme Corp", "IBM", "John Smith")
_ZH_NAMES = ("张伟", "北京大学", "王小明", "上海")
_CODE = ("get_total(x)", "rm -rf /tmp/a", "df.groupby('k')", "SELECT 1")
_PLACEHOLDERS = ("{amount}", "{{ name }}", "<date>", "%s")


def texts(count: int, seed: int = 3) -> Iterator[tuple[str, str, list[str]]]:
    """So many different texts, each with its language and the parts that were put in."""
    rng = random.Random(seed)
    seen: set[str] = set()
    for number in itertools.count():
        if len(seen) == count:
            return
        lang = ("en", "zh")[number % 2]
        parts = {
            "term": rng.choice(TERMS[lang]),
            "name": rng.choice(_NAMES if lang == "en" else _ZH_NAMES),
            "number": _number(rng, lang),
            "code": rng.choice(_CODE),
            "placeholder": rng.choice(_PLACEHOLDERS),
        }
        text = rng.choice(_EN if lang == "en" else _ZH).format(**parts)
        if text not in seen:
            seen.add(text)
            yield lang, text, [part for part in parts.values() if part in text]


def _number(rng: random.Random, lang: str) -> str:
    value = rng.randint(2, 9999)
    units = ("%", " kg", " million", " USD") if lang == "en" else ("%", "万元", "公斤", "美元")
    return rng.choice((f"{value:,}", f"{value / 10}", str(value))) + rng.choice(units)


def rows(count: int, seed: int = 3) -> bytes:
    """A split of chats that ask these texts."""
    lines = []
    for lang, text, parts in texts(count, seed):
        answer = "See the handbook." if lang == "en" else "请见手册。"
        messages = [{"role": "user", "content": text}, {"role": "assistant", "content": answer}]
        lines.append(
            json.dumps({"messages": messages, "lang": lang, "parts": parts}, ensure_ascii=False) + "\n"
        )
    return "".join(lines).encode()
