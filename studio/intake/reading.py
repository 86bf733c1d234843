"""How a file of rows is to be read, where its owner says it; the rest is told by the file."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from protocol.specs.datasets import Encoding

Name = Annotated[str, Field(max_length=300)]


class Reading(BaseModel):
    """The choices of protocol.specs.datasets.PrepareDatasetSpec that a person or a client makes."""

    model_config = ConfigDict(frozen=True)

    #: One of corpus.shapes.Layout.
    shape: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    #: Column or key of the file -> field of the layout. A name that begins with "=" is a value for every row.
    mapping: Annotated[dict[Name, Name], Field(max_length=500)] | None = None
    sheet: Annotated[str, Field(min_length=1, max_length=300)] | None = None
    encoding: Encoding | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    on_problem: Literal["refuse", "skip"] = "refuse"

    def said(self) -> dict[str, Any]:
        """What was said, without what is left to the file."""
        return self.model_dump(exclude_defaults=True)

    def of_the_text(self) -> dict[str, Any]:
        """What decides which rows and columns there are, whatever they mean."""
        return self.model_dump(include={"sheet", "encoding", "delimiter"}, exclude_defaults=True)
