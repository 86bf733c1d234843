"""Rows made from one form: question and answer differ in the same word, which is what they are about.

"孕妇可以服用布洛芬吗？" with "可以。布洛芬……" and the same of 甲硝唑 share most of their characters, and are two rows. Where a copy was
edited, what changed in the question did not change in the answer as well.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from corpus.cleaning.comparable import comparable_tokens

Tokens = tuple[str, ...]
#: So many rows of a cluster with other questions are told apart; what is behind them counts as a duplicate.
MOST_SUBJECTS = 64


@dataclass(frozen=True)
class Asked:
    """A row's question and answer as tokens."""

    question: Tokens
    answer: Tokens

    @classmethod
    def of(cls, question: Iterable[str], answer: Iterable[str]) -> "Asked":
        """From the texts of both."""
        return cls(tuple(comparable_tokens("\n".join(question))), tuple(comparable_tokens("\n".join(answer))))


def other_subject(one: Asked, other: Asked) -> bool:
    """Whether a word of one question stands for a word of the other, and in the answers does so, too."""
    for edit in Levenshtein.opcodes(one.question, other.question):
        if edit.tag != "replace":
            continue
        was = one.question[edit.src_start : edit.src_end]
        now = other.question[edit.dest_start : edit.dest_end]
        if (
            _holds(one.answer, was)
            and _holds(other.answer, now)
            and not _holds(one.answer, now)
            and not _holds(other.answer, was)
        ):
            return True
    return False


def _holds(tokens: Tokens, wanted: Tokens) -> bool:
    n = len(wanted)
    return any(tokens[i : i + n] == wanted for i in range(len(tokens) - n + 1))
