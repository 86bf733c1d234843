"""Concepts from an uploaded glossary."""

from pathlib import Path

from corpus.glossary.counts import GlossaryCounts
from corpus.glossary.formats.read import Findings
from corpus.glossary.parse import read_glossary
from corpus.output import Output
from corpus.progress import Progress
from corpus.source import verified
from protocol.errors import SpecInvalid
from protocol.jobs import Envelope, PrepareGlossarySpec
from protocol.process import Report, StopFlag


def prepare_glossary(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """concepts.jsonl and stats.json from an upload."""
    spec = envelope.spec
    if not isinstance(spec, PrepareGlossarySpec):
        raise SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")
    path = verified(spec.file)
    report.say("started", facts={"file": spec.file.filename, "bytes": path.stat().st_size})
    reading = Progress(report, stop, stage="read", total=path.stat().st_size, unit="bytes")
    findings, counts = Findings(), GlossaryCounts()
    with Output(Path(envelope.workdir), report) as output:
        for concept in read_glossary(path, spec.file.filename, findings, reading):
            counts.add(concept)
            output.write("concepts.jsonl", concept.model_dump_json() + "\n")
        reading.finish()
        _warn_glossary(report, findings)
        output.write_json("stats.json", counts.as_dict())
        output.finish({"concepts.jsonl": counts.as_dict(), "stats.json": counts.as_dict()})
    report.say("finished", summary=counts.as_dict())


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
