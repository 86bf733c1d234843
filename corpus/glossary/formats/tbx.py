"""TBX in: ISO 30042:2019 (v3; DCA and DCT; Core, Min, Basic and others), the older martif form (v2) and the first TBX-Min.

What an element is, is said by its type in DCA and by its name in DCT; both end in one word, and a word that means nothing
here is kept as a further field. A group of several elements is kept as its XML, so that an export gives it back.
"""

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from corpus.errors import CorpusError
from corpus.formats.text import OnBytes
from corpus.glossary.draft import ConceptDraft, TermDraft
from corpus.glossary.errors import StatusInvalid, TbxInvalid
from corpus.glossary.formats.statuses import says_otherwise, status_of
from corpus.glossary.formats.table import uid_of
from corpus.glossary.formats.xml_nodes import Node, read_nodes, root_of, stream_nodes
from corpus.glossary.terms import MatchPolicy, Status

ROOTS = frozenset({"tbx", "martif", "TBX"})
#: The further field that holds groups as XML.
GROUP = "tbx"
_CONCEPT = frozenset({"conceptEntry", "termEntry", "entry"})
_LANG = frozenset({"langSec", "langSet", "langGroup"})
_TERM = frozenset({"termSec", "tig", "ntig", "termGroup"})
#: Groups stand around the element that matters.
_GROUPS = frozenset({"descripGrp", "termGrp", "termNoteGrp", "adminGrp", "noteGrp"})
_STRUCTURE = _CONCEPT | _LANG | _TERM | _GROUPS | {"term", "field", "note"}
#: DCA elements whose `type` says what they are; DCT says it by the element's name.
_TYPED = frozenset(
    {"termNote", "descrip", "admin", "ref", "xref", "adminNote", "descripNote", "transac", "transacNote"}
)
_PLAIN = frozenset({"type", "xml:lang", "id", "module", "name"})
#: Before the name of a further field that would else read as something with a meaning.
EXTRA = "extra:"

_BROADER = frozenset({"superordinateConceptGeneric", "broaderConceptGeneric"})
_TRANSLATION = frozenset({"Translation needed", "translationNeeded"})
#: Words with a meaning on a concept and its languages, and on a term.
CONCEPT_WORDS = frozenset({"definition", "subjectField", "source", "note", "x-id", *_BROADER, *_TRANSLATION})
_STATUS_WORDS = frozenset({"administrativeStatus", "normativeAuthorization", "termStatus"})
_TEXTS = {"partOfSpeech": "part_of_speech", "termType": "term_type"}
_FLAGS = frozenset({"x-forbidden", "x-case-sensitive", "x-do-not-translate"})
#: Phrase's words, each with "true" or "false".
_PHRASE = frozenset({"forbidden", "preferred", "caseSensitive", "exactMatch"})
TERM_WORDS = frozenset(
    {"context", "note", "definition", "x-match", *_STATUS_WORDS, *_TEXTS, *_FLAGS, *_PHRASE, *_TRANSLATION}
)


def read_tbx(path: Path, unread: Counter[str], on_bytes: OnBytes | None = None) -> Iterator[ConceptDraft]:
    """The concepts of a TBX file, one at a time. `unread` counts the elements that are not kept.

    Raises TbxInvalid and what `read_nodes` raises.
    """
    root = root_of(path)
    if root.name not in ROOTS:
        reason = f"its root is {root.name}, not tbx or martif"
        raise TbxInvalid(line=root.line, column=root.column, reason=reason)
    for _, node in read_nodes(path, _CONCEPT, on_bytes):
        yield _ConceptReader(root.lang or "en", unread).read(node)


def says(node: Node) -> str:
    """What the element is: its type in DCA, its name in DCT, its name's attribute in our own module."""
    if node.name == "field":
        return node.attributes.get("name", "")
    return node.attributes.get("type", "") if node.name in _TYPED else node.name


