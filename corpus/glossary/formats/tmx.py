"""TMX 1.4 in: a translation memory gives candidates, not a glossary that somebody agreed on.

A short unit becomes a concept whose terms are admitted, each with the mark `tmx`; the sentences of longer units become examples
of those terms that stand in them. Codes within a segment are passed over.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from corpus.formats.text import OnBytes
from corpus.glossary.draft import ConceptDraft, TermDraft
from corpus.glossary.errors import TbxInvalid
from corpus.glossary.fold import is_unspaced
from corpus.glossary.formats.gather import short_hash
from corpus.glossary.formats.table import uid_of
from corpus.glossary.formats.xml_nodes import Node, read_nodes, root_of
from corpus.glossary.terms import Status, plain_text

#: A segment is taken for a term up to so many words, or characters of a script without spaces.
MAX_WORDS = 5
MAX_CHARS = 12
_SENTENCE_ENDS = tuple(".!?:;。！？：；…")
_MARK = "tmx"
#: Sentences that are kept as examples of one term, and that are kept at all while the file is read.
MAX_EXAMPLES = 3
_KEPT_SENTENCES = 20_000


def read_tmx(path: Path, unread: Counter[str], on_bytes: OnBytes | None = None) -> Iterator[ConceptDraft]:
    """The candidates of a translation memory. `unread` counts the units that are neither terms nor examples.

    Raises TbxInvalid where a unit has no language, and what `read_nodes` raises.
    """
    root = root_of(path)
    if root.name != "tmx":
        raise TbxInvalid(line=root.line, column=root.column, reason=f"its root is {root.name}, not tmx")
    examples = _Examples(path)
    seen: set[bytes] = set()
    for _, unit in read_nodes(path, frozenset({"tu"}), on_bytes):
        texts = _texts(unit)
        if not all(_is_term(text) for _, text, _ in texts) or not texts:
            unread["sentences"] += bool(texts)
            continue
        draft = _concept(unit, texts, examples)
        # A memory holds the same unit again and again.
        key = short_hash("\n".join(f"{term.lang} {term.text}" for term in draft.terms))
        if key in seen:
            unread["repeated units"] += 1
            continue
        seen.add(key)
        if short_hash(draft.uid) in seen:
            draft.uid = f"{draft.uid}-{key.hex()[:6]}"
        seen.add(short_hash(draft.uid))
        yield draft


def _concept(unit: Node, texts: list[tuple[str, str, Node]], examples: "_Examples") -> ConceptDraft:
    draft = ConceptDraft(line=unit.line, column=unit.column, uid=unit.attributes.get("tuid", ""))
    for lang, text, node in texts:
        term = TermDraft(line=node.line, column=node.column, lang=lang, text=text, status=Status.ADMITTED)
        term.add_extra("candidate", _MARK)
        term.contexts += examples.of(lang, text)
        draft.terms.append(term)
    for note in unit.all("note"):
        draft.add("note", note.text)
    for prop in unit.all("prop"):
        if prop.text:
            draft.add_extra(prop.attributes.get("type") or "prop", prop.text)
    draft.uid = draft.uid or uid_of(draft.terms[0].lang, draft.terms[0].text)
    return draft


def _texts(unit: Node) -> list[tuple[str, str, Node]]:
    """(language, text, variant) of each variant with a text."""
    texts = []
    for variant in unit.all("tuv"):
        if not variant.lang:
            raise TbxInvalid(line=variant.line, column=variant.column, reason="a tuv has no xml:lang")
        segment = variant.first("seg")
        if segment is not None and segment.text:
            texts.append((variant.lang, plain_text(segment.text), variant))
    return texts


def _is_term(text: str) -> bool:
    if text.endswith(_SENTENCE_ENDS) or not text:
        return False
    if any(is_unspaced(char) for char in text):
        return len(text) <= MAX_CHARS
    return len(text.split()) <= MAX_WORDS


class _Examples:
    """The memory's sentences, to find those a term stands in."""

    def __init__(self, path: Path) -> None:
        self._by_lang: dict[str, list[str]] = {}
        kept = 0
        for _, unit in read_nodes(path, frozenset({"tu"})):
            for lang, text, _ in _texts(unit):
                if not _is_term(text) and len(text) < 400 and kept < _KEPT_SENTENCES:
                    self._by_lang.setdefault(lang, []).append(text)
                    kept += 1
        self._joined = {lang: "\n".join(texts).casefold() for lang, texts in self._by_lang.items()}

    def of(self, lang: str, term: str) -> list[str]:
        """The first sentences with the term in them."""
        folded = term.casefold()
        joined = self._joined.get(lang, "")
        found: list[str] = []
        place = joined.find(folded)
        while place >= 0 and len(found) < MAX_EXAMPLES:
            number = joined.count("\n", 0, place)
            found.append(self._by_lang[lang][number])
            end = joined.find("\n", place)
            place = joined.find(folded, end) if end >= 0 else -1
        return found
