"""General rows mixed in among the generated ones against forgetting."""

import hashlib
import heapq
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from corpus.formats.text import OnBytes
from corpus.glossary.match import Matcher
from corpus.glossary.taught import wrong_hits
from corpus.records import Conversation
from corpus.shapes.conversations import read_jsonl
from protocol.chat import Role


@dataclass(frozen=True)
class Replay:
    """The rows chosen, how many were asked for, and how many must not be used."""

    rows: tuple[Conversation, ...] = ()
    wanted: int = 0
    #: Rows whose answers use a form the glossary does not allow, or that hold a held-out prompt.
    refused: int = 0


def replay_count(generated: int, share: float) -> int:
    """How many replay rows are `share` of all rows when the generated ones are the rest."""
    return round(generated * share / (1 - share))


def choose_replay(
    path: Path, wanted: int, *, seed: int, matcher: Matcher, held_out: Set[str], on_bytes: OnBytes
) -> Replay:
    """A seeded choice of `wanted` rows of a file; only these are held in memory."""
    best: list[tuple[int, int, Conversation]] = []
    refused = 0
    for line, row in read_jsonl(path, on_bytes):
        if _is_harmful(row, matcher, held_out):
            refused += 1
            continue
        entry = (_rank(row, seed), -line, row)
        if len(best) < wanted:
            heapq.heappush(best, entry)
        elif best and entry[:2] > best[0][:2]:
            heapq.heapreplace(best, entry)
    rows = (row for _, _, row in sorted(best, key=lambda entry: entry[:2]))
    return Replay(tuple(map(_marked, rows)), wanted, refused)


def _is_harmful(row: Conversation, matcher: Matcher, held_out: Set[str]) -> bool:
    if any(message.content in held_out for message in row.messages):
        return True
    answers = (m.content for m in row.messages if m.role is Role.ASSISTANT and m.content)
    return any(wrong_hits(matcher.find(answer)) for answer in answers)


def _rank(row: Conversation, seed: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}\n{row.as_line()}".encode()).digest()[:8], "big")


def _marked(row: Conversation) -> Conversation:
    return row.model_copy(update={"replay": True, "extra": {**row.extra, "split": "train"}})
