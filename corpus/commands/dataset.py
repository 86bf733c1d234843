"""A dataset from an upload: every row read, cleaned, counted and put in a split."""

from collections.abc import Iterator
from pathlib import Path

from corpus.cleaning.dedup import Dedup
from corpus.cleaning.normalize import Normalize
from corpus.cleaning.pipeline import CleaningReport, NumberedRow, clean
from corpus.errors import FileEmpty
from corpus.formats.csv import read_csv
from corpus.formats.jsonl import read_jsonl
from corpus.formats.sniff import Format, Purpose, sniff
from corpus.formats.text import OnBytes
from corpus.output import Output
from corpus.progress import Progress
from corpus.source import verified
from corpus.split import is_validation
from corpus.stats import RowStats
from protocol.errors import SpecInvalid
from protocol.jobs import Envelope, PrepareDatasetSpec
from protocol.process import Report, StopFlag

_PREVIEW_ROWS = 50


def prepare_dataset(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """train.jsonl, validation.jsonl, preview.jsonl and stats.json from an upload."""
    spec = envelope.spec
    if not isinstance(spec, PrepareDatasetSpec):
        raise SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")
    path = verified(spec.file)
    report.say("started", facts={"file": spec.file.filename, "bytes": path.stat().st_size})
    reading = Progress(report, stop, stage="read", total=path.stat().st_size, unit="bytes")
    cleaning, stats = CleaningReport(), {"train.jsonl": RowStats(), "validation.jsonl": RowStats()}
    with Output(Path(envelope.workdir), report) as output:
        for name in (*stats, "preview.jsonl"):
            output.write(name, "")
        rows = clean(_read_rows(path, spec.file.filename, reading), [Normalize(), Dedup()], cleaning)
        for number, (_, row) in enumerate(rows):
            held_out = is_validation(row, share=spec.validation_share, seed=spec.seed)
            name = "validation.jsonl" if held_out else "train.jsonl"
            line = row.as_line()
            output.write(name, line)
            stats[name].add(row)
            if number < _PREVIEW_ROWS:
                output.write("preview.jsonl", line)
        if cleaning.kept == 0:
            raise FileEmpty(reason="it has no rows")
        reading.finish()
        facts = {name: counts.as_dict() for name, counts in stats.items()}
        _warn_cleaning(report, cleaning)
        _warn_split(report, stats, spec.validation_share)
        summary = {
            "train": stats["train.jsonl"].as_dict(),
            "validation": stats["validation.jsonl"].as_dict(),
            "duplicates": cleaning.dropped["duplicate"],
            "cleaning": cleaning.as_dict(),
        }
        output.write_json("stats.json", summary)
        output.finish(facts | {"stats.json": summary})
    report.say(
        "finished",
        summary={
            "rows": cleaning.kept,
            "train_rows": stats["train.jsonl"].rows,
            "validation_rows": stats["validation.jsonl"].rows,
            "duplicates": cleaning.dropped["duplicate"],
        },
    )


def _read_rows(path: Path, filename: str, on_bytes: OnBytes) -> Iterator[NumberedRow]:
    format_ = sniff(path, filename, Purpose.FINE_TUNE)
    if format_ is Format.JSONL:
        return read_jsonl(path, on_bytes)
    return read_csv(path, format_, on_bytes)


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
