"""What a generate_rows job tells of its rows: counts for the page, contexts by concept, warnings."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from corpus.glossary.generate import Wish
from corpus.glossary.made import Generated, Row, contexts_of
from corpus.glossary.mining import Mine
from corpus.glossary.phrasings import Generator
from corpus.replay import Replay
from protocol.process import Report
from protocol.specs.glossaries import GenerateRowsSpec

#: Concepts with the fewest contexts that the page names; contexts.jsonl has them all.
_NAMED = 50


def summary_of(made: Generated, replay: Replay, mine: Mine | None, wish: Wish) -> dict[str, Any]:
    """The counts that stand in stats.json beside those of each file."""
    return {
        "train_rows": len(made.train) + len(replay.rows),
        "validation_rows": len(made.validation),
        "prompts": len(made.prompts),
        "replay_rows": len(replay.rows),
        "replay_refused": replay.refused,
        "concepts": len({row.concept for row in made.train}),
        "skipped_concepts": len(made.skipped),
        "held_out_concepts": len(made.held_out),
        "contexts": _contexts(made, wish),
        "sentences": _sentences(made.train, mine),
        "generators": {
            "train": _by_generator(made.train),
            "validation": _by_generator(made.validation),
            "evaluation": dict(Counter(prompt.generator for prompt in made.prompts)),
        },
        "refused": dict(made.refused.most_common()),
    }


def context_lines(made: Generated) -> Iterator[str]:
    """A line a concept: how many contexts it has, and by which generators."""
    counts = contexts_of(made.train)
    by_generator: dict[str, Counter[str]] = {}
    for row in made.train:
        by_generator.setdefault(row.concept, Counter())[row.generator.value] += 1
    for uid, n in sorted(counts.items()):
        line = {"concept": uid, "contexts": n, "generators": dict(by_generator[uid])}
        yield json.dumps(line, ensure_ascii=False) + "\n"
    for uid in made.held_out:
        yield json.dumps({"concept": uid, "contexts": 0, "held_out": True}, ensure_ascii=False) + "\n"


def warn(report: Report, made: Generated, replay: Replay, spec: GenerateRowsSpec) -> None:
    """Say what a person should know before training on the rows."""
    if made.skipped:
        message = f"{len(made.skipped)} concepts have no preferred or admitted term in the language."
        report.say("warned", code="concepts_skipped", message=message, data={"concepts": made.skipped[:20]})
    if made.short:
        message = f"{len(made.short)} concepts have fewer than the {spec.min_contexts} contexts asked for: choose more generators."
        report.say("warned", code="contexts_short", message=message, data={"concepts": made.short[:20]})
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


def _contexts(made: Generated, wish: Wish) -> dict[str, Any]:
    counts = contexts_of(made.train)
    values = sorted(counts.values())
    return {
        "wanted": wish.min_contexts,
        "least": values[0] if values else 0,
        "median": values[len(values) // 2] if values else 0,
        "most": values[-1] if values else 0,
        "histogram": {str(n): times for n, times in sorted(Counter(values).items())},
        "fewest": [
            [uid, n] for uid, n in sorted(counts.items(), key=lambda each: (each[1], each[0]))[:_NAMED]
        ],
    }


def _sentences(rows: Sequence[Row], mine: Mine | None) -> dict[str, int]:
    """Sentences corrected, kept as they were, and taken from real text."""
    count = Counter(row.generator for row in rows)
    return {
        "corrected": count[Generator.CORRECT_SENTENCE],
        "kept": count[Generator.KEEP_SENTENCE],
        "mined": sum(row.parent is not None for row in rows),
        "read": mine.read if mine else 0,
    }


def _by_generator(rows: Sequence[Row]) -> dict[str, int]:
    return dict(Counter(row.generator.value for row in rows))
