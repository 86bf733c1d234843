"""A proposal for a table whose columns have no telling names: which hold the Chinese and which the English terms, by their script.

Nothing is read by it before a person said yes: Latin letters may be any of a hundred languages.
"""

from collections.abc import Sequence
from dataclasses import replace

from corpus.glossary.formats.columns import Meaning
from corpus.glossary.formats.names import FIELDS
from corpus.glossary.formats.rows import Table

_SHARE = 0.8
_MAX_CHARS = 80
#: Names of columns that hold the terms of a language that they do not tell.
_PAIR_NAMES = frozenset(
    {"source", "target", "translation", "source term", "target term", "source text", "target text"}
    | {"原文", "译文", "译名", "源术语", "目标术语", "源语言", "目标语言"}
)


def propose(table: Table, rows: Sequence[Sequence[str]]) -> tuple[list[Meaning], bool]:
    """The meanings of the columns with the terms' languages filled in where the rows tell them, and whether there is a header."""
    meanings = list(table.columns.meanings)
    # A row is only as long as what is shown of it.
    scripts = [_script_of([row[i] for row in rows if i < len(row)]) for i in range(len(meanings))]
    free = [place for place, each in enumerate(meanings) if _is_free(each)]
    named = [
        place
        for place in free
        if _plain(table.header[place]) in _PAIR_NAMES or meanings[place].field == "term"
    ]
    terms = {lang: next((p for p in (*named, *free) if scripts[p] == lang), None) for lang in ("zh", "en")}
    places = [place for place in terms.values() if place is not None]
    if len(places) < len(terms):
        return meanings, table.has_header
    for lang, place in terms.items():
        if place is not None:
            meanings[place] = replace(meanings[place], field="term", lang=lang, name="", status=None)
    first = meanings[min(places)].lang
    meanings = [replace(m, lang=first) if m.field == "term" and not m.lang else m for m in meanings]
    return meanings, table.has_header and not all(
        scripts[place] == _script_of([table.header[place]]) and not _is_name(table.header[place])
        for place in places
    )


def _is_free(meaning: Meaning) -> bool:
    return meaning.field in ("concept_extra", "extra", "source") or (meaning.is_term and meaning.lang is None)


def _is_name(cell: str) -> bool:
    return _plain(cell) in FIELDS or _plain(cell) in _PAIR_NAMES


def _plain(name: str) -> str:
    return " ".join(name.lower().replace("_", " ").split())


def _script_of(cells: Sequence[str]) -> str | None:
    """ "zh" for cells that are mostly Han, "en" for such in plain Latin letters, nothing for others."""
    texts = [cell for cell in cells if cell.strip()]
    if not texts or sum(map(len, texts)) > _MAX_CHARS * len(texts):
        return None
    han = sum(any("\u4e00" <= char <= "\u9fff" for char in text) for text in texts)
    latin = sum(text.isascii() and sum(map(str.isalpha, text)) * 2 > len(text) for text in texts)
    if any("\u3040" <= char <= "\u30ff" for text in texts for char in text):
        return None
    return "zh" if han >= _SHARE * len(texts) else "en" if latin >= _SHARE * len(texts) else None
