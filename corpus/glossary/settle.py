"""An accepted import: the plan's concepts with every choice applied, checked as a whole."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from corpus.glossary.conflicts import Conflict, ConflictRow, Party, choice_of
from corpus.glossary.errors import ConflictsRemain
from corpus.glossary.han import is_traditional
from corpus.glossary.import_plan import ImportPlan
from corpus.glossary.terms import Concept, Status, Term

#: A concept by its row in the plan, or by its name where only the base has it.
Key = int | str


@dataclass
class _Steps:
    """What is to be done to one concept."""

    drop: bool = False
    rename: str = ""
    #: Rows whose concepts come into this one.
    join: list[int] = field(default_factory=list)
    removed: set[int] = field(default_factory=set)
    status: dict[int, Status] = field(default_factory=dict)
    lang: dict[int, str] = field(default_factory=dict)
    not_wider: set[str] = field(default_factory=set)


class Settlement:
    """The steps that choices lead to. Raises ConflictsRemain where one that blocks has none."""

    def __init__(
        self, conflicts: Iterable[ConflictRow], choices: Mapping[str, str], rules: Mapping[str, str]
    ) -> None:
        self._steps: dict[Key, _Steps] = defaultdict(_Steps)
        self._joined: dict[int, Concept] = {}
        for conflict in conflicts:
            choice = choice_of(conflict, choices, rules)
            if choice is None:
                raise ConflictsRemain(first=conflict.id, code=conflict.code, concept=conflict.concept)
            _STEPS[conflict.code](self, conflict, choice)

    def rows(self, concepts: Sequence[Concept] | Iterable[Concept]) -> Iterator[Concept]:
        """The plan's concepts, settled; one whose last term was removed goes."""
        wanted = {row for steps in self._steps.values() for row in steps.join}
        held: list[tuple[int, Concept]] = []
        for row, concept in enumerate(concepts):
            if row in wanted:
                self._joined[row] = concept
            steps = self._steps.get(row)
            if steps is None:
                yield concept
            elif steps.join:
                # What joins it comes later in the file.
                held.append((row, concept))
            elif not steps.drop and (settled := _settled(concept, steps)) is not None:
                yield settled
        for row, concept in held:
            steps = self._steps[row]
            joined = _joined(
                [concept, *(self._joined[other] for other in steps.join if other in self._joined)]
            )
            if not steps.drop and (settled := _settled(joined, steps)) is not None:
                yield settled

    def base(self, concept: Concept) -> Concept | None:
        """A concept that only the base has, settled."""
        steps = self._steps.get(concept.uid)
        return _settled(concept, steps) if steps else concept

    def _of(self, party: Party) -> _Steps:
        return self._steps[party.row if party.row is not None else party.concept]

    def _keep_one(self, conflict: ConflictRow, choice: str) -> None:
        for number, party in enumerate(conflict.parties, start=1):
            if choice.isdecimal() and number != int(choice):
                self._of(party).removed.add(party.place)

    def _prefer_one(self, conflict: ConflictRow, choice: str) -> None:
        for number, party in enumerate(conflict.parties, start=1):
            if number != int(choice):
                self._of(party).status[party.place] = Status.ADMITTED

    def _scripts(self, conflict: ConflictRow, choice: str) -> None:
        if choice != "retag":
            self._keep_one(conflict, choice)
            return
        for party in conflict.parties:
            if is_traditional(party.text):
                self._of(party).lang[party.place] = "zh-Hant"

    def _forbidden(self, conflict: ConflictRow, choice: str) -> None:
        for party in conflict.parties:
            is_forbidden = party.status == Status.FORBIDDEN
            if choice == "unforbid" and is_forbidden:
                self._of(party).status[party.place] = Status.DEPRECATED
            elif choice == "leave_out" and is_forbidden:
                self._of(party).removed.add(party.place)
            elif choice == "unprefer" and not is_forbidden:
                self._of(party).status[party.place] = Status.ADMITTED

    def _twice(self, conflict: ConflictRow, choice: str) -> None:
        rows = [party.row for party in conflict.parties if party.row is not None]
        match choice:
            case "first" | "join":
                dropped = rows[1:]
            case "last":
                dropped = rows[:-1]
            case _:
                dropped = []
                for number, row in enumerate(rows[1:], start=2):
                    self._steps[row].rename = f"{conflict.concept[:240]}-{number}"
        for row in dropped:
            self._steps[row].drop = True
        if choice == "join":
            self._steps[rows[0]].join += dropped

    def _cut(self, conflict: ConflictRow, choice: str) -> None:
        party = conflict.parties[int(choice) - 1]
        self._of(party).not_wider.add(party.text)

    def _nothing(self, conflict: ConflictRow, choice: str) -> None:
        """It is only told, or the plan has left it out already."""


