"""Counts over rows."""

import pytest

from corpus.shapes.conversations import read_row
from corpus.stats import RowStats, script_of


def test_rows_are_counted() -> None:
    stats = RowStats()

    stats.add(read_row({"prompt": "Hello", "completion": "There you are, my dear"}, 1))
    stats.add(read_row({"prompt": "\u4f60\u597d", "completion": "\u60a8\u597d\u5417"}, 2))

    assert stats.as_dict() == {
        "rows": 2,
        "turns": 4,
        "characters": 34,
        "lengths": {"16": 1, "32": 1},
        "scripts": {"Latn": 0.5, "Hani": 0.5},
    }


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("plain words", "Latn"),
        ("na\u00efve café", "Latn"),
        ("12 + 30", "Zyyy"),
        ("\u51c0\u5229\u6da6 2024 Q1", "Hani"),
        ("\u6771\u4eac\u306b\u884c\u304f", "Jpan"),
        ("\uc548\ub155", "Hang"),
        ("\u043f\u0440\u0438\u0432\u0435\u0442", "Cyrl"),
        ("\U0001f600 \u2014", "Zyyy"),
    ],
)
def test_a_text_has_the_script_of_most_letters(text: str, script: str) -> None:
    assert script_of(text) == script
