"""What in a glossary contradicts itself, and the choices that settle it.

Blocking: no version can be published before somebody chose. The others have a choice that is taken where nobody says
another. A homonym is a notice: two meanings may share a form, one only has to know.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from corpus.glossary.han import unify
from corpus.glossary.terms import Concept, Status, speaks


class Conflict(StrEnum):
    """The kinds of conflicts."""

    INVALID = "invalid"
    CONCEPT_TWICE = "concept_twice"
    PREFERRED_TWICE = "preferred_twice"
    FORM_TWICE = "form_twice"
    PREFERRED_FORBIDDEN = "preferred_forbidden"
    BROADER_CYCLE = "broader_cycle"
    FOLD_DUPLICATE = "fold_duplicate"
    SCRIPT_PAIR = "script_pair"
    HOMONYM = "homonym"

    @property
    def is_blocking(self) -> bool:
        """Whether somebody must choose."""
        return self not in (Conflict.FOLD_DUPLICATE, Conflict.SCRIPT_PAIR, Conflict.HOMONYM)


#: What is done where nobody chose.
DEFAULTS: Mapping[Conflict, str] = {
    Conflict.FOLD_DUPLICATE: "both",
    Conflict.SCRIPT_PAIR: "both",
    Conflict.HOMONYM: "both",
}
MAX_SHOWN = 8


class Party(BaseModel):
    """A term that takes part in a conflict; `place` counts the concept's terms from 0."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    #: Line of concepts.jsonl from 0; None: the concept is only in the base.
    row: int | None
    concept: str
    place: int
    lang: str = ""
    text: str = ""
    status: str = ""
    line: int = 0


class ConflictRow(BaseModel):
    """A conflict with what is needed to show it and to settle it: a line of conflicts.jsonl."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    code: Conflict
    concept: str
    line: int
    #: Names of choices; a number chooses that party.
    choices: tuple[str, ...]
    parties: tuple[Party, ...] = ()
    #: What is wrong, where the file says something that cannot be kept.
    reason: str = ""
    #: The error's own code, for what is invalid.
    error: str = ""

    @property
    def is_blocking(self) -> bool:
        """Whether somebody must choose."""
        return self.code.is_blocking


def party(row: int | None, concept: Concept, place: int, lines: Sequence[int] = ()) -> Party:
    """The term at a place of a concept."""
    term = concept.terms[place]
    line = lines[place] if place < len(lines) else 0
    return Party(
        row=row,
        concept=concept.uid,
        place=place,
        lang=term.lang,
        text=term.text,
        status=term.status,
        line=line,
    )


def inside(row: int, concept: Concept, lines: Sequence[int]) -> Iterator[ConflictRow]:
    """What a concept has against itself."""
    yield from _forms_twice(row, concept, lines)
    by_lang: dict[str, list[int]] = defaultdict(list)
    for place, term in enumerate(concept.terms):
        if term.status is Status.PREFERRED:
            by_lang[term.lang].append(place)
    for lang, places in by_lang.items():
        if len(places) > 1:
            yield _row(Conflict.PREFERRED_TWICE, row, concept, places, lines, key=lang)
    yield from _same_reading(row, concept, lines)


def _forms_twice(row: int, concept: Concept, lines: Sequence[int]) -> Iterator[ConflictRow]:
    forms: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, term in enumerate(concept.terms):
        forms[term.form_key].append(place)
    for (lang, form), places in forms.items():
        if len(places) > 1:
            yield _row(Conflict.FORM_TWICE, row, concept, places, lines, key=f"{lang}:{form}")


def _same_reading(row: int, concept: Concept, lines: Sequence[int]) -> Iterator[ConflictRow]:
    """Allowed terms that fold to the same: as spelling variants, or as the two scripts of Chinese."""
    folded: dict[tuple[str, str], list[int]] = defaultdict(list)
    scripts: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, term in enumerate(concept.terms):
        if term.status.is_allowed:
            folded[term.lang, term.norm_key].append(place)
            if speaks(term.lang, "zh"):
                scripts[term.lang, unify(term.norm_key)].append(place)
    for (lang, key), places in folded.items():
        if len({concept.terms[place].form_key for place in places}) > 1:
            yield _row(Conflict.FOLD_DUPLICATE, row, concept, places, lines, key=f"{lang}:{key}")
    for (lang, key), places in scripts.items():
        if len({concept.terms[place].norm_key for place in places}) > 1:
            yield _row(Conflict.SCRIPT_PAIR, row, concept, places, lines, key=f"{lang}:{key}")


def _row(
    code: Conflict, row: int, concept: Concept, places: Sequence[int], lines: Sequence[int], *, key: str
) -> ConflictRow:
    places = places[:MAX_SHOWN] if code is not Conflict.PREFERRED_TWICE else places[:64]
    parties = tuple(party(row, concept, place, lines) for place in places)
    numbers = tuple(str(number) for number in range(1, len(parties) + 1))
    match code:
        case Conflict.FOLD_DUPLICATE:
            choices: tuple[str, ...] = ("both", *numbers)
        case Conflict.SCRIPT_PAIR:
            choices = ("both", "retag", *numbers)
        case _:
            choices = numbers
    return ConflictRow(
        id=f"{code}:{row}:{key}"[:400],
        code=code,
        concept=concept.uid,
        line=parties[-1].line or 1,
        choices=choices,
        parties=parties,
    )


def cycles(edges: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Each circle of a graph that a walk meets, as the names along it; one for each edge that closes one."""
    state: dict[str, int] = {}
    for start in edges:
        if start in state:
            continue
        path: list[str] = []
        stack: list[tuple[str, int]] = [(start, 0)]
        while stack:
            node, at = stack.pop()
            if at == 0:
                state[node] = 1
                path.append(node)
            wider = edges.get(node, ())
            if at == len(wider):
                state[node] = 2
                path.pop()
                continue
            stack.append((node, at + 1))
            following = wider[at]
            if state.get(following) == 1:
                yield path[path.index(following) :]
            elif following not in state:
                stack.append((following, 0))