_STEPS = {
    Conflict.INVALID: Settlement._nothing,
    Conflict.CONCEPT_TWICE: Settlement._twice,
    Conflict.PREFERRED_TWICE: Settlement._prefer_one,
    Conflict.FORM_TWICE: Settlement._keep_one,
    Conflict.PREFERRED_FORBIDDEN: Settlement._forbidden,
    Conflict.BROADER_CYCLE: Settlement._cut,
    Conflict.FOLD_DUPLICATE: Settlement._keep_one,
    Conflict.SCRIPT_PAIR: Settlement._scripts,
    Conflict.HOMONYM: Settlement._nothing,
}


def settle(
    concepts: Iterable[Concept],
    base: Iterable[Concept],
    settlement: Settlement,
    *,
    keeps_missing: bool,
) -> Iterator[Concept]:
    """The concepts of the next version. Raises ConflictsRemain where choices made a new conflict, GlossaryEmpty."""
    check = ImportPlan()
    seen: set[str] = set()
    for concept in settlement.rows(concepts):
        _refuse_blocking(check.take(concept))
        seen.add(concept.uid)
        yield concept
    if keeps_missing:
        for concept in base:
            kept = settlement.base(concept) if concept.uid not in seen else None
            if kept is not None:
                _refuse_blocking(check.take(kept))
                yield kept
    check.finish()
    _refuse_blocking(check.conflicts())
    check.close()


def _refuse_blocking(conflicts: Iterable[ConflictRow]) -> None:
    for conflict in conflicts:
        if conflict.is_blocking:
            raise ConflictsRemain(first=conflict.id, code=conflict.code, concept=conflict.concept)


def _settled(concept: Concept, steps: _Steps) -> Concept | None:
    terms = [
        _term(term, steps, place) for place, term in enumerate(concept.terms) if place not in steps.removed
    ]
    if not terms:
        return None
    return _made(
        concept,
        uid=steps.rename or concept.uid,
        terms=tuple(terms),
        broader=tuple(uid for uid in concept.broader if uid not in steps.not_wider),
    )


def _term(term: Term, steps: _Steps, place: int) -> Term:
    status, lang = steps.status.get(place, term.status), steps.lang.get(place, term.lang)
    if (status, lang) == (term.status, term.lang):
        return term
    return Term.model_validate(term.model_dump(exclude={"norm_key"}) | {"status": status, "lang": lang})


def _joined(concepts: Sequence[Concept]) -> Concept:
    """Several concepts of one name as one: a form once, one preferred term in a language, the first text of each field."""
    first = concepts[0]
    forms = {term.form_key for term in first.terms}
    preferred = {term.lang for term in first.terms if term.status is Status.PREFERRED}
    terms = list(first.terms)
    definitions = dict(first.definitions)
    for other in concepts[1:]:
        definitions = other.definitions | definitions
        for term in other.terms:
            if term.form_key in forms:
                continue
            forms.add(term.form_key)
            joined = term
            if term.status is Status.PREFERRED and term.lang in preferred:
                joined = Term.model_validate(
                    term.model_dump(exclude={"norm_key"}) | {"status": Status.ADMITTED}
                )
            elif term.status is Status.PREFERRED:
                preferred.add(term.lang)
            terms.append(joined)
    others = {
        name: getattr(first, name)
        or next((getattr(each, name) for each in concepts if getattr(each, name)), None)
        for name in ("subject_field", "note", "source")
    }
    broader = tuple(uid for each in concepts for uid in each.broader)
    return _made(first, terms=tuple(terms), definitions=definitions, broader=broader, **others)


def _made(concept: Concept, **changes: object) -> Concept:
    """The concept with changes, and a hash of its own."""
    return Concept.model_validate(concept.model_dump(exclude={"content_hash"}) | changes)
