"""Cleaning steps and their account."""

import random

from corpus.cleaning.dedup import Dedup, HashSet
from corpus.cleaning.normalize import Normalize
from corpus.cleaning.pipeline import CleaningReport, clean
from corpus.records import Conversation
from corpus.shapes.conversations import read_row


def _row(prompt: str, completion: str, **extra: object) -> Conversation:
    return read_row({"prompt": prompt, "completion": completion, **extra}, 1)


def test_every_row_is_kept_changed_or_dropped_and_counted() -> None:
    rows = [
        (1, _row("a", "b")),
        (2, _row("cafe\u0301\r\n", "b\r")),
        (3, _row("café\n", "b\n", id=2)),
        (5, _row("a", "b", id=1)),
        (6, _row("a", "c")),
    ]
    report = CleaningReport()

    kept = list(clean(iter(rows), [Normalize(), Dedup()], report))

    assert [line for line, _ in kept] == [1, 2, 6]
    assert [message.content for message in kept[1][1].messages] == ["café\n", "b\n"]
    assert report.as_dict() == {
        "read": 5,
        "kept": 3,
        "changed": {"normalized": 1},
        "dropped": {"duplicate": 2},
        "lines": {"normalized": [2], "duplicate": [3, 5]},
    }


def test_a_hash_set_is_a_set() -> None:
    rng = random.Random(1)
    pool = [rng.getrandbits(64) for _ in range(5000)] + [0]
    keys = rng.choices(pool, k=20_000)
    known: set[int] = set()
    own = HashSet()

    for key in keys:
        assert own.add(key) == (key not in known)
        known.add(key)

    assert len(own) == len(known)
