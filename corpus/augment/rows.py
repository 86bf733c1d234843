"""New rows from one row: propose, guard, and say where each came from."""

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from corpus.augment.fields import Fields, changeable, label_of
from corpus.augment.guards import Guard, Reason, Refusal
from corpus.augment.protect import Protector, Span
from corpus.augment.synonyms import Synonyms, rewrite
from corpus.carried import prompt_key
from corpus.mix.rows import RawRow
from corpus.records import Row

#: Proposals for one new row before it is given up.
_TRIES = 4


@dataclass(frozen=True)
class Text:
    """A text of a row that may change, with what is protected in it."""

    place: int
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Parent:
    """A row that is to get children."""

    row: Row
    sha256: str
    texts: tuple[Text, ...]


@dataclass(frozen=True)
class Refused:
    """A proposal that was not taken, and why."""

    parent: str
    before: str
    after: str
    refusal: Refusal


@dataclass
class Children:
    """What came of one parent."""

    rows: list[Row] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def parent_of(raw: RawRow, fields: Fields, protector: Protector) -> Parent:
    """The row with its changeable texts; the hash is that of its line without the line feed."""
    every, label = raw.row.texts(), label_of(raw.row)
    texts = [
        Text(place, every[place], tuple(protector.spans(every[place], label)))
        for place in changeable(raw.row, fields)
    ]
    return Parent(raw.row, hashlib.sha256(raw.line.rstrip(b"\r\n")).hexdigest(), tuple(texts))


class FromSynonyms:
    """Proposes by swapping words; seeded by the parent."""

    def __init__(self, synonyms: Synonyms, *, seed: int, per_row: int, share: float) -> None:
        self._synonyms = synonyms
        self._seed = seed
        self._per_row = per_row
        self._share = share

    def proposals(self, parent: Parent) -> Iterator[dict[int, str]]:
        """Some swaps in every text that has any."""
        swaps = {text.place: self._synonyms.swaps(text.text, text.spans) for text in parent.texts}
        if not any(swaps.values()):
            return
        for number in range(self._per_row * _TRIES):
            rng = random.Random(f"{self._seed}:{parent.sha256}:{number}")
            made = {
                text.place: rewrite(text.text, swaps[text.place], rng, self._share) for text in parent.texts
            }
            yield {text.place: made[text.place] for text in parent.texts if made[text.place] != text.text}


def children_of(
    parent: Parent,
    proposals: Iterator[dict[int, str]],
    guard: Guard,
    *,
    per_row: int,
    provenance: dict[str, object],
    taken: "Taken",
) -> Children:
    """At most `per_row` new rows, each with its parent in its provenance; what was refused, and why."""
    found = Children()
    texts = {text.place: text for text in parent.texts}
    for proposal in proposals:
        if len(found.rows) == per_row:
            break
        fault = _fault(proposal, texts, guard)
        every = list(parent.row.texts())
        for place, text in proposal.items():
            every[place] = text
        row = with_provenance(parent.row.with_texts(every), parent, provenance)
        if fault is None:
            fault = taken.fault(row)
        if fault is None:
            taken.add(row)
            found.rows.append(row)
        else:
            before = "\n".join(texts[place].text for place in proposal) or parent.row.text
            found.refused.append(Refused(parent.sha256, before, "\n".join(proposal.values()), fault))
    return found


def _fault(proposal: dict[int, str], texts: dict[int, Text], guard: Guard) -> Refusal | None:
    if not proposal:
        return Refusal(Reason.TOO_CLOSE, "nothing changed")
    for place, new in proposal.items():
        fault = guard.fault(texts[place].text, new, texts[place].spans)
        if fault is not None:
            return fault
    return None


def with_provenance(row: Row, parent: Parent, provenance: dict[str, object]) -> Row:
    """The row with where it comes from; what its parent says of a concept is kept."""
    old = row.extra.get("provenance")
    kept = old if isinstance(old, dict) else {}
    return row.model_copy(
        update={"extra": {**row.extra, "provenance": {**kept, **provenance, "parent": parent.sha256}}}
    )


class Taken:
    """Texts that a new row must not be equal to: those of every row, and the prompts that are held out."""

    def __init__(self, held_out: set[bytes]) -> None:
        self._held_out = held_out
        self._seen: set[bytes] = set()

    def add(self, row: Row) -> None:
        """Remember a row."""
        self._seen.add(_key(row.texts()))

    def fault(self, row: Row) -> Refusal | None:
        """Why the row may not be taken beside those that are there."""
        if prompt_key(row) in self._held_out:
            return Refusal(Reason.HELD_OUT, "its prompt is in the validation split")
        if _key(row.texts()) in self._seen:
            return Refusal(Reason.DUPLICATE, "it is equal to another row")
        return None


def _key(texts: Sequence[str]) -> bytes:
    folded = "\0".join(" ".join(text.casefold().split()) for text in texts)
    return hashlib.blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=8).digest()
