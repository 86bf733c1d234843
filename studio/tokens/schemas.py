"""The token X-ray as /api takes and shows it."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

from ninja import Schema
from pydantic import Field, model_validator

from jobs.states import JobState
from protocol.training import LoraConfig
from studio.tokens.models import TokenCount
from studio.tokens.services import ROWS_LIMIT

if TYPE_CHECKING:
    from corpus.tokens.neighbours import Neighbours
    from corpus.tokens.xray import XRay

DEFAULTS = {name: field.default for name, field in LoraConfig.model_fields.items()}
MaxLength = Annotated[int, Field(ge=1, le=1_048_576)]


class PackingIn(Schema):
    """How a run would pack the rows; the defaults are a run's."""

    batch_tokens: Annotated[int, Field(ge=1, le=1_048_576)] = DEFAULTS["batch_tokens"]
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 7
    epoch: Annotated[int, Field(ge=0, le=1000)] = 0


class XRayIn(Schema):
    """Which rows of a version are looked at, as which model's tokens."""

    base_model: str
    max_length: MaxLength = DEFAULTS["max_length"]
    split: Literal["train", "validation"] = "train"
    #: One row, counted from 1, or `rows` [first, last].
    row: Annotated[int, Field(ge=1, le=2**31)] | None = None
    rows: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] | None = None
    #: Given, each row is told with its pack; the tokens of the version must be counted.
    packing: PackingIn | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "XRayIn":
        if (self.row is None) == (self.rows is None):
            raise ValueError("name either row or rows")
        first, last = self.span
        if not first <= last < first + ROWS_LIMIT:
            raise ValueError(f"rows are [first, last], at most {ROWS_LIMIT} of them")
        return self

    @property
    def span(self) -> tuple[int, int]:
        """First and last row."""
        return self.rows or (self.row or 1, self.row or 1)


class PastedIn(Schema):
    """A row that belongs to no dataset."""

    base_model: str
    max_length: MaxLength = DEFAULTS["max_length"]
    #: A chat row or a preference row, as it would stand in a file.
    row: dict[str, Any]


class TokenOut(Schema):
    """One token, and the characters of `text` that it stands for."""

    id: int
    text: str
    start: int
    end: int
    state: Literal["trained", "context", "template", "cut"]
    #: Hex bytes and place ("2/3") of a token that is a part of a character.
    bytes: str = ""
    part: str = ""
    special: bool = False


class PackOut(Schema):
    """The pack that a row stands in."""

    pack: int
    n_packs: int
    rows: list[int]
    place: int
    tokens: int
    limit: int


class RowOut(Schema):
    """A row as tokens; a preference row comes twice, once with each answer."""

    row: int | None
    answer: str
    replay: bool
    text: str
    counts: dict[str, int]
    tokens: list[TokenOut]
    packing: PackOut | None = None


class TotalsOut(Schema):
    """The tokens of a whole split. `totals` is null until they are counted."""

    object: Literal["token.count"] = "token.count"
    base_model: str
    max_length: int
    #: not_counted, counting, counted, failed
    state: str
    job: str | None
    totals: dict[str, Any] | None
    problem: dict[str, Any] | None = None


class XRayOut(Schema):
    """Rows as tokens, and what is known of the whole split."""

    object: Literal["token.xray"] = "token.xray"
    base_model: str
    max_length: int
    rows: list[RowOut]
    counted: TotalsOut | None = None


class CountIn(Schema):
    """Which split is counted, as which model's tokens."""

    base_model: str
    max_length: MaxLength = DEFAULTS["max_length"]
    split: Literal["train", "validation"] = "train"


def row_out(xray: "XRay", number: int | None, packing: "Neighbours | None" = None) -> RowOut:
    """A row's X-ray as it is sent."""
    return RowOut(
        row=number,
        answer=xray.answer,
        replay=xray.replay,
        text=xray.text,
        counts=xray.counts(),
        tokens=[TokenOut(**asdict(token)) for token in xray.tokens],
        packing=PackOut(**asdict(packing)) if packing else None,
    )


def totals_out(model_id: str, max_length: int, found: TokenCount | None) -> TotalsOut:
    """What is known of a split's tokens as it is sent."""
    job = found.job if found else None
    return TotalsOut(
        base_model=model_id,
        max_length=max_length,
        state=state_of(found),
        job=str(job.id) if job else None,
        totals=found.totals if found else None,
        problem=job.error if job and found and found.totals is None else None,
    )


def state_of(found: TokenCount | None) -> str:
    """How far the counting has come."""
    if found is None or (found.totals is None and found.job is None):
        return "not_counted"
    if found.totals is not None:
        return "counted"
    is_over = found.job is not None and found.job.state in (JobState.FAILED, JobState.CANCELLED)
    return "failed" if is_over else "counting"
