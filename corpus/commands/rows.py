"""Training rows, validation rows and held-out prompts from a glossary version, with replay rows mixed in."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corpus.commands.concepts import check_lang, mined_from, read_concepts
from corpus.commands.rows_told import context_lines, summary_of, warn
from corpus.glossary.generate import Wish, generate, material
from corpus.glossary.made import Generated, Source
from corpus.glossary.match import Matcher
from corpus.glossary.phrasings import USUAL, Generator
from corpus.glossary.terms import Concept
from corpus.output import Output
from corpus.progress import Progress
from corpus.records import Conversation
from corpus.replay import Replay, choose_replay, replay_count
from corpus.source import verified
from corpus.stats import RowStats
from protocol.errors import SpecInvalid
from protocol.jobs import Envelope
from protocol.process import Report, StopFlag
from protocol.specs.glossaries import GenerateRowsSpec

_SHOWN = ("train_rows", "validation_rows", "prompts", "replay_rows", "concepts", "skipped_concepts")


def generate_rows(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """train.jsonl, validation.jsonl, prompts.jsonl, contexts.jsonl and stats.json from a glossary version."""
    spec = envelope.spec
    if not isinstance(spec, GenerateRowsSpec):
        raise SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")
    check_lang(spec.lang)
    wish = wish_of(spec)
    concepts = read_concepts(verified(spec.concepts))
    report.say("started", facts={"concepts": len(concepts), "lang": spec.lang})
    given = material(concepts, lang=spec.lang, seed=spec.seed, hold_out_share=wish.hold_out_share)
    mine = mined_from(spec.text, given, spec.seed, report, stop)
    progress = Progress(report, stop, stage="generate", total=len(concepts), unit="concepts")
    made = generate(
        concepts,
        lang=spec.lang,
        seed=spec.seed,
        wish=wish,
        found=mine.found() if mine else None,
        on_concept=progress,
    )
    progress.finish()
    replay = _replay_rows(spec, concepts, made, report, stop)
    warn(report, made, replay, spec)
    source = Source(spec.seed, spec.glossary_version or spec.concepts.sha256)
    train = _mixed([row.as_conversation(source) for row in made.train], replay.rows, spec.seed)
    validation = [row.as_conversation(source) for row in made.validation]
    facts: dict[str, dict[str, Any]] = {
        "train.jsonl": _stats_of(train).as_dict() | {"replay_rows": len(replay.rows)},
        "validation.jsonl": _stats_of(validation).as_dict(),
        "prompts.jsonl": {"rows": len(made.prompts), "prompts": len(made.prompts)},
    }
    summary = summary_of(made, replay, mine, wish)
    stats = {Path(name).stem: value for name, value in facts.items()} | summary
    with Output(Path(envelope.workdir), report) as output:
        output.write_lines("train.jsonl", (row.as_line() for row in train))
        output.write_lines("validation.jsonl", (row.as_line() for row in validation))
        output.write_lines("prompts.jsonl", (prompt.model_dump_json() + "\n" for prompt in made.prompts))
        output.write_lines("contexts.jsonl", context_lines(made))
        output.write_json("stats.json", stats)
        output.finish(facts | {"stats.json": stats})
    report.say("finished", summary={key: summary[key] for key in _SHOWN})


def wish_of(spec: GenerateRowsSpec) -> Wish:
    """How much the spec asks for. Raises SpecInvalid for a generator that there is none of."""
    unknown = set(spec.generators) - set(Generator)
    if unknown:
        raise SpecInvalid(reason=f"there is no generator {', '.join(sorted(unknown))}")
    return Wish(
        rows_per_concept=spec.rows_per_concept,
        prompts_per_concept=spec.prompts_per_concept,
        min_contexts=spec.min_contexts,
        budget=spec.budget,
        generators=tuple(each for each in Generator if each in spec.generators) or USUAL,
        keep_share=spec.keep_share,
        hold_out_share=spec.hold_out_share,
    )


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


def _stats_of(rows: list[Conversation]) -> RowStats:
    stats = RowStats()
    for row in rows:
        stats.add(row)
    return stats
