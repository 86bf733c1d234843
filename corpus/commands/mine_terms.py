"""Candidates for terms from texts and rows."""

import json
from collections.abc import Iterator
from pathlib import Path

from corpus.commands.concepts import read_concepts
from corpus.glossary.candidates.mine import mine
from corpus.glossary.mining import read_texts
from corpus.glossary.terms import Concept
from corpus.output import Output
from corpus.progress import Progress
from corpus.source import verified
from protocol.errors import SpecInvalid
from protocol.jobs import Envelope
from protocol.process import Report, StopFlag
from protocol.specs.files import FileRef
from protocol.specs.glossaries import MineTermsSpec


def mine_terms(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """candidates.jsonl: {"text", "lang", "key", "score", "frequency", "examples"} a line, the best first."""
    spec = envelope.spec
    if not isinstance(spec, MineTermsSpec):
        raise SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")
    known: list[Concept] = read_concepts(verified(spec.concepts)) if spec.concepts else []
    paths = [(verified(ref), ref) for ref in spec.texts]
    size = sum(path.stat().st_size for path, _ in paths)
    report.say("started", facts={"texts": len(paths), "bytes": size, "known_concepts": len(known)})
    stages = iter(("count", "examples"))

    def texts() -> Iterator[str]:
        stage = next(stages)
        before = 0
        reading = Progress(report, stop, stage=stage, total=size, unit="bytes")
        for path, ref in paths:
            yield from _texts_of(path, ref, reading, before)
            before += path.stat().st_size
        reading.finish()

    found = mine(texts, known, least=spec.min_frequency, limit=spec.limit)
    with Output(Path(envelope.workdir), report) as output:
        lines = (json.dumps(each.as_dict(), ensure_ascii=False) + "\n" for each in found)
        output.write_lines("candidates.jsonl", lines)
        output.finish({"candidates.jsonl": {"candidates": len(found)}})
    languages = {lang: sum(each.lang == lang for each in found) for lang in sorted({c.lang for c in found})}
    report.say("finished", summary={"candidates": len(found), **languages})


def _texts_of(path: Path, ref: FileRef, reading: Progress, before: int) -> Iterator[str]:
    for text, _parent in read_texts(path, ref.filename, lambda done: reading(before + done)):
        yield text
