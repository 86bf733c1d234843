"""Near-duplicates: found as a naive comparison of all pairs finds them, whatever the order and the number of workers."""

import random
from pathlib import Path

import numpy as np
import pytest

from corpus.cleaning.comparable import comparable
from corpus.cleaning.near.clusters import near_duplicates

THRESHOLD = 0.8


def naive_shingles(text: str) -> set[str]:
    folded = comparable(text)
    cjk = sum("\u3040" <= char <= "\u9fff" for char in folded)
    width = min(2 if cjk >= 0.3 * len(folded) else 4, len(folded))
    return {folded[i : i + width] for i in range(len(folded) - width + 1)}


def naive_clusters(texts: list[str]) -> set[frozenset[int]]:
    sets = [naive_shingles(text) for text in texts]
    group = list(range(len(texts)))
    for i in range(len(texts)):
        for j in range(i):
            if len(sets[i] & sets[j]) >= THRESHOLD * len(sets[i] | sets[j]) and group[i] != group[j]:
                old, new = group[i], group[j]
                group = [new if one == old else one for one in group]
    return {frozenset(i for i, one in enumerate(group) if one == label) for label in set(group)}


def clusters_of(texts: list[str], folder: Path, workers: int = 1) -> set[frozenset[int]]:
    labels = near_duplicates(iter(texts), folder / "near", threshold=THRESHOLD, workers=workers)
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Some hundred texts, zh and en, and copies of them with few and with many edits."""
    rng = random.Random(5)
    letters, hanzi = "abcdefghijklmnopqrstuvwxyz", [chr(0x4E00 + 7 * i) for i in range(900)]
    made = []
    for i in range(160):
        words = (
            ["".join(rng.choices(hanzi, k=rng.randint(2, 3))) for _ in range(rng.randint(8, 25))]
            if i % 2
            else ["".join(rng.choices(letters, k=rng.randint(2, 9))) for _ in range(rng.randint(8, 25))]
        )
        made.append(("" if i % 2 else " ").join(words))
    for text in list(made):
        for _ in range(rng.randint(0, 3)):
            copy = list(text)
            for _ in range(rng.randint(1, 5)):
                copy[rng.randrange(len(copy))] = rng.choice("ex,")
            made.append("".join(copy))
    return [*made, "", "", "a", "A ", "好"]


def test_clusters_are_those_of_comparing_all_pairs(texts: list[str], tmp_path: Path) -> None:
    found, wanted = clusters_of(texts, tmp_path), naive_clusters(texts)

    together = {pair for c in wanted for pair in ((a, b) for a in c for b in c if a < b)}
    linked = {pair for c in found for pair in ((a, b) for a in c for b in c if a < b)}
    assert len(together) > 100
    assert linked <= together
    # A pair at the very threshold is missed with a chance of 0.2 %.
    assert len(linked) >= 0.99 * len(together)


def test_clusters_do_not_depend_on_the_order_or_the_workers(texts: list[str], tmp_path: Path) -> None:
    order = list(range(len(texts)))
    random.Random(9).shuffle(order)

    shuffled = clusters_of([texts[i] for i in order], tmp_path, workers=2)

    assert {frozenset(order[i] for i in c) for c in shuffled} == clusters_of(texts, tmp_path)


def test_a_thousand_equal_texts_are_one_cluster(tmp_path: Path) -> None:
    labels = near_duplicates(iter(["The same sentence, over and over again."] * 1000), tmp_path / "near")

    assert set(labels.tolist()) == {0}


def test_no_text_at_all_is_no_cluster(tmp_path: Path) -> None:
    assert len(near_duplicates(iter(()), tmp_path / "near")) == 0
    assert list(tmp_path.iterdir()) == []