def as_xml(node: Node, *, is_inline: bool = False) -> str:
    """The element on one line, with local names alone; one within a sentence keeps the spaces at its ends."""
    attributes = "".join(
        f" {name.rsplit(':', 1)[-1] if name != 'xml:lang' else name}={quoteattr(value)}"
        for name, value in sorted(node.attributes.items())
        if not name.startswith("xmlns")
    )
    # White space between elements counts where a sentence runs through them, and is layout elsewhere.
    is_mixed = bool(node.text) and (is_inline or bool(node.children))
    inner = "".join(
        as_xml(part, is_inline=is_mixed)
        if isinstance(part, Node)
        else escape(_spaced(part))
        if node.text
        else ""
        for part in node.parts
    )
    return f"<{node.name}{attributes}>{inner if is_inline else inner.strip()}</{node.name}>"


def _spaced(text: str) -> str:
    """The text with each run of white space made one space."""
    return re.sub(r"\s+", " ", text)


class _ConceptReader:
    """One concept's tree read into a draft."""

    def __init__(self, root_lang: str, unread: Counter[str]) -> None:
        self._root_lang = root_lang
        self._unread = unread
        self._untranslated = False

    def read(self, node: Node) -> ConceptDraft:
        draft = ConceptDraft(line=node.line, column=node.column, uid=node.attributes.get("id", ""))
        for child in _flat(node.children):
            if child.name in _LANG:
                self._read_lang(child, draft)
            else:
                self._read_concept_part(child, draft, child.lang or self._root_lang, "")
        if self._untranslated:
            for term in draft.terms:
                term.fields["do_not_translate"] = True
        if not draft.uid.strip() and draft.terms:
            # An id is optional in TBX v2, and many tools write none.
            draft.uid = uid_of(draft.terms[0].lang, draft.terms[0].text)
        elif not draft.uid.strip():
            reason = f"a {node.name} has neither an id nor a term"
            draft.fault = TbxInvalid(line=node.line, column=node.column, reason=reason)
        return draft

    def _read_lang(self, node: Node, draft: ConceptDraft) -> None:
        lang = node.lang or node.attributes.get("code", "")
        if not lang:
            raise TbxInvalid(line=node.line, column=node.column, reason=f"a {node.name} has no xml:lang")
        for child in _flat(node.children):
            if child.name in _TERM:
                draft.terms.append(self._read_term(child, lang, draft))
            else:
                self._read_concept_part(child, draft, child.lang or lang, lang)

    def _read_concept_part(self, node: Node, draft: ConceptDraft, lang: str, within: str) -> None:
        if node.children or not node.text:
            _read_linked_definition(node, draft, lang)
            self._keep_group(node, draft, within)
            return
        match says(node):
            case "definition":
                draft.add_definition(lang, node.text, line=node.line, column=node.column)
            case "subjectField" if not within:
                draft.add("subject_field", node.text)
            case "source":
                draft.add("source", node.text)
            case "note":
                draft.add("note", node.text)
            case "x-id":
                draft.uid = node.text
            case word if word in _TRANSLATION:
                self._untranslated = node.text.lower() == "no"
            case word if word in _BROADER:
                draft.broader.append(node.attributes.get("target") or node.text)
            case other if _is_plain(node):
                draft.add_extra(_within(other.removeprefix(EXTRA) or node.name, within), node.text)
            case _:
                self._keep_group(node, draft, within)

    def _keep_group(self, node: Node, draft: ConceptDraft, within: str) -> None:
        if node.text or node.children:
            draft.add_extra(_within(GROUP, within), as_xml(node))
        elif node.attributes:
            self._unread[says(node) or node.name] += 1

    def _read_term(self, node: Node, lang: str, concept: ConceptDraft) -> TermDraft:
        children = list(_flat(node.children))
        terms = [child for child in children if child.name == "term"]
        if len(terms) != 1:
            reason = f"a {node.name} has {len(terms)} term elements instead of one"
            raise TbxInvalid(line=node.line, column=node.column, reason=reason)
        term = terms[0]
        draft = TermDraft(line=term.line, column=term.column, lang=lang, text=term.text)
        for child in children:
            if child is not term and (child.text or child.children):
                self._read_term_part(child, draft, concept)
        if draft.forbidden and draft.status in (None, Status.DEPRECATED):
            draft.status = Status.FORBIDDEN
        return draft

    def _read_term_part(self, node: Node, draft: TermDraft, concept: ConceptDraft) -> None:
        word = says(node)
        if node.children or not _is_plain(node):
            _read_linked_context(node, draft)
            draft.add_extra(GROUP, as_xml(node))
        elif word in _STATUS_WORDS:
            _read_status(draft, word, node)
        elif word in _PHRASE and node.text.lower() in ("true", "false"):
            _read_phrase_flag(word, node.text.lower() == "true", draft)
        elif word in _TEXTS:
            draft.fields[_TEXTS[word]] = node.text
        elif word in _FLAGS or word in _TRANSLATION:
            _read_flag(word, node.text, draft)
        elif word == "x-match" and node.text in tuple(MatchPolicy):
            draft.fields["match"] = MatchPolicy(node.text)
        elif word == "context":
            draft.contexts.append(node.text)
        elif word == "note":
            draft.add_note(node.text)
        elif word == "definition" and draft.lang not in concept.definitions:
            concept.add_definition(draft.lang, node.text, line=node.line, column=node.column)
        else:
            draft.add_extra(word.removeprefix(EXTRA) or node.name, node.text)


