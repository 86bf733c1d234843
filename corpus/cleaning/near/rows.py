"""What near-duplicates mean for rows: which one stays, and which questions are answered in two ways."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.cleaning.comparable import comparable
from corpus.cleaning.near.clusters import Indexes, near_duplicates
from corpus.cleaning.near.subjects import MOST_SUBJECTS, Asked, other_subject
from corpus.cleaning.step import Drop, Finding, Mark, Rows
from corpus.records import Row


class NearRows:
    """The findings of near-duplicates among rows, as the step was set."""

    def __init__(
        self, rows: Rows, *, threshold: float, as_text: bool, same_facts: bool, conflicts: str
    ) -> None:
        self._rows = rows
        self._threshold = threshold
        self._as_text = as_text
        self._same_facts = same_facts
        self._conflicts = conflicts

    def found(self) -> Mapping[int, Finding]:
        """What is to be done with which rows, by their numbers."""
        if self._as_text:
            return self._found(self._labels("texts", lambda row: "\n".join(row.texts())), None)
        questions = self._labels("questions", lambda row: "\n".join(row.prompt_texts()))
        answers = self._labels("answers", lambda row: "\n".join((*row.answer_texts(), label_of(row))))
        return self._found(answers, questions)

    def _labels(self, name: str, text_of: Callable[[Row], str]) -> Indexes:
        def texts() -> Iterator[str]:
            return (text_of(row) for _, row in self._rows.read())

        return near_duplicates(
            texts(),
            self._rows.folder / name,
            threshold=self._threshold,
            workers=self._rows.workers,
            same_facts=self._same_facts,
            on_texts=self._rows.on_rows,
        )

    def _found(self, answers: Indexes, questions: Indexes | None) -> Mapping[int, Finding]:
        """A row's place is where it stands among those that are left, its number where it stood in the parent."""
        asked = answers if questions is None else questions
        clusters = _joined(answers, asked)
        in_cluster = _has_company(clusters)
        kept, leading = dict[int, _Ranked](), dict[int, _Ranked]()
        numbers = np.zeros(len(clusters), dtype=np.int64)
        has_question = np.zeros(len(clusters), dtype=bool)
        digests = np.zeros(len(clusters), dtype=np.int64)
        for place, (number, row) in enumerate(self._rows.read()):
            numbers[place], has_question[place] = number, questions is not None and bool(row.prompt_texts())
            if in_cluster[place] or has_question[place]:
                ranked = _ranked(row, number)
                if in_cluster[place]:
                    digests[place] = hash(comparable("\n".join(row.prompt_texts())))
                    kept[int(clusters[place])] = max(ranked, kept.get(int(clusters[place]), ranked))
                if has_question[place]:
                    leading[int(asked[place])] = max(ranked, leading.get(int(asked[place]), ranked))
        is_mixed = _has_several(clusters, digests) & in_cluster & has_question
        leaders = self._leaders(clusters, is_mixed) if self._same_facts and is_mixed.any() else {}
        found: dict[int, Finding] = {}
        answered_twice = (
            _answered_twice(clusters, asked, has_question) if self._conflicts != "ignore" else set()
        )
        for place, number in enumerate(numbers.tolist()):
            best = kept[int(clusters[place])].number if in_cluster[place] else number
            best = leaders.get(number, best)
            if best != number:
                found[number] = Drop("near_duplicate", {"twin": best})
            elif has_question[place] and int(asked[place]) in answered_twice:
                finding = self._conflict(number, leading[int(asked[place])].number)
                if finding is not None:
                    found[number] = finding
        return found

    def _leaders(self, clusters: Indexes, is_mixed: NDArray[np.bool_]) -> dict[int, int]:
        """Row -> the row that stays for it, of clusters in which the questions differ: rows of another subject stay too."""
        asked: dict[int, list[tuple[_Ranked, Asked]]] = {}
        for place, (number, row) in enumerate(self._rows.read()):
            if is_mixed[place]:
                one = Asked.of(row.prompt_texts(), (*row.answer_texts(), label_of(row)))
                asked.setdefault(int(clusters[place]), []).append((_ranked(row, number), one))
        leaders: dict[int, int] = {}
        for rows in asked.values():
            leading: list[tuple[_Ranked, Asked]] = []
            for ranked, one in sorted(rows, key=lambda pair: pair[0], reverse=True):
                same = (first for first, other in leading if not other_subject(other, one))
                leader = next(same, None)
                if leader is None and len(leading) < MOST_SUBJECTS:
                    leading.append((ranked, one))
                leaders[ranked.number] = (
                    leader or (ranked if leading[-1][1] is one else leading[0][0])
                ).number
        return leaders

    def _conflict(self, number: int, first: int) -> Finding | None:
        if self._conflicts == "mark":
            return Mark("answered_otherwise", {"question_of": first})
        return Drop("answered_otherwise", {"question_of": first}) if number != first else None


@dataclass(frozen=True, order=True)
class _Ranked:
    """A row by what makes it the one to keep: its length, then the hash of what it says, then its place."""

    length: int
    digest: bytes
    before: int

    @property
    def number(self) -> int:
        """The row's number."""
        return -self.before


def _ranked(row: Row, number: int) -> _Ranked:
    text = "\n".join((*row.prompt_texts(), *row.answer_texts(), *row.texts()))
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return _Ranked(len(text), digest, -number)


def _joined(answers: Indexes, questions: Indexes) -> Indexes:
    """One label for each pair of labels: the first place that has the pair."""
    keys = questions.astype(np.uint64) << np.uint64(32) | answers.astype(np.uint64)
    _, first, labels = np.unique(keys, return_index=True, return_inverse=True)
    joined: Indexes = first[labels]
    return joined


def _has_company(labels: Indexes) -> NDArray[np.bool_]:
    return np.bincount(labels, minlength=len(labels))[labels] > 1


def _has_several(clusters: Indexes, digests: Indexes) -> NDArray[np.bool_]:
    """Which places are in a cluster whose members have different digests."""
    first = np.zeros(len(clusters), dtype=np.int64)
    first[clusters[::-1]] = digests[::-1]
    several = np.zeros(len(clusters), dtype=bool)
    several[clusters[digests != first[clusters]]] = True
    mixed: NDArray[np.bool_] = several[clusters]
    return mixed


def _answered_twice(clusters: Indexes, questions: Indexes, has_question: NDArray[np.bool_]) -> set[int]:
    """The questions whose rows are in more than one cluster."""
    if not has_question.any():
        return set()
    pairs = np.unique(np.stack((questions[has_question], clusters[has_question])), axis=1)
    asked, n = np.unique(pairs[0], return_counts=True)
    return set(asked[n > 1].tolist())


def label_of(row: Row) -> str:
    """The class of a labelled row, which is its answer."""
    label = getattr(row, "label", None)
    return label if isinstance(label, str) else ""
