"""The first rows of an upload as they stand there, and what they may be: what a person needs to say how it is to be read."""

from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from corpus.errors import CorpusError, FileEmpty
from corpus.formats.sniff import Format
from corpus.output import Output
from corpus.progress import Progress
from corpus.reading import Dataset, reading
from corpus.shapes.guess import guess
from corpus.source import verified
from corpus.validation import Problems
from protocol.errors import SpecInvalid
from protocol.jobs import Envelope
from protocol.process import Report, StopFlag
from protocol.specs.datasets import SampleDatasetSpec

_ROWS = 20
_COLUMNS = 500
_SHEETS = 200
#: Texts of a sample are for looking at.
_CHARS = 2000
_ITEMS = 50


def sample_dataset(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """sample.json of an upload: {"format", "sheets", "columns", "rows", "guess", "alternatives", "problem"}.

    Where no row can be read, the problem says why; it is raised where nothing else is known of the file either.
    """
    spec = envelope.spec
    if not isinstance(spec, SampleDatasetSpec):
        raise SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")
    path, workdir = verified(spec.file), Path(envelope.workdir)
    report.say("started", facts={"file": spec.file.filename, "bytes": path.stat().st_size})
    progress = Progress(report, stop, stage="read", total=path.stat().st_size, unit="bytes")
    problems = Problems()
    with reading(path, spec, problems, workdir, progress) as dataset, Output(workdir, report) as output:
        rows, problem = head_of(dataset)
        sheets = sheets_of(dataset)
        if problem is not None and not sheets:
            raise problem
        output.write_json(
            "sample.json", sample_of(dataset, rows) | {"sheets": sheets, "problem": told(problem)}
        )
        output.finish({})
    report.say("finished", summary={"rows": len(rows)})


def head_of(dataset: Dataset) -> tuple[list[dict[str, Any]], CorpusError | None]:
    """The first rows that are objects, as they were written; without any, the first thing that is wrong."""
    try:
        with closing(dataset.values()) as values:
            rows = list(islice((value for _, value in values if isinstance(value, dict)), _ROWS))
    except CorpusError as error:
        return [], error
    return rows, None if rows else dataset.problems.first or FileEmpty(reason="it has no rows")


def sheets_of(dataset: Dataset) -> list[str]:
    """The sheets of a workbook; none of any other file, and of a workbook that was packed."""
    if dataset.format is not Format.XLSX or Path(dataset.spec.file.filename).suffix.lower() != ".xlsx":
        return []
    from corpus.glossary.formats.xlsx import open_sheets
    from corpus.glossary.formats.xlsx_parts import Findings

    try:
        with open_sheets(dataset.path, Findings()) as workbook:
            return list(workbook.names)[:_SHEETS]
    except CorpusError:
        # What is wrong with it is the first problem of its rows already.
        return []


def told(problem: CorpusError | None) -> dict[str, Any] | None:
    """A problem as it is stored."""
    return problem.as_dict() if problem else None


def sample_of(dataset: Dataset, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The rows with what they may be, short enough to be stored and shown."""
    columns = list(dict.fromkeys(str(key) for row in rows for key in row))[:_COLUMNS]
    found = guess(rows).as_dict() if rows else {}
    alternatives = found.pop("alternatives", [])
    return {
        "format": dataset.format,
        "columns": columns,
        "rows": [{key: shortened(row[key]) for key in columns if key in row} for row in rows],
        "guess": found,
        "alternatives": alternatives,
    }


def shortened(value: Any) -> Any:
    """A value with its long texts and long lists cut, however deep they lie."""
    match value:
        case str():
            return value if len(value) <= _CHARS else value[:_CHARS] + "…"
        case list() | tuple():
            return [shortened(item) for item in value[:_ITEMS]]
        case dict():
            return {str(key): shortened(item) for key, item in islice(value.items(), _ITEMS)}
        case bool() | int() | float() | None:
            return value
        case _:
            return str(value)[:_CHARS]
