"""Near-duplicates: texts that differ in little, and questions that are answered in two ways."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from corpus.cleaning.step import Finding, Params, Rows, WholeStep


class NearDuplicatesParams(Params):
    """How alike, and in what."""

    threshold: float = Field(
        0.8,
        ge=0.5,
        le=1,
        title="Similarity",
        description="Jaccard index of the character n-grams from which on two texts are one.",
    )
    of: Literal["question_and_answer", "text"] = Field(
        "question_and_answer",
        title="Compare",
        description="Question and answer apart, or all text of a row as one. Rows without a question are compared as text.",
    )
    same_numbers: bool = Field(
        default=True,
        title="Numbers and subjects tell rows apart",
        description="Other numbers make other rows, as do a negation in a short text, and a word that differs in question and answer alike.",
    )
    conflicts: Literal["mark", "drop", "ignore"] = Field(
        "mark",
        title="Same question, other answer",
        description="Mark such rows, drop all but the longest answer, or let them be.",
    )


class NearDuplicates(WholeStep[NearDuplicatesParams]):
    """Keeps of each cluster the row with the longest text. Which rows stay does not depend on their order."""

    name: ClassVar[str] = "near_duplicates"
    Params: ClassVar[type[Params]] = NearDuplicatesParams

    def decide(self, rows: Rows) -> Mapping[int, Finding]:
        """Drop all rows of a cluster but one; mark or drop what answers its question otherwise."""
        from corpus.cleaning.near.rows import NearRows  # numpy: only where the work is done

        found: Mapping[int, Finding] = NearRows(
            rows,
            threshold=self.params.threshold,
            same_facts=self.params.same_numbers,
            as_text=self.params.of == "text",
            conflicts=self.params.conflicts,
        ).found()
        return found
