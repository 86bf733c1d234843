"""What an evaluation measures, and how a result travels."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Metric(StrEnum):
    """The measures of an evaluation. Direction: see `HIGHER_IS_BETTER`."""

    TERM_ACCURACY = "term_accuracy"
    #: The same, apart for concepts that training rows were made of and for those that were held out.
    TERM_ACCURACY_TAUGHT = "term_accuracy_taught"
    TERM_ACCURACY_UNSEEN = "term_accuracy_unseen"
    FORBIDDEN_RATE = "forbidden_rate"
    VALIDATION_LOSS = "validation_loss"
    GENERAL_PERPLEXITY = "general_perplexity"


HIGHER_IS_BETTER: dict[Metric, bool] = {
    Metric.TERM_ACCURACY: True,
    Metric.TERM_ACCURACY_TAUGHT: True,
    Metric.TERM_ACCURACY_UNSEEN: True,
    Metric.FORBIDDEN_RATE: False,
    Metric.VALIDATION_LOSS: False,
    Metric.GENERAL_PERPLEXITY: False,
}


class Verdict(StrEnum):
    """What the interval allows to be said."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no_difference"


class TermPrompt(BaseModel):
    """One held-out prompt (a line of prompts.jsonl): what to ask, and which terms answer it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    concept: str
    lang: str
    generator: str
    prompt: str
    #: Any of these in the answer is right (preferred and admitted forms).
    expected: tuple[str, ...]
    #: None of these may appear in the answer.
    forbidden: tuple[str, ...] = ()
    #: No training row was made of the concept: a right answer was not memorised.
    unseen: bool = False


class ItemResult(BaseModel):
    """One prompt answered by both models (a line of items.jsonl)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    concept: str
    prompt: str
    expected: tuple[str, ...]
    forbidden: tuple[str, ...]
    before: str
    after: str
    before_correct: bool
    after_correct: bool
    before_forbidden: bool
    after_forbidden: bool
    #: As in the prompt: no training row was made of the concept.
    unseen: bool = False


class Score(BaseModel):
    """One measure before and after, with a 95 % interval of the change where one exists.

    Rates are shares in 0..1; losses in nats per token; perplexity is exp(loss).
    The interval is a paired bootstrap clustered by `cluster`, `resamples` draws from `seed`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: Metric
    before: float
    after: float
    change: float
    ci_low: float | None = None
    ci_high: float | None = None
    n: int = Field(ge=0)
    clusters: int = Field(0, ge=0)
    cluster: Literal["concept", "document", "row"] = "concept"
    resamples: int = 0
    seed: int = 0
    verdict: Verdict
