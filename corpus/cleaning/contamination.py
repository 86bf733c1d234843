"""Evaluation rows that stand in training rows: as they are, with small edits, or inside of a longer text.

A model that was trained on what it is measured with gets figures that mean nothing. What counts as the same:

- exact: equal but for case, width, spacing and punctuation;
- near: at most 7 % of the characters differ, and no more than six letters or two CJK characters; numbers are the same, since
  another number is another question. Rows made from one glossary
  share their definitions with its held-out questions by design, so a longer text does not allow more;
- near as well: the same sentences in another order;
- within: the whole evaluation text is a line or a sentence of a longer one, as where a question stands in a form; it has to
  be of some length, since "Translate this sentence." stands in many rows;
- contained: at least 70 % of the evaluation text's runs of 13 tokens (Brown et al., "Language Models are Few-Shot Learners",
  2020, appendix C; a CJK character is a token) stand in the training text. Held-out questions of a glossary are not looked for
  in this way.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from corpus.cleaning.comparable import comparable, comparable_tokens
from corpus.records import Row
from corpus.rowfile import row_of

_RUN = 13
_SHARE_OF_RUNS = 0.7
_SHARE_OFF = 0.07
_MOST_LETTERS_OFF, _MOST_CJK_OFF = 6, 2
#: Characters of the pieces that candidates are found by, and the rarest pieces of a text that are looked up.
_PIECE, _CJK_PIECE = 4, 2
_PIECES = 24
#: Of the pieces looked up, this share is there in any text that differs as little as allowed.
_SHARE_OF_PIECES = 0.3
#: A shorter evaluation text is too common to be looked for.
_SHORTEST = 6
_SHORTEST_CJK = 4


class Likeness(StrEnum):
    """How an evaluation row stands in a training row."""

    EXACT = "exact"
    NEAR = "near"
    CONTAINED = "contained"


@dataclass(frozen=True)
class EvaluationText:
    """One text of an evaluation set; rows count from 1."""

    set_name: str
    row: int
    text: str
    #: Only as a whole text of its own, not within another.
    as_whole: bool = False


@dataclass(frozen=True)
class Contamination:
    """A training row that holds an evaluation row; rows count from 1."""

    row: int
    set_name: str
    set_row: int
    likeness: Likeness
    #: The beginning of the evaluation text.
    text: str

    def as_dict(self) -> dict[str, Any]:
        """As it is stored and sent."""
        return {
            "row": self.row,
            "set": self.set_name,
            "set_row": self.set_row,
            "likeness": self.likeness.value,
            "text": self.text,
        }


_SHOWN_CHARS = 120
#: Where a text falls into sentences: a full stop within a number or an address only makes more of them, in both texts alike.
_SENTENCE_ENDS = re.compile(r"[\n。！？!?；;…]+|[.:：]\s|[：.](?=[\u4e00-\u9fff])|[.]$")
_MOST_SENTENCES = 400
#: A text of less is not looked for within others.
_SHORTEST_WITHIN, _SHORTEST_CJK_WITHIN = 18, 7
_NUMBER = re.compile(r"\d+")


class EvaluationIndex:
    """The texts of evaluation sets, to be looked up in training rows. A few kilobytes of memory a text."""

    def __init__(self, texts: Iterable[EvaluationText]) -> None:
        self._texts = [text for text in texts if _is_long_enough(_solid(text.text))]
        self._solid = [_solid(text.text) for text in self._texts]
        self._exact: dict[str, int] = {}
        for number, solid in enumerate(self._solid):
            self._exact.setdefault(solid, number)
        self._by_piece: dict[str, list[int]] = defaultdict(list)
        self._needed: list[int] = []
        self._by_run: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._runs: dict[int, int] = {}
        self._shuffled: dict[tuple[str, ...], int] = {}
        self._within: dict[str, int] = {}
        self._add_pieces()
        self._add_runs()
        self._add_sentences()

    def __len__(self) -> int:
        return len(self._texts)

    def find(self, row: int, texts: Sequence[str]) -> Iterator[Contamination]:
        """Which evaluation texts stand in the texts of a training row; each once."""
        seen: set[tuple[str, int]] = set()
        for text in texts:
            for number, likeness in self._in_text(text):
                found = self._texts[number]
                if (found.set_name, found.row) not in seen:
                    seen.add((found.set_name, found.row))
                    yield Contamination(row, found.set_name, found.row, likeness, found.text[:_SHOWN_CHARS])

    def _in_text(self, text: str) -> Iterator[tuple[int, Likeness]]:
        solid = _solid(text)
        exact = self._exact.get(solid)
        if exact is not None:
            yield exact, Likeness.EXACT
        for number in self._candidates(solid):
            if number != exact and _is_near(self._solid[number], solid):
                yield number, Likeness.NEAR
        yield from (
            (number, likeness) for number, likeness in self._by_sentences(text, solid) if number != exact
        )
        if self._by_run:
            for number in self._contained(text):
                if number != exact:
                    yield number, Likeness.CONTAINED

    def _by_sentences(self, text: str, solid: str) -> Iterator[tuple[int, Likeness]]:
        sentences = _sentences(text)
        if len(sentences) > 1:
            shuffled = self._shuffled.get(tuple(sorted(sentences)))
            if shuffled is not None:
                yield shuffled, Likeness.NEAR
        for sentence in sentences[:_MOST_SENTENCES]:
            if sentence != solid and (number := self._within.get(sentence)) is not None:
                yield number, Likeness.CONTAINED

    def _candidates(self, solid: str) -> list[int]:
        hits: Counter[int] = Counter()
        by_piece = self._by_piece
        for piece in _pieces(solid):
            if (numbers := by_piece.get(piece)) is not None:
                hits.update(numbers)
        return [number for number, n in hits.items() if n >= self._needed[number]]

    def _contained(self, text: str) -> list[int]:
        tokens = comparable_tokens(text)
        hits: Counter[int] = Counter()
        for run in {tuple(tokens[i : i + _RUN]) for i in range(len(tokens) - _RUN + 1)}:
            if (numbers := self._by_run.get(run)) is not None:
                hits.update(numbers)
        return [number for number, n in hits.items() if n >= _SHARE_OF_RUNS * self._runs[number]]

    def _add_pieces(self) -> None:
        pieces = [_pieces(solid) for solid in self._solid]
        how_often = Counter(piece for some in pieces for piece in some)
        for number, some in enumerate(pieces):
            rarest = sorted(some, key=lambda piece: (how_often[piece], piece))[:_PIECES]
            self._needed.append(max(1, round(_SHARE_OF_PIECES * len(rarest))))
            for piece in rarest:
                self._by_piece[piece].append(number)

    def _add_sentences(self) -> None:
        for number, (text, solid) in enumerate(zip(self._texts, self._solid, strict=True)):
            sentences = _sentences(text.text)
            if len(sentences) > 1:
                self._shuffled.setdefault(tuple(sorted(sentences)), number)
            elif not text.as_whole and len(solid) >= (
                _SHORTEST_CJK_WITHIN if _is_cjk(solid) else _SHORTEST_WITHIN
            ):
                self._within.setdefault(solid, number)

    def _add_runs(self) -> None:
        for number, text in enumerate(self._texts):
            tokens = comparable_tokens(text.text)
            runs = {tuple(tokens[i : i + _RUN]) for i in range(len(tokens) - _RUN + 1)}
            if runs and not text.as_whole:
                self._runs[number] = len(runs)
                for run in runs:
                    self._by_run[run].append(number)


def evaluation_texts(name: str, path: Path) -> Iterator[EvaluationText]:
    """What the rows of an evaluation set ask: the prompt of a held-out question, or of a row of any shape.

    A file that is not rows of the house's own is read as far as its lines are JSON with a text in a usual place.
    """
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield from _texts_of_line(name, number, line)


def _texts_of_line(name: str, number: int, line: bytes) -> Iterator[EvaluationText]:
    try:
        value = json.loads(line)
    except ValueError:
        return
    if not isinstance(value, dict):
        return
    if isinstance(prompt := value.get("prompt"), str):
        is_of_glossary = "concept" in value and "expected" in value
        yield EvaluationText(name, number, prompt, as_whole=is_of_glossary)
        return
    item: dict[str, Any] = inner if isinstance(inner := value.get("item"), dict) else value
    try:
        row = row_of(item)
    except (ValueError, TypeError):
        for key in ("question", "input", "text", "instruction"):
            if isinstance(text := item.get(key), str):
                yield EvaluationText(name, number, text)
                return
        return
    yield from (EvaluationText(name, number, text) for text in asked_texts(row))


def asked_texts(row: Row) -> Iterator[str]:
    """What a row asks: its last prompt text, since a system prompt is many rows' own; else all of it."""
    prompts = row.prompt_texts()
    yield from prompts[-1:] if prompts else row.texts()


def _solid(text: str) -> str:
    return comparable(text).replace(" ", "")


def _sentences(text: str) -> list[str]:
    """The solid sentences of a text in their order."""
    return [solid for part in _SENTENCE_ENDS.split(text) if (solid := _solid(part))]


def _is_cjk(text: str) -> bool:
    return sum(char > "\u2e7f" for char in text) >= 0.3 * len(text)


def _is_long_enough(solid: str) -> bool:
    return len(solid) >= (_SHORTEST_CJK if _is_cjk(solid) else _SHORTEST)


def _pieces(solid: str) -> set[str]:
    size = _CJK_PIECE if _is_cjk(solid) else _PIECE
    return {solid[i : i + size] for i in range(max(len(solid) - size + 1, 1))}


def _is_near(asked: str, said: str) -> bool:
    if _NUMBER.findall(asked) != _NUMBER.findall(said):
        return False
    most = _MOST_CJK_OFF if _is_cjk(asked) else _MOST_LETTERS_OFF
    allowed = min(max(1, int(_SHARE_OFF * len(asked))), most)
    return (
        abs(len(asked) - len(said)) <= allowed
        and Levenshtein.distance(asked, said, score_cutoff=allowed) <= allowed
    )
