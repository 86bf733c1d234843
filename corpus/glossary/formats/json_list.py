"""Glossaries in JSON: our own export, answers of the API, and simple lists, one item at a time in small memory.

Read is the first list of objects: {"concepts": [...]} or {"data": [...]} around it, or alone. Its items are concepts, objects
with `term` and `lang`, with `source`, `target` and their languages, or objects whose keys are languages. One such item a line
(.jsonl) is read too.
"""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.errors import JsonInvalid, LineTooLong, NestingTooDeep, RowInvalid
from corpus.formats.json_line import MAX_DEPTH, decode_line
from corpus.formats.text import MAX_LINE_BYTES, Line, OnBytes, check_text, detect_encoding, read_lines
from corpus.glossary.draft import ConceptDraft, TermDraft
from corpus.glossary.formats.columns import Meaning
from corpus.glossary.formats.languages import BY_NAME, language_of
from corpus.glossary.formats.names import STATUSES
from corpus.glossary.formats.table import read_status, read_term_cell, uid_of
from corpus.glossary.terms import MatchPolicy, Status

_MARK = re.compile(r'["{}\[\]]')
_CONCEPT_TEXTS = {
    "subject_field": "subject_field",
    "domain": "subject_field",
    "note": "note",
    "source": "source",
}
_TERM_TEXTS = ("part_of_speech", "term_type", "note")
#: Computed, or ours to know: nothing is lost with them.
_PASSED = frozenset({"norm_key", "content_hash", "object", "id"})
_TERM_OWN = frozenset({"text", "term", "lang", "language", "concept", *_PASSED})
_PAIR = ("source", "target")
_CHUNK = 256 * 1024


def read_json(path: Path, on_bytes: OnBytes | None = None, *, lines: bool = False) -> Iterator[ConceptDraft]:
    """The concepts of a JSON file; `lines`: of one with a value a line.

    Raises JsonInvalid, RowInvalid, LineTooLong, NestingTooDeep, EncodingInvalid, NulInText.
    """
    items = (
        (line for line in read_lines(path, on_bytes) if line.text.strip())
        if lines
        else _items(path, on_bytes)
    )
    for item in items:
        yield read_item(decode_line(item), item.number)


def read_item(item: Any, line: int) -> ConceptDraft:
    """The concept that one item of a list says."""
    if isinstance(item, dict) and isinstance(item.get("terms"), list):
        return _read_concept(item, line)
    if isinstance(item, dict) and isinstance(item.get("term"), str):
        return _read_single(item, line)
    if isinstance(item, dict) and all(isinstance(item.get(name), str) for name in _PAIR):
        return _read_pair(item, line)
    if isinstance(item, dict):
        return _read_by_language(item, line)
    raise RowInvalid(
        line=line, field="an item", reason="is neither a concept, a term nor an object of languages"
    )


def _read_single(item: dict[str, Any], line: int) -> ConceptDraft:
    """A term, which may name others beside it: {"term": ..., "lang": ..., "synonyms": [...], "translations": {...}}."""
    draft = ConceptDraft(line=line, column=None, uid="")
    others = {name: value for name, value in item.items() if _status_named(name) or name == "translations"}
    own = {name: value for name, value in item.items() if name not in others and name != "term"}
    term = _read_term({"text": item["term"], **own}, draft, line)
    draft.terms.append(term)
    for name, value in others.items():
        if (status := _status_named(name)) is not None:
            _read_status_key(draft, term.lang, status, value, line)
        elif isinstance(value, dict):
            for lang, texts in value.items():
                _read_terms(draft, lang, texts, line)
        else:
            draft.add_extra(name, _text(value, name, line))
    uid = item.get("concept") or item.get("id")
    draft.uid = _text(uid, "id", line) if uid else uid_of(term.lang, term.text)
    return draft


def _read_pair(item: dict[str, Any], line: int) -> ConceptDraft:
    """{"source": ..., "target": ..., "source_lang": ..., "target_lang": ...}; without languages it is no term of any."""
    langs = {
        side: next((str(item[name]) for name in (f"{side}_lang", f"{side}_language") if item.get(name)), "")
        for side in _PAIR
    }
    rest = {name: value for name, value in item.items() if name.split("_")[0] not in _PAIR}
    return _read_by_language({langs[side] or side: item[side] for side in _PAIR} | rest, line)


def _read_concept(item: dict[str, Any], line: int) -> ConceptDraft:
    uid = item.get("uid") or item.get("id") or item.get("concept") or ""
    draft = ConceptDraft(line=line, column=None, uid=_text(uid, "uid", line))
    for term in _list(item["terms"], "terms", line):
        draft.terms.append(_read_term(_object(term, "terms", line), draft, line))
    for name, value in item.items():
        if value is not None and name not in {"uid", "terms", "concept", *_PASSED}:
            _read_concept_key(draft, name, value, line)
    if not draft.uid and draft.terms:
        draft.uid = uid_of(draft.terms[0].lang, draft.terms[0].text)
    return draft


