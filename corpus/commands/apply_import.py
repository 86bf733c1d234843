"""The concepts of an accepted import: the plan's, with every choice applied."""

from collections.abc import Iterator
from pathlib import Path

from corpus.commands.glossary import concepts_of
from corpus.glossary.conflicts import ConflictRow
from corpus.glossary.counts import GlossaryCounts
from corpus.glossary.settle import Settlement, settle
from corpus.output import Output
from corpus.progress import Progress
from corpus.source import verified
from protocol.errors import SpecInvalid
from protocol.jobs import Envelope
from protocol.process import Report, StopFlag
from protocol.specs.glossaries import ApplyImportSpec


def apply_import(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """concepts.jsonl and stats.json of the version that an accepted plan becomes. Raises ConflictsRemain, GlossaryEmpty."""
    spec = envelope.spec
    if not isinstance(spec, ApplyImportSpec):
        raise SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")
    path = verified(spec.concepts)
    report.say("started", facts={"choices": len(spec.choices), "missing": spec.missing})
    progress = Progress(report, stop, stage="settle", total=path.stat().st_size, unit="bytes")
    settlement = Settlement(conflicts_of(verified(spec.conflicts)), spec.choices, spec.rules)
    base = concepts_of(verified(spec.base)) if spec.base is not None else iter(())
    counts, done = GlossaryCounts(), 0
    with Output(Path(envelope.workdir), report) as output:
        for concept in settle(concepts_of(path), base, settlement, keeps_missing=spec.missing == "keep"):
            line = concept.model_dump_json() + "\n"
            done += len(line)
            progress(done)
            counts.add(concept)
            output.write("concepts.jsonl", line)
        progress.finish()
        output.write_json("stats.json", counts.as_dict())
        output.finish({"concepts.jsonl": counts.as_dict(), "stats.json": counts.as_dict()})
    report.say("finished", summary=counts.as_dict())


def conflicts_of(path: Path) -> Iterator[ConflictRow]:
    """The conflicts of a conflicts.jsonl."""
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield ConflictRow.model_validate_json(line)
