"""The three jobs of this package: a dataset, a glossary, and rows from a glossary."""

import hashlib
import heapq
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from corpus.cleaning.dedup import Dedup
from corpus.cleaning.normalize import Normalize
from corpus.cleaning.pipeline import CleaningReport, NumberedRow, clean
from corpus.errors import FileEmpty
from corpus.formats.csv import read_csv
from corpus.formats.jsonl import read_jsonl
from corpus.formats.sniff import Format, Purpose, sniff
from corpus.formats.text import OnBytes, read_lines
from corpus.glossary.generate import Generated, Row, generate, wrong_hits
from corpus.glossary.match import Matcher
from corpus.glossary.parse import Findings, read_glossary
from corpus.glossary.phrasings import PHRASINGS
from corpus.glossary.terms import Concept
from corpus.output import Output
from corpus.records import Conversation
from corpus.source import Reading, verified
from corpus.split import is_validation
from corpus.stats import RowStats
from protocol.chat import Role
from protocol.errors import SpecInvalid
from protocol.jobs import (
    Envelope,
    FileRef,
    GenerateRowsSpec,
    JobSpec,
    PrepareDatasetSpec,
    PrepareGlossarySpec,
)
from protocol.process import Report, StopFlag

_PREVIEW_ROWS = 50


def prepare(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """Whatever the spec asks of this package. Raises SpecInvalid for another kind."""
    match envelope.spec:
        case PrepareDatasetSpec():
            prepare_dataset(envelope, report, stop)
        case PrepareGlossarySpec():
            prepare_glossary(envelope, report, stop)
        case GenerateRowsSpec():
            generate_rows(envelope, report, stop)
        case other:
            raise _wrong_kind(other)


def prepare_dataset(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """train.jsonl, validation.jsonl, preview.jsonl and stats.json from an upload."""
    spec = envelope.spec
    if not isinstance(spec, PrepareDatasetSpec):
        raise _wrong_kind(spec)
    path = verified(spec.file)
    report.say("started", facts={"file": spec.file.filename, "bytes": path.stat().st_size})
    reading = Reading(path, report, stop)
    cleaning, stats = CleaningReport(), {"train.jsonl": RowStats(), "validation.jsonl": RowStats()}
    with Output(Path(envelope.workdir), report) as output:
        output.make([*stats, "preview.jsonl"])
        rows = clean(_read_rows(path, spec.file.filename, reading), [Normalize(), Dedup()], cleaning)
        for number, (_, row) in enumerate(rows):
            held_out = is_validation(row, share=spec.validation_share, seed=spec.seed)
            name = "validation.jsonl" if held_out else "train.jsonl"
            line = row.as_line()
            output.write(name, line)
            stats[name].add(row)
            if number < _PREVIEW_ROWS:
                output.write("preview.jsonl", line)
        if cleaning.kept == 0:
            raise FileEmpty(reason="it has no rows")
        reading.finish()
        facts = {name: counts.as_dict() for name, counts in stats.items()}
        _warn_cleaning(report, cleaning)
        _warn_split(report, stats, spec.validation_share)
        summary = {
            "train": stats["train.jsonl"].as_dict(),
            "validation": stats["validation.jsonl"].as_dict(),
            "duplicates": cleaning.dropped["duplicate"],
            "cleaning": cleaning.as_dict(),
        }
        output.write_json("stats.json", summary)
        output.finish(facts | {"stats.json": summary})
    report.say(
        "finished",
        summary={
            "rows": cleaning.kept,
            "train_rows": stats["train.jsonl"].rows,
            "validation_rows": stats["validation.jsonl"].rows,
            "duplicates": cleaning.dropped["duplicate"],
        },
    )


def prepare_glossary(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """concepts.jsonl and stats.json from an upload."""
    spec = envelope.spec
    if not isinstance(spec, PrepareGlossarySpec):
        raise _wrong_kind(spec)
    path = verified(spec.file)
    report.say("started", facts={"file": spec.file.filename, "bytes": path.stat().st_size})
    reading, findings, counts = Reading(path, report, stop), Findings(), GlossaryCounts()
    with Output(Path(envelope.workdir), report) as output:
        for concept in read_glossary(path, spec.file.filename, findings, reading):
            counts.add(concept)
            output.write("concepts.jsonl", concept.model_dump_json() + "\n")
        reading.finish()
        _warn_glossary(report, findings)
        output.write_json("stats.json", counts.as_dict())
        output.finish({"concepts.jsonl": counts.as_dict(), "stats.json": counts.as_dict()})
    report.say("finished", summary=counts.as_dict())


def generate_rows(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """train.jsonl, validation.jsonl, prompts.jsonl and stats.json from a glossary version."""
    spec = envelope.spec
    if not isinstance(spec, GenerateRowsSpec):
        raise _wrong_kind(spec)
    if spec.lang not in PHRASINGS:
        raise SpecInvalid(reason=f"there are no phrasings for {spec.lang!r}, only for {', '.join(PHRASINGS)}")
    concepts = read_concepts(verified(spec.concepts))
    report.say("started", facts={"concepts": len(concepts), "lang": spec.lang})
    made = generate(
        concepts,
        lang=spec.lang,
        seed=spec.seed,
        rows_per_concept=spec.rows_per_concept,
        prompts_per_concept=spec.prompts_per_concept,
    )
    replay = _Replay(spec, Matcher(concepts, spec.lang))
    if spec.replay is not None:
        path = verified(spec.replay)
        replay.read(
            path,
            wanted=_replay_count(len(made.train), spec.replay_share),
            on_bytes=Reading(path, report, stop),
        )
    _warn_generated(report, made, replay)
    train = _mixed([row.as_conversation() for row in made.train], replay.rows, spec.seed)
    validation = [row.as_conversation() for row in made.validation]
    summary = _generated_summary(made, replay)
    with Output(Path(envelope.workdir), report) as output:
        output.make(["train.jsonl", "validation.jsonl", "prompts.jsonl"])
        for name, rows in (("train.jsonl", train), ("validation.jsonl", validation)):
            for row in rows:
                output.write(name, row.as_line())
        for prompt in made.prompts:
            output.write("prompts.jsonl", prompt.model_dump_json() + "\n")
        facts = {
            "train.jsonl": _stats_of(train).as_dict() | {"replay_rows": len(replay.rows)},
            "validation.jsonl": _stats_of(validation).as_dict(),
            "prompts.jsonl": {"rows": len(made.prompts), "prompts": len(made.prompts)},
        }
        stats = {Path(name).stem: value for name, value in facts.items()} | summary
        output.write_json("stats.json", stats)
        output.finish(facts | {"stats.json": stats})
    report.say("progress", stage="generate", done=len(concepts), total=len(concepts), unit="concepts")
    report.say("finished", summary={key: summary[key] for key in _SUMMARY})


_SUMMARY = ("train_rows", "validation_rows", "prompts", "replay_rows", "concepts", "skipped_concepts")


class GlossaryCounts:
    """Concepts, terms by language and status, subject fields."""

    def __init__(self) -> None:
        self._concepts = 0
        self._terms: dict[str, Counter[str]] = {}
        self._fields: Counter[str] = Counter()

    def add(self, concept: Concept) -> None:
        """Count one concept."""
        self._concepts += 1
        self._fields[concept.subject_field or ""] += 1
        for term in concept.terms:
            self._terms.setdefault(term.lang, Counter())[term.status.value] += 1

    def as_dict(self) -> dict[str, Any]:
        """The counts as they are stored."""
        return {
            "concepts": self._concepts,
            "terms": sum(counts.total() for counts in self._terms.values()),
            "languages": {lang: dict(counts) for lang, counts in sorted(self._terms.items())},
            "subject_fields": dict(self._fields.most_common(100)),
        }


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


def _read_rows(path: Path, filename: str, on_bytes: OnBytes) -> Iterator[NumberedRow]:
    format_ = sniff(path, filename, Purpose.FINE_TUNE)
    if format_ is Format.JSONL:
        return read_jsonl(path, on_bytes)
    return read_csv(path, format_, on_bytes)


class _Replay:
    """General rows mixed in against forgetting: a seeded choice that needs only the chosen rows in memory."""

    def __init__(self, spec: GenerateRowsSpec, matcher: Matcher) -> None:
        self._seed = spec.seed
        self._file: FileRef | None = spec.replay
        self._matcher = matcher
        self.rows: list[Conversation] = []
        self.wanted = 0
        #: Rows whose answers use a form the glossary does not allow; they would teach it.
        self.refused = 0

    def read(self, path: Path, wanted: int, on_bytes: OnBytes) -> None:
        """Choose `wanted` rows of a file."""
        self.wanted = wanted
        best: list[tuple[int, int, Conversation]] = []
        for line, row in read_jsonl(path, on_bytes):
            if self._teaches_wrong_forms(row):
                self.refused += 1
                continue
            rank = -int.from_bytes(
                hashlib.sha256(f"{self._seed}\n{row.as_line()}".encode()).digest()[:8], "big"
            )
            if len(best) < wanted:
                heapq.heappush(best, (rank, -line, row))
            elif best and rank > best[0][0]:
                heapq.heapreplace(best, (rank, -line, row))
        self.rows = [
            row.model_copy(update={"replay": True, "extra": {**row.extra, "split": "train"}})
            for _, _, row in sorted(best, key=lambda item: item[:2])
        ]

    def _teaches_wrong_forms(self, row: Conversation) -> bool:
        answers = (m.content for m in row.messages if m.role is Role.ASSISTANT and m.content)
        return any(wrong_hits(self._matcher.find(answer)) for answer in answers)


def _replay_count(generated: int, share: float) -> int:
    """Replay rows that are `share` of all rows, the generated ones being the rest."""
    return round(generated * share / (1 - share))


def _mixed(generated: list[Conversation], replay: list[Conversation], seed: int) -> list[Conversation]:
    """Both kinds in one seeded order."""
    rows = [
        (hashlib.sha256(f"{seed}\n{row.as_line()}".encode()).digest(), row) for row in [*generated, *replay]
    ]
    return [row for _, row in sorted(rows, key=lambda item: item[0])]


def _generated_summary(made: Generated, replay: _Replay) -> dict[str, Any]:
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


def _wrong_kind(spec: JobSpec) -> SpecInvalid:
    return SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")


def _warn_cleaning(report: Report, cleaning: CleaningReport) -> None:
    for reason, n in (cleaning.dropped + cleaning.changed).items():
        done = "left out" if reason in cleaning.dropped else "changed"
        lines = cleaning.lines[reason]
        named = ", ".join(map(str, lines)) + (" ..." if n > len(lines) else "")
        message = f"{n} rows were {done} ({reason}): line {named}."
        code = "rows_duplicate" if reason in cleaning.dropped else "rows_changed"
        report.say("warned", code=code, message=message, data={"rows": n, "lines": lines})


def _warn_split(report: Report, stats: dict[str, RowStats], share: float) -> None:
    for name, is_wanted in (("train.jsonl", share < 1), ("validation.jsonl", share > 0)):
        if is_wanted and stats[name].rows == 0:
            split = Path(name).stem
            message = f"The {split} split is empty: the file has too few rows."
            report.say("warned", code="split_empty", message=message, data={"split": split})


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


def _warn_generated(report: Report, made: Generated, replay: _Replay) -> None:
    if made.skipped:
        message = f"{len(made.skipped)} concepts have no preferred or admitted term in the language."
        report.say("warned", code="concepts_skipped", message=message, data={"concepts": made.skipped[:20]})
    if made.refused:
        message = f"{made.refused.total()} rows were not made: their answers would have been wrong."
        report.say("warned", code="rows_refused", message=message, data=dict(made.refused))
    if replay.refused:
        message = f"{replay.refused} replay rows were left out: they use forms the glossary does not allow."
        report.say("warned", code="replay_refused", message=message, data={"rows": replay.refused})
    if len(replay.rows) < replay.wanted:
        message = f"The replay file has {len(replay.rows)} of the {replay.wanted} rows asked for."
        data = {"rows": len(replay.rows), "wanted": replay.wanted}
        report.say("warned", code="replay_short", message=message, data=data)
