"""Decontamination: training rows that hold a row of an evaluation set, as it is or nearly."""

from typing import ClassVar, Literal

from pydantic import Field

from corpus.cleaning.contamination import EvaluationIndex
from corpus.cleaning.step import Drop, Finding, Mark, Params, RowStep
from corpus.records import Row


class DecontaminateParams(Params):
    """What becomes of such rows. The evaluation sets are those of the project."""

    do: Literal["drop", "mark"] = Field("drop", title="Do", description="Drop the row, or only mark it.")


class Decontaminate(RowStep[DecontaminateParams]):
    """Drops rows that hold an evaluation row. Validation rows are looked at too."""

    name: ClassVar[str] = "decontaminate"
    Params: ClassVar[type[Params]] = DecontaminateParams

    def __init__(self, params: DecontaminateParams) -> None:
        super().__init__(params)
        self._index = EvaluationIndex(())

    def against(self, index: EvaluationIndex) -> None:
        """Which texts to look for."""
        self._index = index

    def look(self, row: Row) -> Finding | None:
        """Drop the row where an evaluation text is in it."""
        found = next(self._index.find(0, row.texts()), None)
        if found is None:
            return None
        about = {
            "set": found.set_name,
            "set_row": found.set_row,
            "likeness": found.likeness.value,
            "text": found.text,
        }
        return Drop("contaminated", about) if self.params.do == "drop" else Mark("contaminated", about)