def _read_concept_key(draft: ConceptDraft, name: str, value: Any, line: int) -> None:
    if name in _CONCEPT_TEXTS:
        draft.add(_CONCEPT_TEXTS[name], _text(value, name, line))
    elif name == "definitions":
        for lang, text in _object(value, name, line).items():
            draft.add_definition(lang, _text(text, name, line), line=line, column=None)
    elif name in ("definition", "description") and draft.terms:
        draft.add_definition(draft.terms[0].lang, _text(value, name, line), line=line, column=None)
    elif name == "broader":
        draft.broader += [_text(each, name, line) for each in _list(value, name, line)]
    elif name == "extra":
        _read_extra(draft, value, line)
    else:
        draft.add_extra(name, _text(value, name, line))


def _read_term(item: dict[str, Any], concept: ConceptDraft, line: int) -> TermDraft:
    said = _text(item.get("lang") or item.get("language") or "", "lang", line)
    lang = BY_NAME.get(said.strip().lower(), said)
    draft = TermDraft(line=line, column=None, lang=lang, text="")
    draft.text = _text(item.get("text") or item.get("term") or "", "text", line)
    for name, value in item.items():
        if value is None or name in _TERM_OWN or _read_typed(draft, name, value, line):
            continue
        if isinstance(value, bool) and (status := _status_named(name)) is not None:
            draft.status = status if value else draft.status
            continue
        if name == "contexts":
            draft.contexts += [_text(each, name, line) for each in _list(value, name, line)]
        elif name == "definition":
            concept.add_definition(draft.lang, _text(value, name, line), line=line, column=None)
        elif name == "extra":
            _read_extra(draft, value, line)
        else:
            read_term_cell(draft, Meaning("extra", name=name), _text(value, name, line), line)
    return draft


def _read_typed(draft: TermDraft, name: str, value: Any, line: int) -> bool:
    """Whether the value is one with a type of its own, which the draft has then."""
    if name == "status":
        read_status(draft, _text(value, name, line), line)
    elif name == "pos":
        draft.fields["part_of_speech"] = _text(value, name, line)
    elif name in _TERM_TEXTS:
        draft.fields[name] = _text(value, name, line)
    elif name in ("case_sensitive", "do_not_translate") and isinstance(value, bool):
        draft.fields[name] = value
    elif name == "match" and value in tuple(MatchPolicy):
        draft.fields[name] = MatchPolicy(value)
    else:
        return False
    return True


def _read_extra(draft: ConceptDraft | TermDraft, value: Any, line: int) -> None:
    for name, texts in _object(value, "extra", line).items():
        for text in _list(texts, "extra", line):
            draft.add_extra(name, _text(text, "extra", line))


def _read_by_language(item: dict[str, Any], line: int) -> ConceptDraft:
    """Keys that are languages hold a term, a list of them or an object with a term; the others are further fields."""
    draft = ConceptDraft(line=line, column=None, uid="")
    later: list[tuple[str, Any]] = []
    for name, value in item.items():
        lang = language_of(name)
        if name in ("id", "uid", "concept", "concept_id"):
            draft.uid = _text(value, name, line)
        elif lang and isinstance(value, str | list | dict):
            _read_terms(draft, lang, value, line)
        elif value is not None:
            later.append((name, value))
    if not draft.terms:
        reason = "has no term in a language; its keys are " + ", ".join(item)[:80]
        raise RowInvalid(line=line, field="an item", reason=reason)
    # What is said of the terms comes when all of them are there.
    for name, value in later:
        _read_beside(draft, name, value, line)
    draft.uid = draft.uid or uid_of(draft.terms[0].lang, draft.terms[0].text)
    return draft


def _read_beside(draft: ConceptDraft, name: str, value: Any, line: int) -> None:
    first = draft.terms[0].lang
    if name in ("definition", "description"):
        for lang, text in (value if isinstance(value, dict) else {first: value}).items():
            draft.add_definition(lang, _text(text, name, line), line=line, column=None)
    elif (status := _status_named(name)) is not None:
        for lang, texts in (value if isinstance(value, dict) else {first: value}).items():
            _read_status_key(draft, lang, status, texts, line)
    elif name in _CONCEPT_TEXTS:
        draft.add(_CONCEPT_TEXTS[name], _text(value, name, line))
    else:
        draft.add_extra(name, _text(value, name, line))


def _read_terms(draft: ConceptDraft, lang: str, value: Any, line: int) -> None:
    """The terms of one language: a text, an object with a term, or a list of such; the first is preferred."""
    lang = language_of(lang) or lang
    for number, each in enumerate(value if isinstance(value, list) else [value]):
        status = Status.ADMITTED if number else Status.PREFERRED
        if isinstance(each, dict):
            term = _read_term({**each, "lang": lang}, draft, line)
            term.status = term.status or status
        else:
            text = _text(each, lang, line)
            term = TermDraft(line=line, column=None, lang=lang, text=text, status=status)
        draft.terms.append(term)


def _status_named(name: str) -> Status | None:
    """The status that a key such as "synonyms" or "forbidden_terms" gives the terms in it."""
    return STATUSES.get(name.lower().replace("_", " "))