def _read_flag(word: str, text: str, draft: TermDraft) -> None:
    yes = text.lower() in ("true", "yes", "1")
    match word:
        case "x-forbidden":
            draft.forbidden = yes
        case "x-case-sensitive":
            draft.fields["case_sensitive"] = yes
        case "x-do-not-translate":
            draft.fields["do_not_translate"] = yes
        case _:
            draft.fields["do_not_translate"] = text.lower() == "no"


def group_of(text: str) -> str | None:
    """The text, where it is a group as `as_xml` writes it, which reading would keep as such a group; else nothing."""
    if not text.startswith("<"):
        return None
    names = frozenset(match[1:] for match in re.findall(r"<[A-Za-z]+", text[:64])[:1])
    try:
        nodes = [node for _, node in stream_nodes(io.BytesIO(text.encode()), names)]
    except CorpusError:
        return None
    if len(nodes) != 1 or as_xml(nodes[0]) != text or nodes[0].name in _STRUCTURE:
        return None
    return text if nodes[0].children or not _is_plain(nodes[0]) else None


def _is_plain(node: Node) -> bool:
    """Whether word and text are all the element says."""
    return not (node.attributes.keys() - _PLAIN)


def _within(word: str, lang: str) -> str:
    return f"{word}@{lang}" if lang else word


def _flat(nodes: Iterable[Node]) -> Iterator[Node]:
    """Nodes with the groups around them taken away."""
    for node in nodes:
        if node.name in _GROUPS:
            yield from _flat(node.children)
        else:
            yield node


def _read_linked_definition(node: Node, draft: ConceptDraft, lang: str) -> None:
    """A sentence with a link or a mark in it is a definition all the same; the group that is kept beside it has them."""
    is_new = node.all_text not in " ".join(draft.definitions.values())
    if says(node) == "definition" and node.text and is_new:
        draft.add_definition(lang, node.all_text, line=node.line, column=node.column)


def _read_linked_context(node: Node, draft: TermDraft) -> None:
    """As for a definition."""
    if says(node) == "context" and node.text and node.all_text not in draft.contexts:
        draft.contexts.append(node.all_text)


def _read_status(draft: TermDraft, word: str, node: Node) -> None:
    draft.status = status_of(node.text) or draft.status
    if status_of(node.text) is None:
        if says_otherwise(node.text):
            draft.add_extra(word, node.text)
        else:
            draft.fault = StatusInvalid(line=node.line, column=node.column, status=node.text[:80])


def _read_phrase_flag(word: str, yes: bool, draft: TermDraft) -> None:  # noqa: FBT001 - the flag's own value
    # "false" is what Phrase writes where nobody said anything: it means nothing.
    if not yes:
        return
    match word:
        case "forbidden":
            draft.status = Status.FORBIDDEN
        case "preferred":
            draft.status = draft.status or Status.PREFERRED
        case "caseSensitive":
            draft.fields["case_sensitive"] = True
        case _:
            draft.fields["match"] = MatchPolicy.EXACT
