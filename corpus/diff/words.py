"""The words that differ between two texts; a Han character is a word."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+|\s+|[^\w\s]")
#: Longer texts are marked from their first difference to their last, not word by word: comparing is quadratic.
MAX_TOKENS = 1500


class Mark(NamedTuple):
    """A piece of a text: the same in both, or only here."""

    kind: Literal["same", "removed", "added"]
    text: str


def marks(before: str, after: str) -> tuple[list[Mark], list[Mark]]:
    """The old text in pieces that are the same or removed, the new one in pieces that are the same or added."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
    left, right = [Mark("same", "".join(old[:head]))], [Mark("same", "".join(new[:head]))]
    for tag, a, b, c, d in _opcodes(old_middle, new_middle):
        is_same = tag == "equal"
        left.append(Mark("same" if is_same else "removed", "".join(old_middle[a:b])))
        right.append(Mark("same" if is_same else "added", "".join(new_middle[c:d])))
    left.append(Mark("same", "".join(old[len(old) - tail :])))
    right.append(Mark("same", "".join(new[len(new) - tail :])))
    return [mark for mark in left if mark.text], [mark for mark in right if mark.text]


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """How many tokens both begin with."""
    count = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        count += 1
    return count


def _opcodes(a: Sequence[str], b: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    if max(len(a), len(b)) > MAX_TOKENS:
        return [("replace", 0, len(a), 0, len(b))]
    return list(SequenceMatcher(None, a, b, autojunk=False).get_opcodes())
