"""Cleaning a dataset version: the rows after each step, the log of edits, suggestions, counts with examples; and undoing it."""

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from corpus.cleaning.account import StepAccount
from corpus.cleaning.errors import EditsInvalid
from corpus.cleaning.parent import SPLITS, Parent
from corpus.cleaning.record import Record
from corpus.cleaning.runner import Runner
from corpus.cleaning.step import Change, Suggestion
from corpus.cleaning.suggestions import Accepted, accepted_changes, suggestion_lines
from corpus.cleaning.undo import edited_rows, entry_of, restored
from corpus.errors import FileEmpty
from corpus.output import FOLDER, Output
from corpus.parallel import usable_cpus
from corpus.progress import Progress
from corpus.records import Row
from corpus.rowfile import row_of
from corpus.source import verified
from corpus.stats import RowStats
from protocol.errors import SpecInvalid
from protocol.jobs import Envelope
from protocol.process import Report, StopFlag
from protocol.specs.datasets import CleanDatasetSpec, UndoCleaningSpec
from protocol.specs.files import FileRef

_PREVIEW_ROWS = 50


def clean_dataset(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """train.jsonl, validation.jsonl, prompts.jsonl, edits.jsonl, suggestions.jsonl, preview.jsonl and stats.json."""
    spec = envelope.spec
    if not isinstance(spec, CleanDatasetSpec):
        raise SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")
    validation = verified(spec.validation) if spec.validation else None
    parent = Parent.of(verified(spec.train), validation, first_rows=spec.preview_rows)
    report.say("started", facts={"rows": len(parent), "steps": len(spec.steps)})
    folder = Path(envelope.workdir) / "cleaning"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    runner = Runner(
        parent,
        folder,
        workers=spec.workers or usable_cpus(),
        seed=spec.seed,
        on_rows=_Stages(report, stop, len(parent)),
    )
    if spec.suggestions is not None:
        accepted = accepted_changes(verified(spec.suggestions), spec.accepted)
        runner.take("accepted_suggestions", _Accepting(parent, accepted))
    runner.run(spec.steps, [(one.name, verified(one.file)) for one in spec.evaluation_sets])
    with Output(Path(envelope.workdir), report) as output:
        summary = _write(output, parent, runner, spec)
        output.finish({"stats.json": summary})
    if not spec.preview_rows:
        _check_undo(Path(envelope.workdir) / FOLDER, spec)
    shutil.rmtree(folder)
    report.say("finished", summary=dict(summary["totals"].items()))


class _Stages:
    """A progress for each run of steps, under the names of its steps."""

    def __init__(self, report: Report, stop: StopFlag, total: int) -> None:
        self._report, self._stop, self._total = report, stop, total
        self._stage, self._progress = "", None

    def __call__(self, stage: str, done: int) -> None:
        if self._progress is None or stage != self._stage:
            if self._progress is not None:
                self._progress.finish()
            self._stage = stage
            self._progress = Progress(self._report, self._stop, stage=stage, total=self._total, unit="rows")
        self._progress(done)

    _progress: Progress | None


class _Accepting:
    """Puts accepted suggestions into the row they are of."""

    def __init__(self, parent: Parent, accepted: Accepted) -> None:
        self._parent, self._accepted = parent, accepted

    def __call__(self, number: int, row: Row) -> Change | None:
        suggestions = self._accepted.get(self._parent.place(number))
        return (
            Change(_put(row.texts(), suggestions), tuple(s.reason for s in suggestions))
            if suggestions
            else None
        )


def _put(texts: tuple[str, ...], suggestions: list[Suggestion]) -> tuple[str, ...]:
    """The texts with the suggestions in them, from the end to the beginning. Raises EditsInvalid."""
    put = list(texts)
    for one in sorted(suggestions, key=lambda s: (s.field, s.start), reverse=True):
        if one.field >= len(put) or put[one.field][one.start : one.end] != one.before:
            raise EditsInvalid(reason=f"a suggestion for {one.before!r} is not of this row")
        put[one.field] = put[one.field][: one.start] + one.after + put[one.field][one.end :]
    return tuple(put)


FILES = (
    "train.jsonl",
    "validation.jsonl",
    "prompts.jsonl",
    "edits.jsonl",
    "suggestions.jsonl",
    "preview.jsonl",
)


def _write(output: Output, parent: Parent, runner: Runner, spec: CleanDatasetSpec) -> dict[str, Any]:
    """All files; what stats.json says."""
    for name in FILES:
        output.write(name, "")
    cleaned = _Cleaned(output)
    for record, place, before in zip(runner.records(), parent.places(), parent.lines(), strict=True):
        cleaned.add(record, place, before)
    if cleaned.stats["train"].rows == 0 and not spec.preview_rows:
        raise FileEmpty(reason="the steps leave no training rows; look at the preview")
    if spec.prompts is not None and not spec.preview_rows:
        output.write_lines("prompts.jsonl", _lines_of(spec.prompts))
    summary = _summary(cleaned.stats, runner.accounts, parent, spec)
    summary["cleaning"] |= {"suggestions": cleaned.suggestions, "suggestions_stale": cleaned.stale}
    output.write_json("stats.json", summary)
    return summary


class _Cleaned:
    """The rows after all steps, written one by one."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._shown = 0
        self.stats = {split: RowStats() for split in SPLITS}
        self.suggestions = 0
        #: Suggestions for a text that a later step changed.
        self.stale = 0

    def add(self, record: Record, place: tuple[str, int], before: str) -> None:
        """Write a row, unless it was dropped, and what happened to it."""
        entry = entry_of(record, place, before)
        if entry is not None:
            self._output.write("edits.jsonl", entry)
        if record.line is None:
            return
        self._output.write(f"{place[0]}.jsonl", record.line)
        if not record.line.strip():
            return
        row = record.row()
        self.stats[place[0]].add(row)
        if self._shown < _PREVIEW_ROWS:
            self._output.write("preview.jsonl", record.line)
            self._shown += 1
        self._suggest(record, row, place[0])

    def _suggest(self, record: Record, row: Row, split: str) -> None:
        number = self.stats[split].rows
        for line in suggestion_lines(record.edits, row, split, number, first_id=self.suggestions):
            if line is None:
                self.stale += 1
            else:
                self._output.write("suggestions.jsonl", line)
                self.suggestions += 1


def _summary(
    stats: dict[str, RowStats], accounts: list[StepAccount], parent: Parent, spec: CleanDatasetSpec
) -> dict[str, Any]:
    kept = sum(split.rows for split in stats.values())
    steps = [account.as_dict() for account in accounts]
    for step in steps:
        for example in step["examples"]:
            example["split"], example["row"] = parent.place(example["row"])
    totals = {
        "rows": len(parent),
        "kept": kept,
        "dropped": sum(account.dropped for account in accounts),
        "changed": sum(account.changed for account in accounts),
        "marked": sum(account.marked for account in accounts),
        "suggested": sum(account.suggested for account in accounts),
    }
    parts = {split: counts.as_dict() for split, counts in stats.items()} if kept else {}
    prompts = (
        {"prompts": {"rows": _lines(verified(spec.prompts))}}
        if spec.prompts and not spec.preview_rows
        else {}
    )
    return {**_counted(parts), **prompts, "totals": totals, "cleaning": {"steps": steps, **totals}}


def _counted(parts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {split: counts for split, counts in parts.items() if counts["rows"]}


def _lines(path: Path) -> int:
    with path.open("rb") as lines:
        return sum(1 for line in lines if line.strip())


def _check_undo(folder: Path, spec: CleanDatasetSpec) -> None:
    """Prove that the log gives the parent's bytes again before anybody relies on it. Raises EditsInvalid."""
    for split, ref in (("train", spec.train), ("validation", spec.validation)):
        if ref is not None:
            digest = hashlib.sha256()
            for line in _restored(folder / f"{split}.jsonl", folder / "edits.jsonl", split):
                digest.update(line.encode())
            if digest.hexdigest() != ref.sha256:
                raise EditsInvalid(reason=f"it does not give the {split} rows back; nothing was kept")


def _restored(cleaned: Path, edits: Path, split: str) -> Iterator[str]:
    with cleaned.open(encoding="utf-8", newline="\n") as lines:
        yield from restored(lines, edited_rows(edits, split))


def undo_cleaning(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """train.jsonl, validation.jsonl, prompts.jsonl, preview.jsonl and stats.json as they were before a cleaning."""
    spec = envelope.spec
    if not isinstance(spec, UndoCleaningSpec):
        raise SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")
    edits = verified(spec.edits)
    files = {"train": spec.train, "validation": spec.validation}
    report.say("started", facts={"edits": _lines(edits)})
    progress = Progress(report, stop, stage="undo", total=_lines(edits), unit="edits")
    stats = {split: RowStats() for split in files}
    with Output(Path(envelope.workdir), report) as output:
        for name in ("train.jsonl", "validation.jsonl", "prompts.jsonl", "preview.jsonl"):
            output.write(name, "")
        for split, ref in files.items():
            for line in restored(_lines_of(ref), edited_rows(edits, split)):
                output.write(f"{split}.jsonl", line)
                if line.strip():
                    stats[split].add(row_of(json.loads(line)))
                    if sum(one.rows for one in stats.values()) <= _PREVIEW_ROWS:
                        output.write("preview.jsonl", line)
                progress(0)
        if spec.prompts is not None:
            output.write_lines("prompts.jsonl", _lines_of(spec.prompts))
        summary: dict[str, Any] = _counted(
            {split: counts.as_dict() for split, counts in stats.items() if counts.rows}
        )
        if spec.prompts is not None:
            summary["prompts"] = {"rows": _lines(verified(spec.prompts))}
        output.write_json("stats.json", summary)
        output.finish({"stats.json": summary})
    progress.finish()
    report.say("finished", summary={f"{split}_rows": counts.rows for split, counts in stats.items()})


def _lines_of(ref: FileRef | None) -> Iterable[str]:
    if ref is None:
        return
    with verified(ref).open(encoding="utf-8", newline="\n") as lines:
        yield from lines
