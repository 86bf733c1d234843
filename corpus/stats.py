"""Counting rows as they pass: turns, characters, lengths, and which scripts the text is written in."""

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from corpus.records import Conversation, Row

#: Rough: at most this much of a row is looked at for its script.
_SCRIPT_CHARS = 2000
#: Last code point of a block -> its script (ISO 15924); what is not named is Zyyy.
_BLOCKS = (
    (0x0040, "Zyyy"),
    (0x024F, "Latn"),
    (0x036F, "Zyyy"),
    (0x03FF, "Grek"),
    (0x052F, "Cyrl"),
    (0x058F, "Armn"),
    (0x05FF, "Hebr"),
    (0x077F, "Arab"),
    (0x08FF, "Zyyy"),
    (0x097F, "Deva"),
    (0x0DFF, "Zyyy"),
    (0x0E7F, "Thai"),
    (0x10FF, "Zyyy"),
    (0x11FF, "Hang"),
    (0x1DFF, "Zyyy"),
    (0x1EFF, "Latn"),
    (0x303F, "Zyyy"),
    (0x30FF, "Jpan"),
    (0x33FF, "Zyyy"),
    (0x9FFF, "Hani"),
    (0xABFF, "Zyyy"),
    (0xD7FF, "Hang"),
    (0xF8FF, "Zyyy"),
    (0xFAFF, "Hani"),
    (0x1FFFF, "Zyyy"),
    (0x3FFFF, "Hani"),
)


@dataclass
class RowStats:
    """Counts over the rows added so far."""

    rows: int = 0
    turns: int = 0
    characters: int = 0
    #: Upper bound of the length in characters (a power of two) -> rows.
    lengths: Counter[int] = field(default_factory=Counter)
    #: Script most letters of a row are in -> rows.
    scripts: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row) -> None:
        """Count one row."""
        text = row.text
        self.rows += 1
        self.turns += len(row.messages) if isinstance(row, Conversation) else len(row.texts())
        self.characters += len(text)
        self.lengths[max(16, 1 << (len(text) - 1).bit_length() if text else 16)] += 1
        self.scripts[script_of(text)] += 1

    def as_dict(self) -> dict[str, Any]:
        """The counts as they are stored; scripts as shares of rows."""
        return {
            "rows": self.rows,
            "turns": self.turns,
            "characters": self.characters,
            "lengths": {str(bound): self.lengths[bound] for bound in sorted(self.lengths)},
            "scripts": {script: round(n / self.rows, 4) for script, n in self.scripts.most_common()},
        }


def script_of(text: str) -> str:
    """The script most letters are in; Jpan where there are kana, Zyyy where there are no letters."""
    head = text[:_SCRIPT_CHARS]
    if head.isascii():
        return "Latn" if any(char.isalpha() for char in head) else "Zyyy"
    counts: Counter[str] = Counter()
    for char, n in Counter(head).items():
        if (script := _script_of_char(char)) is not None:
            counts[script] += n
    if counts["Jpan"] and counts["Jpan"] + counts["Hani"] > sum(counts.values()) / 2:
        return "Jpan"
    return counts.most_common(1)[0][0] if counts.total() else "Zyyy"


@lru_cache(maxsize=32 * 1024)
def _script_of_char(char: str) -> str | None:
    """The script of a letter; nothing for what is none."""
    if not char.isalpha():
        return None
    return next((script for last, script in _BLOCKS if ord(char) <= last), "Zyyy")