def cycle_row(path: Sequence[str], rows: Mapping[str, int], lines: Mapping[str, int]) -> ConflictRow:
    """The conflict of concepts each wider than the next; a number takes away that link."""
    parties = tuple(
        Party(
            row=rows.get(uid),
            concept=uid,
            place=-1,
            text=path[(number + 1) % len(path)],
            line=lines.get(uid, 0),
        )
        for number, uid in enumerate(path[:64])
    )
    return ConflictRow(
        id=f"{Conflict.BROADER_CYCLE}:{'>'.join(path)}"[:400],
        code=Conflict.BROADER_CYCLE,
        concept=path[0],
        line=max((each.line for each in parties), default=1) or 1,
        choices=tuple(str(number) for number in range(1, len(parties) + 1)),
        parties=parties,
    )


def undecided(
    conflicts: Iterable[ConflictRow], choices: Mapping[str, str], rules: Mapping[str, str]
) -> Iterator[ConflictRow]:
    """The conflicts that block and have no choice that fits them."""
    for conflict in conflicts:
        if conflict.is_blocking and choice_of(conflict, choices, rules) is None:
            yield conflict


def choice_of(conflict: ConflictRow, choices: Mapping[str, str], rules: Mapping[str, str]) -> str | None:
    """What was chosen for a conflict: by itself, by its kind, or as is done where nobody says."""
    for said in (choices.get(conflict.id), rules.get(conflict.code), DEFAULTS.get(conflict.code)):
        if said is not None and said in conflict.choices:
            return said
    return None


def as_json(conflict: ConflictRow) -> dict[str, Any]:
    """The conflict as it is sent."""
    return conflict.model_dump(mode="json") | {"blocking": conflict.is_blocking}
