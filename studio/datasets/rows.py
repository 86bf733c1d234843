"""Rows and counts of a dataset version as a page shows them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from corpus.records import Judged, Labelled, Sensor, Translation
from corpus.rowfile import row_of
from jobs.models import Job
from studio.datasets.models import DatasetVersion

#: What a row says of itself that is worth a chip, in this order.
PROVENANCE = ("concept", "generator", "template", "split")
#: Names of the parts of a preference row.
PAIR = ("input", "preferred_output", "non_preferred_output")
#: Rows with one of these are turns.
SPOKEN = frozenset({"messages", "preferred_output"})
#: Names of the parts of a row that are shown otherwise.
SHOWN = {"messages", "tools", "parallel_tool_calls", "replay", "provenance", *PROVENANCE, *PAIR}


@dataclass(frozen=True)
class RowCounts:
    """How many rows each part of a version has."""

    train: int
    validation: int
    prompts: int
    replay: int

    @property
    def total(self) -> int:
        """Rows to learn from and to check with."""
        return self.train + self.validation


def counts_of(version: DatasetVersion) -> RowCounts:
    """The counts in a version's stats."""
    stats = version.stats
    train = stats.get("train")
    replay = train.get("replay_rows", 0) if isinstance(train, dict) else 0
    return RowCounts(
        train=_rows(train),
        validation=_rows(stats.get("validation")),
        prompts=_rows(stats.get("prompts")),
        replay=stats.get("replay_rows", replay),
    )


def _rows(part: Any) -> int:
    """A part's rows, be it counted or described."""
    if isinstance(part, dict):
        return int(part.get("rows", 0))
    return int(part or 0)


@dataclass(frozen=True)
class Bar:
    """One bar of a chart: its name, its figure, and its length of 100."""

    name: str
    value: float
    length: float


@dataclass(frozen=True)
class SplitFigures:
    """What is in a split."""

    name: str
    rows: int
    turns: int
    characters: int
    lengths: list[Bar]
    scripts: list[Bar]

    @property
    def turns_per_row(self) -> float:
        """Turns of an average row."""
        return self.turns / self.rows

    @property
    def characters_per_row(self) -> int:
        """Characters of an average row."""
        return round(self.characters / self.rows)


def figures_of(name: str, stats: dict[str, Any]) -> SplitFigures:
    """The figures of one split; lengths in characters, up to a power of two."""
    lengths = {int(bound): n for bound, n in stats.get("lengths", {}).items()}
    most = max(lengths.values(), default=1)
    return SplitFigures(
        name=name,
        rows=stats["rows"],
        turns=stats.get("turns", 0),
        characters=stats.get("characters", 0),
        lengths=[Bar(_span(bound), n, 100 * n / most) for bound, n in sorted(lengths.items())],
        scripts=[Bar(script, share, 100 * share) for script, share in stats.get("scripts", {}).items()],
    )


def _span(bound: int) -> str:
    """The lengths a bar counts: "257-512"; everything to 16 is one bar."""
    return f"0–{bound}" if bound <= 16 else f"{bound // 2 + 1}–{bound}"


@dataclass(frozen=True)
class ChatTurn:
    """One turn: who, what, and whether it is learnt from."""

    role: str
    text: str
    calls: tuple[str, ...]
    trained: bool
    #: "preferred" or "non_preferred" in a preference row.
    answer: str = ""


@dataclass(frozen=True)
class ChatRow:
    """A row as the chat it is, with where it comes from."""

    number: int
    turns: list[ChatTurn]
    chips: list[tuple[str, str]]
    replay: bool


def chat_rows(preview: list[dict[str, Any]]) -> list[ChatRow]:
    """The preview's rows, counted from 1."""
    return [_chat_row(number, row) for number, row in enumerate(preview, start=1)]


def _chat_row(number: int, row: dict[str, Any]) -> ChatRow:
    chips = [(name, str(row[name])) for name in PROVENANCE if row.get(name) not in (None, "")]
    provenance = row.get("provenance")
    if isinstance(provenance, dict):
        known = {name for name, _ in chips}
        chips += [(n, str(provenance[n])) for n in PROVENANCE if n in provenance and n not in known]
        if provenance.get("parent"):
            chips.append(("parent", str(provenance["parent"])[:12]))
    others, turns = (row, list(_turns(row))) if row.keys() & SPOKEN else _written(row)
    chips += [(name, str(value)[:80]) for name, value in others.items() if name not in SHOWN]
    return ChatRow(number, turns, chips, bool(row.get("replay")))


def _turns(row: dict[str, Any]) -> Iterator[ChatTurn]:
    """The turns of a chat; of a preference row the prompt's, then both answers, named by which is preferred."""
    for message in row.get("messages", ()):
        yield _turn(message)
    if "preferred_output" in row:
        for message in row["input"]["messages"]:
            yield replace(_turn(message), trained=False)
        for name in ("preferred_output", "non_preferred_output"):
            for message in row[name]:
                yield replace(_turn(message), answer=name.removesuffix("_output"))


def _written(row: dict[str, Any]) -> tuple[dict[str, Any], list[ChatTurn]]:
    """What else a row says that has no turns, and its texts as turns."""
    try:
        read = row_of(row)
    except ValueError:
        # A preview has cut it so short that it is none any more.
        return {}, [ChatTurn("passage", json.dumps(row, ensure_ascii=False), (), trained=False)]
    turns = [ChatTurn("user", text, (), trained=False) for text in read.prompt_texts()]
    match read:
        case Judged():
            role = "wanted" if read.is_wanted else "unwanted"
            turns.append(ChatTurn(role, read.completion, (), trained=read.is_wanted))
        case Translation():
            turns.append(ChatTurn("assistant", read.target, (), trained=True))
        case _:
            turns = [ChatTurn("passage", text, (), trained=True) for text in read.texts()]
    known = {"label": read.label} if isinstance(read, Labelled | Sensor) and read.label else {}
    return known | read.extra, turns


def _turn(message: dict[str, Any]) -> ChatTurn:
    trained = message["role"] == "assistant" and message.get("weight") != 0
    return ChatTurn(message["role"], message.get("content") or "", _calls(message.get("tool_calls")), trained)


def _calls(calls: Any) -> tuple[str, ...]:
    """The tool calls as written; a preview has cut a long list to its beginning, which is shown as it is."""
    if isinstance(calls, str):
        return (calls,)
    return tuple(f"{call['function']['name']}({call['function']['arguments']})" for call in calls or ())


@dataclass(frozen=True)
class PendingJob:
    """A job that makes rows, with its newest progress."""

    job: Job
    progress: dict[str, Any] | None
