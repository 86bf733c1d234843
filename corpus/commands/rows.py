"""Training rows, validation rows and held-out prompts from a glossary version, with replay rows mixed in."""

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from corpus.formats.text import read_lines
from corpus.glossary.generate import Generated, Row, generate
from corpus.glossary.match import Matcher
from corpus.glossary.phrasings import PHRASINGS
from corpus.glossary.terms import Concept
from corpus.output import Output
from corpus.progress import Progress
from corpus.records import Conversation
from corpus.replay import Replay, choose_replay, replay_count
from corpus.source import verified
from corpus.stats import RowStats
from protocol.errors import SpecInvalid
from protocol.jobs import Envelope, GenerateRowsSpec
from protocol.process import Report, StopFlag

_SHOWN = ("train_rows", "validation_rows", "prompts", "replay_rows", "concepts", "skipped_concepts")


def generate_rows(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """train.jsonl, validation.jsonl, prompts.jsonl and stats.json from a glossary version."""
    spec = envelope.spec
    if not isinstance(spec, GenerateRowsSpec):
        raise SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")
    if spec.lang not in PHRASINGS:
        raise SpecInvalid(reason=f"there are no phrasings for {spec.lang!r}, only for {', '.join(PHRASINGS)}")
    concepts = read_concepts(verified(spec.concepts))
    report.say("started", facts={"concepts": len(concepts), "lang": spec.lang})
    progress = Progress(report, stop, stage="generate", total=len(concepts), unit="concepts")
    made = generate(
        concepts,
        lang=spec.lang,
        seed=spec.seed,
        rows_per_concept=spec.rows_per_concept,
        prompts_per_concept=spec.prompts_per_concept,
        on_concept=progress,
    )
    progress.finish()
    replay = _replay_rows(spec, concepts, made, report, stop)
    _warn(report, made, replay)
    train = _mixed([row.as_conversation() for row in made.train], replay.rows, spec.seed)
    validation = [row.as_conversation() for row in made.validation]
    facts = {
        "train.jsonl": _stats_of(train).as_dict() | {"replay_rows": len(replay.rows)},
        "validation.jsonl": _stats_of(validation).as_dict(),
        "prompts.jsonl": {"rows": len(made.prompts), "prompts": len(made.prompts)},
    }
    summary = _summary(made, replay)
    stats = {Path(name).stem: value for name, value in facts.items()} | summary
    with Output(Path(envelope.workdir), report) as output:
        output.write_lines("train.jsonl", (row.as_line() for row in train))
        output.write_lines("validation.jsonl", (row.as_line() for row in validation))
        output.write_lines("prompts.jsonl", (prompt.model_dump_json() + "\n" for prompt in made.prompts))
        output.write_json("stats.json", stats)
        output.finish(facts | {"stats.json": stats})
    report.say("finished", summary={key: summary[key] for key in _SHOWN})


def read_concepts(path: Path) -> list[Concept]:
    """The concepts of a concepts.jsonl. Raises SpecInvalid where a line is none."""
    concepts = []
    for line in read_lines(path):
        try:
            concepts.append(Concept.model_validate_json(line.text))
        except ValidationError as error:
            reason = f"line {line.number} of the concepts is not a concept: {error.errors()[0]['msg']}"
            raise SpecInvalid(reason=reason) from error
    return concepts


def _replay_rows(
    spec: GenerateRowsSpec, concepts: list[Concept], made: Generated, report: Report, stop: StopFlag
) -> Replay:
    wanted = replay_count(len(made.train), spec.replay_share)
    if spec.replay is None or wanted == 0:
        return Replay()
    path = verified(spec.replay)
    return choose_replay(
        path,
        wanted,
        seed=spec.seed,
        matcher=Matcher(concepts, spec.lang),
        held_out={prompt.prompt for prompt in made.prompts},
        on_bytes=Progress(report, stop, stage="replay", total=path.stat().st_size, unit="bytes"),
    )


def _mixed(generated: list[Conversation], replay: Sequence[Conversation], seed: int) -> list[Conversation]:
    """Both kinds in one seeded order."""
    rows = [*generated, *replay]
    random.Random(f"{seed}:order").shuffle(rows)
    return rows


def _summary(made: Generated, replay: Replay) -> dict[str, Any]:
    return {
        "train_rows": len(made.train) + len(replay.rows),
        "validation_rows": len(made.validation),
        "prompts": len(made.prompts),
        "replay_rows": len(replay.rows),
        "replay_refused": replay.refused,
        "concepts": len({row.concept for row in made.train}),
        "skipped_concepts": len(made.skipped),
        "generators": {
            "train": _by_generator(made.train),
            "validation": _by_generator(made.validation),
            "evaluation": dict(Counter(prompt.generator for prompt in made.prompts)),
        },
        "refused": dict(made.refused),
    }


def _by_generator(rows: list[Row]) -> dict[str, int]:
    return dict(Counter(row.generator.value for row in rows))


def _stats_of(rows: list[Conversation]) -> RowStats:
    stats = RowStats()
    for row in rows:
        stats.add(row)
    return stats


def _warn(report: Report, made: Generated, replay: Replay) -> None:
    if made.skipped:
        message = f"{len(made.skipped)} concepts have no preferred or admitted term in the language."
        report.say("warned", code="concepts_skipped", message=message, data={"concepts": made.skipped[:20]})
    if made.refused:
        message = f"{made.refused.total()} rows were not made: their answers would have been wrong."
        report.say("warned", code="rows_refused", message=message, data=dict(made.refused))
    if replay.refused:
        message = f"{replay.refused} replay rows were left out: they use forms the glossary does not allow, or hold a held-out prompt."
        report.say("warned", code="replay_refused", message=message, data={"rows": replay.refused})
    if len(replay.rows) < replay.wanted:
        message = f"The replay file has {len(replay.rows)} of the {replay.wanted} rows asked for."
        data = {"rows": len(replay.rows), "wanted": replay.wanted}
        report.say("warned", code="replay_short", message=message, data=data)
