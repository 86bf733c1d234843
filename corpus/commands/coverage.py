"""What a dataset version has of a glossary version."""

import json
from collections.abc import Iterator
from pathlib import Path

from corpus.commands.concepts import read_concepts
from corpus.glossary.coverage import CoverageCounter, Place
from corpus.glossary.coverage_report import concept_lines, index_lines, summary_of
from corpus.output import Output
from corpus.progress import Progress
from corpus.records import Row
from corpus.rowfile import row_of
from corpus.source import verified
from protocol.errors import SpecInvalid
from protocol.jobs import Envelope
from protocol.process import Report, StopFlag
from protocol.specs.glossaries import CoverageSpec


def coverage(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """summary.json, concepts.jsonl, index.jsonl."""
    spec = envelope.spec
    if not isinstance(spec, CoverageSpec):
        raise SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")
    concepts = read_concepts(verified(spec.concepts))
    paths = {split.name: verified(split.rows) for split in spec.splits}
    report.say("started", facts={"concepts": len(concepts), "splits": len(paths)})
    counter = CoverageCounter(concepts)
    for name, path in paths.items():
        reading = Progress(report, stop, stage=f"read {name}", total=path.stat().st_size, unit="bytes")
        for place in counter.add(name, placed_rows(path)):
            reading(place.offset)
        reading.finish()
    summary = summary_of(counter, concepts)
    with Output(Path(envelope.workdir), report) as output:
        output.write_json("summary.json", summary)
        output.write_lines("concepts.jsonl", (_line(each) for each in concept_lines(counter, concepts)))
        output.write_lines("index.jsonl", (_line(each) for each in index_lines(counter, concepts)))
        output.finish({"summary.json": summary["all"]})
    report.say("finished", summary=summary["all"])


def placed_rows(path: Path) -> Iterator[tuple[Place, Row]]:
    """The rows of a file of the house's, with where each line begins."""
    offset = number = 0
    with path.open("rb") as lines:
        for line in lines:
            if line.strip():
                number += 1
                yield Place(number, offset), row_of(json.loads(line))
            offset += len(line)


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"
