"""Glossaries in JSON: our own export, answers of the API, and simple lists, one item at a time in small memory.

Read is the first list of objects: {"concepts": [...]} or {"data": [...]} around it, or alone. Its items are concepts, objects
with `term` and `lang`, or objects whose keys are languages. One such item a line (.jsonl) is read too.
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
from corpus.glossary.errors import StatusInvalid
from corpus.glossary.formats.columns import Meaning
from corpus.glossary.formats.languages import language_of
from corpus.glossary.formats.statuses import status_of
from corpus.glossary.formats.table import read_term_cell, uid_of
from corpus.glossary.terms import MatchPolicy, Status

_MARK = re.compile(r'["{}\[\]]')
_CONCEPT_TEXTS = ("subject_field", "note", "source")
_TERM_TEXTS = ("part_of_speech", "term_type", "note")
#: Computed, or ours to know: nothing is lost with them.
_PASSED = frozenset({"norm_key", "content_hash", "object", "id"})
_TERM_OWN = frozenset({"text", "term", "lang", "language", "concept", *_PASSED})
_CHUNK = 256 * 1024


def read_json(path: Path, on_bytes: OnBytes | None = None, *, lines: bool = False) -> Iterator[ConceptDraft]:
    """The concepts of a JSON file; `lines`: of one with a value a line.

    Raises JsonInvalid, RowInvalid, StatusInvalid, LineTooLong, NestingTooDeep, EncodingInvalid, NulInText.
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
        draft = ConceptDraft(line=line, column=None, uid="")
        term = _read_term(
            {"text": item["term"], **{k: v for k, v in item.items() if k != "term"}}, draft, line
        )
        draft.terms.append(term)
        draft.uid = str(item.get("concept") or item.get("id") or uid_of(term.lang, term.text))
        return draft
    if isinstance(item, dict):
        return _read_by_language(item, line)
    raise RowInvalid(
        line=line, field="an item", reason="is neither a concept, a term nor an object of languages"
    )


def _read_concept(item: dict[str, Any], line: int) -> ConceptDraft:
    uid = item.get("uid") or item.get("id") or item.get("concept") or ""
    draft = ConceptDraft(line=line, column=None, uid=_text(uid, "uid", line))
    for name, value in item.items():
        if name in _CONCEPT_TEXTS and value is not None:
            draft.add(name, _text(value, name, line))
        elif name == "definitions":
            for lang, text in _object(value, name, line).items():
                draft.add_definition(lang, _text(text, name, line), line=line, column=None)
        elif name == "broader":
            draft.broader += [_text(each, name, line) for each in _list(value, name, line)]
        elif name == "extra":
            _read_extra(draft, value, line)
        elif name not in {"uid", "terms", "concept", *_PASSED, *_CONCEPT_TEXTS}:
            draft.add_extra(name, _text(value, name, line))
    for term in _list(item["terms"], "terms", line):
        draft.terms.append(_read_term(_object(term, "terms", line), draft, line))
    if not draft.uid and draft.terms:
        draft.uid = uid_of(draft.terms[0].lang, draft.terms[0].text)
    return draft


def _read_term(item: dict[str, Any], concept: ConceptDraft, line: int) -> TermDraft:
    lang = item.get("lang") or item.get("language") or ""
    draft = TermDraft(line=line, column=None, lang=_text(lang, "lang", line), text="")
    draft.text = _text(item.get("text") or item.get("term") or "", "text", line)
    for name, value in item.items():
        if value is None or name in _TERM_OWN or _read_typed(draft, name, value, line):
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
        draft.status = status_of(_text(value, name, line))
        if draft.status is None:
            raise StatusInvalid(line=line, status=str(value)[:80])
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
    """Keys that are languages hold a term or a list of them; the others are further fields."""
    draft = ConceptDraft(line=line, column=None, uid="")
    for name, value in item.items():
        lang = language_of(name)
        if name in ("id", "uid", "concept", "concept_id"):
            draft.uid = _text(value, name, line)
        elif lang and isinstance(value, str | list):
            for number, text in enumerate([value] if isinstance(value, str) else value):
                status = Status.ADMITTED if number else Status.PREFERRED
                draft.terms.append(
                    TermDraft(line=line, column=None, lang=lang, text=_text(text, name, line), status=status)
                )
        elif name in ("definition", "description") and draft.terms:
            draft.add_definition(draft.terms[0].lang, _text(value, name, line), line=line, column=None)
        elif name in ("note", "source", "domain", "subject_field"):
            draft.add("subject_field" if name == "domain" else name, _text(value, name, line))
        elif value is not None:
            draft.add_extra(name, _text(value, name, line))
    if not draft.terms:
        raise RowInvalid(
            line=line,
            field="an item",
            reason="has no term in a language; its keys are " + ", ".join(item)[:80],
        )
    draft.uid = draft.uid or uid_of(draft.terms[0].lang, draft.terms[0].text)
    return draft


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
