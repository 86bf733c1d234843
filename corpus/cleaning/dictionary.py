"""jieba's dictionary: how often a word of Chinese is written, what sort of word it is, and how a text falls into words."""

import logging
import warnings
from functools import cache
from typing import Any


@cache
def _jieba() -> Any:
    with warnings.catch_warnings():
        # Its sources have escapes that newer Pythons warn of.
        warnings.simplefilter("ignore")
        import jieba
        import jieba.posseg
    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    jieba.posseg.initialize()
    return jieba


@cache
def word_counts() -> tuple[dict[str, int], int]:
    """Word -> how often it was counted, beginnings of words as 0; and the sum of all."""
    tokenizer = _jieba().dt
    return tokenizer.FREQ, tokenizer.total


@cache
def word_sorts() -> dict[str, str]:
    """Word -> its part of speech; names of people begin with "nr"."""
    sorts: dict[str, str] = _jieba().posseg.dt.word_tag_tab
    return sorts


def words_of(text: str) -> list[str]:
    """The text cut into words of the dictionary."""
    words: list[str] = _jieba().lcut(text, HMM=False)
    return words