def _read_status_key(draft: ConceptDraft, lang: str, status: Status, value: Any, line: int) -> None:
    """The terms of a key that says their status; true and false say it of the terms that are there."""
    lang = language_of(lang) or lang
    if isinstance(value, bool):
        for term in draft.terms:
            term.status = status if value and term.lang == lang else term.status
        return
    for each in value if isinstance(value, list) else [value]:
        text = _text(each, status, line)
        draft.terms.append(TermDraft(line=line, column=None, lang=lang, text=text, status=status))


def _text(value: Any, field: str, line: int) -> str:
    """A text; a number or a nested value as it is written."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float | dict | list):
        return json.dumps(value, ensure_ascii=False)
    if value is None:
        return ""
    raise RowInvalid(line=line, field=field, reason="is not text")


def _list(value: Any, field: str, line: int) -> list[Any]:
    if not isinstance(value, list):
        raise RowInvalid(line=line, field=field, reason="is not a list")
    return value


def _object(value: Any, field: str, line: int) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RowInvalid(line=line, field=field, reason="is not an object")
    return value


def _items(path: Path, on_bytes: OnBytes | None) -> Iterator[Line]:
    """Each object of the file's first list of objects as a text of its own, with the line it begins on."""
    with path.open("rb") as file:
        encoding, bom = detect_encoding(file.read(4096))
    check_text(path, encoding)
    scanner = _Scanner()
    with path.open("rb") as file, io.TextIOWrapper(file, encoding=encoding, newline="") as text:
        text.read(1 if bom else 0)
        while chunk := text.read(_CHUNK):
            yield from scanner.feed(chunk)
            if on_bytes is not None:
                on_bytes(file.tell())
    scanner.close()


class _Scanner:
    """Finds where the objects of a list begin and end, and leaves all else to the decoder."""

    def __init__(self) -> None:
        self.line = 1
        self._text = ""
        self._depth = 0
        self._list_depth: int | None = None
        self._item: int | None = None
        self._position = 0
        self._in_string = False
        self._seen = False
        self._ended = False
        #: What stands between two items: a comma and nothing else.
        self._gap = ""

    def feed(self, chunk: str) -> Iterator[Line]:
        """The items that are whole by now."""
        self._text += chunk
        while (place := self._next()) is not None:
            item = self._mark(place)
            if item is not None:
                yield item
        if self._item is None:
            self._forget(self._position)
        elif len(self._text) - self._item > MAX_LINE_BYTES:
            raise LineTooLong(line=self.line, limit_bytes=MAX_LINE_BYTES)

    def close(self) -> None:
        """Raises JsonInvalid where the list never ended."""
        if not self._ended:
            reason = "the file ends before its list does" if self._seen else "it has no list of objects"
            raise JsonInvalid(line=self.line, column=None, reason=reason)

    def _next(self) -> int | None:
        """The next brace or bracket outside of texts, or nothing in what is known so far."""
        while True:
            if self._in_string:
                end = self._string_end()
                if end is None:
                    return None
                self._position, self._in_string = end, False
            match = _MARK.search(self._text, self._position)
            if match is None:
                self._position = len(self._text)
                return None
            self._position = match.end()
            if match[0] != '"':
                return match.start()
            self._in_string = True

    def _string_end(self) -> int | None:
        place = self._position
        while True:
            quote = self._text.find('"', place)
            if quote < 0:
                # A backslash at the end may escape what comes next.
                self._position = len(self._text) - _backslashes(self._text, len(self._text))
                return None
            if _backslashes(self._text, quote) % 2 == 0:
                return quote + 1
            place = quote + 1

    def _mark(self, place: int) -> Line | None:
        char = self._text[place]
        if char in "[{":
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise NestingTooDeep(line=self.line + self._text.count("\n", 0, place), limit=MAX_DEPTH)
            if char == "[" and self._list_depth is None and self._depth <= 2:
                self._forget(self._position)
                self._list_depth, self._gap = self._depth, ""
            elif char == "{" and self._list_depth is not None and self._depth == self._list_depth + 1:
                self._forget(place)
                self._check_gap("," if self._seen else "")
                self._item, self._seen = 0, True
            return None
        self._depth -= 1
        if self._list_depth is not None and not self._ended and self._depth < self._list_depth:
            self._forget(place)
            self._check_gap("")
            self._list_depth, self._ended = 99, True
        if self._item is not None and self._depth == self._list_depth:
            item = Line(self.line, self._text[: self._position])
            self._forget(self._position)
            self._item, self._gap = None, ""
            return item
        return None

    def _check_gap(self, expected: str) -> None:
        if self._gap.strip() != expected:
            reason = f"an item of the list is not an object: {self._gap.strip(', ')[:40]!r}"
            raise JsonInvalid(line=self.line, column=None, reason=reason)

    def _forget(self, upto: int) -> None:
        if self._item is None and not self._ended:
            self._gap = (self._gap + self._text[:upto].strip())[:200]
        self.line += self._text.count("\n", 0, upto)
        self._text = self._text[upto:]
        self._position -= upto


def _backslashes(text: str, end: int) -> int:
    """How many stand directly before a place."""
    start = end
    while start > 0 and text[start - 1] == "\\":
        start -= 1
    return end - start
