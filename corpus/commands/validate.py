"""What is wrong with an upload: every row is read, everything counted, and nothing made of it."""

from collections import Counter
from pathlib import Path
from typing import Any

from corpus.commands.problems import Refused, excerpts_of, problem_lines, whole
from corpus.output import Output
from corpus.progress import Progress
from corpus.reading import reading
from corpus.records import Shape
from corpus.source import verified
from corpus.stats import RowStats
from corpus.validation import Problems
from protocol.errors import SpecInvalid
from protocol.jobs import Envelope
from protocol.process import Report, StopFlag
from protocol.specs.datasets import PrepareDatasetSpec, ValidateDatasetSpec

_PREVIEW_ROWS = 10


def validate_dataset(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """problems.jsonl, preview.jsonl and stats.json of an upload. Raises ShapeUnsure, MappingInvalid."""
    spec = envelope.spec
    if not isinstance(spec, PrepareDatasetSpec | ValidateDatasetSpec):
        raise SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")
    path, workdir = verified(spec.file), Path(envelope.workdir)
    report.say("started", facts={"file": spec.file.filename, "bytes": path.stat().st_size})
    progress = Progress(report, stop, stage="read", total=path.stat().st_size, unit="bytes")
    problems, counts = Problems(), RowStats()
    shapes: Counter[Shape] = Counter()
    is_whole = True
    with (
        reading(path, spec, problems, workdir, progress) as dataset,
        Output(workdir, report) as output,
    ):
        output.write("preview.jsonl", "")
        try:
            for _, row in whole(dataset):
                counts.add(row)
                shapes[row.shape] += 1
                if counts.rows <= _PREVIEW_ROWS:
                    output.write("preview.jsonl", row.as_line())
        except Refused:
            is_whole = False
        progress.finish()
        stats = _stats(counts, problems, shapes) | {
            "is_whole": is_whole,
            "guess": dataset.guess.as_dict() if dataset.guess else None,
        }
        excerpts = excerpts_of(path, spec.file.filename, problems, spec.encoding)
        output.write_lines("problems.jsonl", problem_lines(problems, excerpts))
        output.write_json("stats.json", stats)
        output.finish({"stats.json": stats, "problems.jsonl": problems.as_dict()})
    report.say(
        "finished", summary={"rows": counts.rows, "problems": problems.total, "bad_rows": problems.rows}
    )


def _stats(counts: RowStats, problems: Problems, shapes: Counter[Shape]) -> dict[str, Any]:
    found = problems.as_dict()
    return {
        "rows": counts.rows,
        "problems": found["total"],
        "bad_rows": found["rows"],
        "by_code": found["by_code"],
        "shape": shapes.most_common(1)[0][0] if shapes else None,
        "text": counts.as_dict() if counts.rows else None,
    }
