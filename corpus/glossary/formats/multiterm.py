"""MultiTerm XML in: mtf > conceptGrp > languageGrp > termGrp, with descriptive fields that every house names its own way."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from corpus.formats.text import OnBytes
from corpus.glossary.draft import ConceptDraft, TermDraft
from corpus.glossary.errors import StatusInvalid, TbxInvalid
from corpus.glossary.formats.columns import guess
from corpus.glossary.formats.languages import language_of
from corpus.glossary.formats.statuses import says_otherwise, status_of
from corpus.glossary.formats.table import lines_of
from corpus.glossary.formats.xml_nodes import Node, read_nodes, root_of


def read_multiterm(
    path: Path, unread: Counter[str], on_bytes: OnBytes | None = None
) -> Iterator[ConceptDraft]:
    """The concepts of a MultiTerm export. `unread` counts the dates and names of editing, which are not kept.

    Raises TbxInvalid for an entry without terms' languages, and what `read_nodes` raises.
    """
    root = root_of(path)
    if root.name != "mtf":
        raise TbxInvalid(line=root.line, column=root.column, reason=f"its root is {root.name}, not mtf")
    for number, (_, node) in enumerate(read_nodes(path, frozenset({"conceptGrp"}), on_bytes), start=1):
        yield _read_concept(node, number, unread)


def _read_concept(node: Node, number: int, unread: Counter[str]) -> ConceptDraft:
    named = node.first("concept")
    uid = named.text if named is not None and named.text else str(number)
    draft = ConceptDraft(line=node.line, column=node.column, uid=uid)
    for child in node.children:
        match child.name:
            case "languageGrp":
                _read_language(child, draft, unread)
            case "descripGrp":
                _read_concept_field(child, draft, "")
            case "transacGrp":
                unread["transacGrp"] += 1
    return draft


def _read_language(node: Node, draft: ConceptDraft, unread: Counter[str]) -> None:
    said = node.first("language")
    attributes = said.attributes if said is not None else {}
    lang = language_of(attributes.get("lang", "")) or language_of(attributes.get("type", ""))
    if lang is None:
        reason = f"a languageGrp has no language that is known: {attributes.get('lang') or attributes.get('type')!r}"
        raise TbxInvalid(line=node.line, column=node.column, reason=reason)
    for child in node.children:
        match child.name:
            case "termGrp":
                draft.terms.append(_read_term(child, lang, draft, unread))
            case "descripGrp":
                _read_concept_field(child, draft, lang)
            case "transacGrp":
                unread["transacGrp"] += 1


def _read_term(node: Node, lang: str, draft: ConceptDraft, unread: Counter[str]) -> TermDraft:
    named = node.first("term")
    if named is None:
        raise TbxInvalid(line=node.line, column=node.column, reason="a termGrp has no term")
    term = TermDraft(line=named.line, column=named.column, lang=lang, text=named.text)
    for child in node.children:
        if child.name == "transacGrp":
            unread["transacGrp"] += 1
        if child.name != "descripGrp":
            continue
        for name, text in _fields(child):
            _read_term_field(term, draft, name, text, child)
    return term


def _read_term_field(term: TermDraft, draft: ConceptDraft, name: str, text: str, node: Node) -> None:
    field = guess(["term", "lang", name]).meanings[2].field
    status = status_of(text)
    if field == "status" and status is not None:
        term.status = status
    elif field == "status" and not says_otherwise(text):
        # Unknown, it may well say that the term must not be used.
        term.fault = StatusInvalid(line=node.line, column=node.column, status=text[:80])
    elif field in ("part_of_speech", "term_type"):
        term.fields[field] = text
    elif field == "term_note":
        term.add_note(text)
    elif field == "context":
        term.contexts += lines_of(text)
    elif field == "definition" and term.lang not in draft.definitions:
        draft.add_definition(term.lang, text, line=node.line, column=node.column)
    else:
        term.add_extra(name, text)


def _read_concept_field(node: Node, draft: ConceptDraft, lang: str) -> None:
    for name, text in _fields(node):
        field = guess(["en", name]).meanings[1].field
        if field == "definition":
            first = draft.terms[0].lang if draft.terms else "en"
            draft.add_definition(lang or first, text, line=node.line, column=node.column)
        elif field in ("subject_field", "source"):
            draft.add(field, text)
        elif field == "concept_note":
            draft.add("note", text)
        else:
            draft.add_extra(f"{name}@{lang}" if lang else name, text)


def _fields(group: Node) -> Iterator[tuple[str, str]]:
    """(name, text) of a group's field, and of those within it."""
    for child in group.children:
        if child.name == "descrip" and child.all_text:
            yield child.attributes.get("type") or "descrip", child.all_text
        elif child.name == "descripGrp":
            yield from _fields(child)
