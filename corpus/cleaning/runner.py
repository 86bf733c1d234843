"""The steps over all rows: runs of row steps in several processes, steps that need all rows between them.

What happened to a row stands in a work file with a line for each line of the parent, an empty one for rows that nothing
happened to; so memory does not grow with the rows, and nothing is written twice that did not change.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from corpus.cleaning.account import StepAccount
from corpus.cleaning.contamination import EvaluationIndex, evaluation_texts
from corpus.cleaning.parent import Parent
from corpus.cleaning.record import Record
from corpus.cleaning.registry import STEPS, make_step
from corpus.cleaning.step import ROW_KEYS, Drop, Finding, Mark, Rows, RowStep, WholeStep
from corpus.cleaning.steps.decontaminate import Decontaminate
from corpus.parallel import batched, ordered_map
from corpus.records import Row
from protocol.specs.datasets import CleaningStep

_ROWS_AT_ONCE = 200
#: Told the names of the steps that are at work, and how many rows they have behind them; raises Stopped.
OnRows = Callable[[str, int], None]


@dataclass(frozen=True)
class Setup:
    """What a process needs to know to do row steps."""

    #: Each with its place in the whole list.
    steps: tuple[tuple[int, CleaningStep], ...]
    evaluation_sets: tuple[tuple[str, str], ...]
    places: tuple[tuple[str, int], ...]
    seed: int


class Runner:
    """Does steps to the rows of a parent; afterwards `records` gives each row, and `accounts` says what was done."""

    def __init__(self, parent: Parent, folder: Path, *, workers: int, seed: int, on_rows: OnRows) -> None:
        self.accounts: list[StepAccount] = []
        self._parent = parent
        self._folder = folder
        self._workers = workers if len(parent) > _ROWS_AT_ONCE else 1
        self._seed = seed
        self._on_rows = on_rows
        self._work: Path | None = None
        self._n_files = 0

    def run(self, steps: Sequence[CleaningStep], evaluation_sets: Sequence[tuple[str, Path]] = ()) -> None:
        """Do all steps in order. Raises StepUnknown, StepParamsInvalid, StepUnavailable, Stopped."""
        for step in steps:
            make_step(step)
        numbered = list(enumerate(steps, start=len(self.accounts)))
        self.accounts += [StepAccount(step.name) for step in steps]
        for is_whole, group in groupby(numbered, key=lambda pair: issubclass(STEPS[pair[1].name], WholeStep)):
            if is_whole:
                for number, step in group:
                    self._run_whole(number, step)
            else:
                self._run_rows(tuple(group), tuple((name, str(path)) for name, path in evaluation_sets))

    def take(self, name: str, find: Callable[[int, Row], Any]) -> None:
        """A step of its own, outside the registry: `find` says what is to be done with each live row."""
        number = len(self.accounts)
        account = StepAccount(name)
        self.accounts.append(account)

        def taken() -> Iterator[Record]:
            for record in self.records():
                if record.line is not None:
                    account.looked += 1
                    finding = find(record.number, record.row())
                    if finding is not None:
                        record.take(finding, record.row(), number, account, self._seed)
                yield record

        self._write(record.packed() for record in taken())

    def records(self) -> Iterator[Record]:
        """Every row of the parent in order, as far as it has come."""
        if self._work is None:
            yield from (Record(number, line) for number, line in enumerate(self._parent.lines()))
            return
        with self._work.open(encoding="utf-8", newline="\n") as packed:
            for number, (line, one) in enumerate(zip(self._parent.lines(), packed, strict=True)):
                yield Record.unpacked(number, line, one)

    def _run_rows(
        self, steps: tuple[tuple[int, CleaningStep], ...], sets: tuple[tuple[str, str], ...]
    ) -> None:
        names = " + ".join(step.name for _, step in steps)
        bounds = tuple((split, n) for split, _, n in self._parent.files)
        setup = Setup(steps, sets, bounds, self._seed)
        done = 0

        def written() -> Iterator[str]:
            nonlocal done
            batches = batched(self._to_do(), _ROWS_AT_ONCE)
            for packed, accounts in ordered_map(
                _do_batch, batches, workers=self._workers, prepare=_prepare, arguments=(setup,)
            ):
                for number, account in accounts.items():
                    self.accounts[number].add(account, self._seed)
                done += len(packed)
                self._on_rows(names, done)
                yield from packed

        self._write(written())

    def _to_do(self) -> Iterator[tuple[int, str, str]]:
        """(number, the parent's line, the record as packed): what is cheap to send to another process."""
        if self._work is None:
            yield from ((number, line, "\n") for number, line in enumerate(self._parent.lines()))
            return
        with self._work.open(encoding="utf-8", newline="\n") as packed:
            for number, (line, one) in enumerate(zip(self._parent.lines(), packed, strict=True)):
                yield number, line, one

    def _run_whole(self, number: int, wanted: CleaningStep) -> None:
        step = make_step(wanted)
        if not isinstance(step, WholeStep):
            raise TypeError(wanted.name)
        account, leave = self.accounts[number], frozenset(wanted.leave)
        folder = self._folder / f"step-{number}"
        folder.mkdir(parents=True)
        rows = Rows(self._live, folder, self._workers, lambda done: self._on_rows(wanted.name, done))
        findings = step.decide(rows)

        def written() -> Iterator[str]:
            for record in self.records():
                if record.line is not None:
                    account.looked += 1
                    finding = findings.get(record.number)
                    if finding is not None and _name(self._parent.place(record.number)) not in leave:
                        record.take(self._placed(finding), record.row(), number, account, self._seed)
                yield record.packed()

        self._write(written())

    def _placed(self, finding: Finding) -> Finding:
        """The finding with rows named as people name them."""
        if not isinstance(finding, Drop | Mark):
            return finding
        rows = {
            key: _name(self._parent.place(finding.about[key])) for key in ROW_KEYS if key in finding.about
        }
        return replace(finding, about=finding.about | rows)

    def _live(self) -> Iterator[tuple[int, Row]]:
        for record in self.records():
            if record.line is not None and record.line.strip():
                yield record.number, record.row()

    def _write(self, packed: Iterator[str]) -> None:
        self._n_files += 1
        path = self._folder / f"work-{self._n_files}"
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(packed)
        if self._work is not None:
            self._work.unlink()
        self._work = path


def _name(place: tuple[str, int]) -> str:
    return f"{place[0]}:{place[1]}"


class _Worker:
    """The row steps of one process."""

    def __init__(self, setup: Setup) -> None:
        index: EvaluationIndex | None = None
        self._seed = setup.seed
        self._bounds = setup.places
        self._steps: list[tuple[int, RowStep[Any], frozenset[str]]] = []
        for number, wanted in setup.steps:
            step = make_step(wanted)
            if not isinstance(step, RowStep):
                raise TypeError(wanted.name)
            if isinstance(step, Decontaminate):
                index = index or EvaluationIndex(
                    text
                    for name, path in setup.evaluation_sets
                    for text in evaluation_texts(name, Path(path))
                )
                step.against(index)
            self._steps.append((number, step, frozenset(wanted.leave)))

    def do(self, batch: Sequence[tuple[int, str, str]]) -> tuple[list[str], dict[int, StepAccount]]:
        """The records after all steps, packed, and what each step did to them."""
        accounts = {number: StepAccount(step.name) for number, step, _ in self._steps}
        return [self._done(Record.unpacked(*one), accounts).packed() for one in batch], accounts

    def _done(self, record: Record, accounts: dict[int, StepAccount]) -> Record:
        if record.line is None or not record.line.strip():
            return record
        row = record.row()
        for number, step, leave in self._steps:
            account = accounts[number]
            account.looked += 1
            if leave and self._place(record.number) in leave:
                continue
            finding = step.look(row)
            if finding is not None:
                row = record.take(finding, row, number, account, self._seed)
                if record.line is None:
                    break
        return record

    def _place(self, number: int) -> str:
        for split, n in self._bounds:
            if number < n:
                return f"{split}:{number + 1}"
            number -= n
        raise IndexError(number)


_worker: _Worker | None = None


def _prepare(setup: Setup) -> None:
    global _worker
    _worker = _Worker(setup)


def _do_batch(batch: list[tuple[int, str, str]]) -> tuple[list[str], dict[int, StepAccount]]:
    if _worker is None:
        raise RuntimeError("the process was not prepared")
    return _worker.do(batch)
