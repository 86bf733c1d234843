"""A dataset from an upload: every row read, cleaned, counted and put in a split."""

from collections import Counter
from pathlib import Path
from typing import Any

from corpus.cleaning.dedup import Dedup
from corpus.cleaning.normalize import Normalize
from corpus.cleaning.pipeline import CleaningReport, clean
from corpus.commands.problems import Refused, excerpts_of, problem_lines, whole
from corpus.errors import FileEmpty
from corpus.output import Output
from corpus.progress import Progress
from corpus.reading import Dataset, reading
from corpus.records import Shape
from corpus.source import verified
from corpus.split import is_validation
from corpus.stats import RowStats
from corpus.validation import Problems
from protocol.errors import SpecInvalid
from protocol.jobs import Envelope
from protocol.process import Report, StopFlag
from protocol.specs.datasets import PrepareDatasetSpec

_PREVIEW_ROWS = 50


def prepare_dataset(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """train.jsonl, validation.jsonl, preview.jsonl, problems.jsonl and stats.json from an upload.

    A file with problems is refused whole and leaves problems.jsonl alone, unless the spec says to leave bad rows out.
    """
    spec = envelope.spec
    if not isinstance(spec, PrepareDatasetSpec):
        raise SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")
    path, workdir = verified(spec.file), Path(envelope.workdir)
    report.say("started", facts={"file": spec.file.filename, "bytes": path.stat().st_size})
    progress = Progress(report, stop, stage="read", total=path.stat().st_size, unit="bytes")
    problems = Problems()
    with reading(path, spec, problems, workdir, progress) as dataset:
        try:
            summary = _prepare(dataset, spec, workdir, report, progress)
        except Refused as refused:
            excerpts = excerpts_of(path, spec.file.filename, problems, spec.encoding)
            with Output(workdir, report) as output:
                output.write_lines("problems.jsonl", problem_lines(problems, excerpts))
                output.finish({"problems.jsonl": problems.as_dict()})
            raise refused.error from None
    report.say("finished", summary=summary)


def _prepare(
    dataset: Dataset, spec: PrepareDatasetSpec, workdir: Path, report: Report, progress: Progress
) -> dict[str, Any]:
    """Read, clean, count and split; what the job says at its end. Raises Refused."""
    problems, is_strict = dataset.problems, spec.on_problem == "refuse"
    cleaning, stats = CleaningReport(), {"train.jsonl": RowStats(), "validation.jsonl": RowStats()}
    shapes: Counter[Shape] = Counter()
    with Output(workdir, report) as output:
        for name in (*stats, "preview.jsonl"):
            output.write(name, "")
        for number, (_, row) in enumerate(clean(whole(dataset), [Normalize(), Dedup()], cleaning)):
            if is_strict and problems.total:
                # Nothing of the file is kept any more; what else is wrong with it is still found.
                continue
            held_out = is_validation(row, share=spec.validation_share, seed=spec.seed)
            name = "validation.jsonl" if held_out else "train.jsonl"
            line = row.as_line()
            output.write(name, line)
            stats[name].add(row)
            shapes[row.shape] += 1
            if number < _PREVIEW_ROWS:
                output.write("preview.jsonl", line)
        if is_strict and problems.total:
            raise Refused(problems)
        if cleaning.kept == 0:
            raise Refused(problems) if problems.total else FileEmpty(reason="it has no rows")
        progress.finish()
        facts = {name: counts.as_dict() for name, counts in stats.items()}
        _warn_problems(report, problems)
        _warn_cleaning(report, cleaning)
        _warn_split(report, stats, spec.validation_share)
        found = dataset.guess
        summary = {
            "train": stats["train.jsonl"].as_dict(),
            "validation": stats["validation.jsonl"].as_dict(),
            "duplicates": cleaning.dropped["duplicate"],
            "cleaning": cleaning.as_dict(),
            "shape": shapes.most_common(1)[0][0],
            "layout": found.shape if found else None,
            "mapping": found.mapping if found else {},
            "problems": problems.as_dict(),
        }
        excerpts = excerpts_of(dataset.path, spec.file.filename, problems, spec.encoding)
        output.write_lines("problems.jsonl", problem_lines(problems, excerpts))
        output.write_json("stats.json", summary)
        output.finish(facts | {"stats.json": summary, "problems.jsonl": problems.as_dict()})
    return {
        "rows": cleaning.kept,
        "train_rows": stats["train.jsonl"].rows,
        "validation_rows": stats["validation.jsonl"].rows,
        "duplicates": cleaning.dropped["duplicate"],
        "shape": summary["shape"],
        "left_out": problems.rows,
    }


def _warn_problems(report: Report, problems: Problems) -> None:
    if problems.total:
        lines = list(dict.fromkeys(p.line for p in problems.kept if p.line is not None))[:5]
        message = f"{problems.rows} rows with {problems.total} problems were left out."
        report.say(
            "warned", code="rows_with_problems", message=message, data=problems.as_dict() | {"lines": lines}
        )


def _warn_cleaning(report: Report, cleaning: CleaningReport) -> None:
    for reason, n in (cleaning.dropped + cleaning.changed).items():
        done = "left out" if reason in cleaning.dropped else "changed"
        lines = cleaning.lines[reason]
        named = ", ".join(map(str, lines)) + (" ..." if n > len(lines) else "")
        message = f"{n} rows were {done} ({reason}): line {named}."
        code = "rows_duplicate" if reason in cleaning.dropped else "rows_changed"
        report.say("warned", code=code, message=message, data={"rows": n, "lines": lines})


def _warn_split(report: Report, stats: dict[str, RowStats], share: float) -> None:
    for name, is_wanted in (("train.jsonl", share < 1), ("validation.jsonl", share > 0)):
        if is_wanted and stats[name].rows == 0:
            split = Path(name).stem
            message = f"The {split} split is empty: the file has too few rows."
            report.say("warned", code="split_empty", message=message, data={"split": split})
