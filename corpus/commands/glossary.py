"""Concepts from an uploaded glossary: at once, or as a plan that waits for a decision."""

import json
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from corpus.formats.sniff import Format, Purpose, sniff
from corpus.glossary.counts import GlossaryCounts
from corpus.glossary.formats.propose import propose
from corpus.glossary.formats.read import Findings, read_drafts
from corpus.glossary.formats.rows import Table, open_table
from corpus.glossary.import_plan import ImportPlan
from corpus.glossary.parse import read_glossary
from corpus.glossary.terms import Concept
from corpus.output import Output
from corpus.progress import Progress
from corpus.source import verified
from protocol.errors import SpecInvalid
from protocol.jobs import Envelope
from protocol.process import Report, StopFlag
from protocol.specs.glossaries import PrepareGlossarySpec, TableMapping

_TABLES = (Format.CSV, Format.TSV, Format.XLSX)
#: Rows, columns and characters of a cell that are shown to whoever maps the columns.
_SHOWN_ROWS, _SHOWN_COLUMNS, _SHOWN_CHARS = 5, 200, 120
#: Rows that are looked at to propose something.
_SEEN_ROWS = 50


def prepare_glossary(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """concepts.jsonl and stats.json from an upload; in a plan also changes.jsonl and conflicts.jsonl.

    A table whose columns are not clear leaves table.json instead, for a person to map.
    """
    spec = envelope.spec
    if not isinstance(spec, PrepareGlossarySpec):
        raise SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")
    path = verified(spec.file)
    report.say("started", facts={"file": spec.file.filename, "bytes": path.stat().st_size})
    reading = Progress(report, stop, stage="read", total=path.stat().st_size, unit="bytes")
    findings = Findings()
    with Output(Path(envelope.workdir), report) as output:
        if spec.mode == "strict":
            summary = _read(spec, path, findings, reading, output)
        else:
            summary = _unclear_table(spec, path, output) or _plan(spec, path, findings, reading, output)
        _warn_glossary(report, findings)
        output.finish({"concepts.jsonl": summary, "stats.json": summary})
    report.say("finished", summary=summary)


def _read(
    spec: PrepareGlossarySpec, path: Path, findings: Findings, reading: Progress, output: Output
) -> dict[str, Any]:
    counts = GlossaryCounts()
    for concept in read_glossary(path, spec.file.filename, findings, reading, spec.mapping):
        counts.add(concept)
        output.write("concepts.jsonl", concept.model_dump_json() + "\n")
    reading.finish()
    output.write_json("stats.json", counts.as_dict())
    return counts.as_dict()


def _plan(
    spec: PrepareGlossarySpec, path: Path, findings: Findings, reading: Progress, output: Output
) -> dict[str, Any]:
    plan, counts = ImportPlan(findings), GlossaryCounts()
    if spec.base is not None:
        plan.admit_base(concepts_of(verified(spec.base)))
    output.write("conflicts.jsonl", "")
    for draft in read_drafts(path, spec.file.filename, findings, spec.mapping, reading):
        concept, conflicts = plan.admit(draft)
        if concept is not None:
            counts.add(concept)
        output.write_lines("conflicts.jsonl", (each.model_dump_json() + "\n" for each in conflicts))
    plan.finish()
    reading.finish()
    output.write_lines("concepts.jsonl", stoppable(plan.concepts(), reading))
    output.write_lines(
        "changes.jsonl",
        stoppable((json.dumps(each, ensure_ascii=False) + "\n" for each in plan.changes()), reading),
    )
    output.write_lines("conflicts.jsonl", (each.model_dump_json() + "\n" for each in plan.conflicts()))
    plan.close()
    against = {"base": spec.base.sha256 if spec.base else None}
    summary = counts.as_dict() | {"plan": plan.counts.as_dict() | against}
    output.write_json("stats.json", summary)
    return summary


def stoppable(lines: Iterator[str], reading: Callable[[int], None]) -> Iterator[str]:
    """The lines; in between a stop is answered."""
    for number, line in enumerate(lines):
        if number % 1000 == 0:
            reading(0)
        yield line


def concepts_of(path: Path) -> Iterator[Concept]:
    """The concepts of a concepts.jsonl, one at a time."""
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield Concept.model_validate_json(line)


def _unclear_table(spec: PrepareGlossarySpec, path: Path, output: Output) -> dict[str, Any] | None:
    """table.json where a person must say what the columns mean; else nothing."""
    format_ = sniff(path, spec.file.filename, Purpose.GLOSSARY)
    if format_ not in _TABLES or (spec.mapping is not None and spec.mapping.columns):
        return None
    with open_table(path, format_, spec.mapping) as table:
        if table.columns.are_sure:
            return None
        shown, has_header = _shown_table(table)
    if table.has_header and not has_header:
        without = (spec.mapping or TableMapping()).model_copy(update={"has_header": False})
        with open_table(path, format_, without) as table:
            shown, _ = _shown_table(table)
    output.write_json("table.json", shown)
    summary = {"needs_mapping": True, "columns": len(table.header)}
    output.write_json("stats.json", summary)
    return summary


def _shown_table(table: Table) -> tuple[dict[str, Any], bool]:
    """What a person sees of the table to say what its columns mean, and whether its first row seems to name them."""
    rows = [cells[:_SHOWN_COLUMNS] for _, cells in islice(table.rows, _SEEN_ROWS)]
    meanings, has_header = propose(table, rows)
    shown = {
        "sheet": table.sheet,
        "sheets": list(table.sheets),
        "has_header": table.has_header,
        "header": [cell[:_SHOWN_CHARS] for cell in table.header[:_SHOWN_COLUMNS]],
        "guess": [str(each) for each in meanings[:_SHOWN_COLUMNS]],
        "rows": [[cell[:_SHOWN_CHARS] for cell in cells] for cells in rows[:_SHOWN_ROWS]],
    }
    return shown, has_header


def _warn_glossary(report: Report, findings: Findings) -> None:
    if findings.unread:
        names = ", ".join(name for name, _ in findings.unread.most_common(10))
        message = f"Not kept: {names}."
        report.say(
            "warned", code="parts_not_kept", message=message, data=dict(findings.unread.most_common(50))
        )
    if findings.repeated:
        n = len(findings.repeated)
        message = f"{n} terms stood twice in one concept; the second was left out."
        report.say("warned", code="terms_repeated", message=message, data={"terms": findings.repeated[:20]})
    sheet = findings.sheet
    if sheet.outside:
        message = f"{sheet.outside} cells stand right of the table's last named column; they were left out."
        report.say("warned", code="cells_outside", message=message, data={"cells": sheet.outside})
    if sheet.other_sheets:
        message = (
            f"Only the first sheet with terms was read; not read: {', '.join(sheet.other_sheets)[:300]}."
        )
        report.say(
            "warned", code="sheets_not_read", message=message, data={"sheets": list(sheet.other_sheets[:50])}
        )
    if sheet.formulas or sheet.errors:
        message = (
            f"{sheet.formulas} cells hold formulas; their saved values were read, {sheet.formulas_without_value} had none. "
            f"{sheet.errors} cells hold an error and were read as empty."
        )
        data = {
            "formulas": sheet.formulas,
            "without_value": sheet.formulas_without_value,
            "errors": sheet.errors,
        }
        report.say("warned", code="cells_computed", message=message, data=data)
