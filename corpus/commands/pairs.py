"""Preference pairs from a glossary version, in OpenAI's shape for direct preference optimisation."""

from collections import Counter
from pathlib import Path
from typing import Any

from corpus.commands.concepts import check_lang, mined_from, read_concepts
from corpus.glossary.check import Checker
from corpus.glossary.errors import GlossaryEmpty
from corpus.glossary.generate import material
from corpus.glossary.made import Source
from corpus.glossary.preferences import preference_pairs
from corpus.output import Output
from corpus.progress import Progress
from corpus.source import verified
from protocol.errors import SpecInvalid
from protocol.jobs import Envelope
from protocol.process import Report, StopFlag
from protocol.specs.glossaries import GeneratePairsSpec


def generate_pairs(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """train.jsonl and stats.json from a glossary version. Raises GlossaryEmpty where no concept has a form to reject."""
    spec = envelope.spec
    if not isinstance(spec, GeneratePairsSpec):
        raise SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")
    check_lang(spec.lang)
    concepts = read_concepts(verified(spec.concepts))
    report.say("started", facts={"concepts": len(concepts), "lang": spec.lang})
    given = material(concepts, lang=spec.lang, seed=spec.seed, hold_out_share=spec.hold_out_share)
    mine = mined_from(spec.text, given, spec.seed, report, stop)
    refused: Counter[str] = Counter()
    pairs = preference_pairs(
        given,
        Checker(concepts, spec.lang, given.held_out),
        seed=spec.seed,
        per_concept=spec.pairs_per_concept,
        refused=refused,
        found=mine.found() if mine else None,
        on_concept=Progress(report, stop, stage="generate", total=len(given.taught), unit="concepts"),
    )
    if not pairs:
        raise GlossaryEmpty(reason=f"no concept has a form to reject in {spec.lang}")
    if refused:
        message = f"{refused.total()} pairs were not made: they would have taught something wrong."
        report.say("warned", code="rows_refused", message=message, data=dict(refused))
    stats: dict[str, Any] = {
        "train": {"rows": len(pairs)},
        "concepts": len({pair.concept for pair in pairs}),
        "generators": {"train": dict(Counter(f"preference.{pair.generator.value}" for pair in pairs))},
        "refused": dict(refused.most_common()),
    }
    source = Source(spec.seed, spec.glossary_version or spec.concepts.sha256)
    with Output(Path(envelope.workdir), report) as output:
        output.write_lines("train.jsonl", (pair.as_preference(source).as_line() for pair in pairs))
        output.write_json("stats.json", stats)
        output.finish({"train.jsonl": {"rows": len(pairs)}, "stats.json": stats})
    report.say("finished", summary={"pairs": len(pairs), "concepts": stats["concepts"]})
