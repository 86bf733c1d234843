"""The cleaning steps by name, the recipe that suits most data, and making one from what was set."""

from typing import Any

from pydantic import ValidationError

from corpus.cleaning.errors import StepParamsInvalid, StepUnknown
from corpus.cleaning.step import RowStep, WholeStep
from corpus.cleaning.steps.decontaminate import Decontaminate
from corpus.cleaning.steps.exact_duplicates import ExactDuplicates
from corpus.cleaning.steps.language import Language
from corpus.cleaning.steps.length import Length
from corpus.cleaning.steps.markup import Markup
from corpus.cleaning.steps.near_duplicates import NearDuplicates
from corpus.cleaning.steps.personal_data import PersonalData
from corpus.cleaning.steps.quality import Quality
from corpus.cleaning.steps.spelling import Spelling
from corpus.cleaning.steps.toxicity import Toxicity
from corpus.cleaning.steps.unicode import Unicode
from protocol.specs.datasets import CleaningStep

AnyStep = RowStep[Any] | WholeStep[Any]

#: In the order in which they do best: characters first, then what is in the text, then what is there twice.
STEPS: dict[str, type[AnyStep]] = {
    step.name: step
    for step in (
        Unicode,
        Markup,
        Length,
        Language,
        Quality,
        Toxicity,
        PersonalData,
        ExactDuplicates,
        NearDuplicates,
        Decontaminate,
        Spelling,
    )
}


def default_steps() -> tuple[CleaningStep, ...]:
    """What suits most data: all steps in their order but spelling, which takes ten milliseconds a row and changes nothing."""
    return tuple(
        CleaningStep(name=name, version=step.version) for name, step in STEPS.items() if name != Spelling.name
    )


def make_step(wanted: CleaningStep) -> AnyStep:
    """The step as it was set. Raises StepUnknown, StepParamsInvalid."""
    step = STEPS.get(wanted.name)
    if step is None or step.version != wanted.version:
        known = ", ".join(f"{name} {step.version}" for name, step in STEPS.items())
        raise StepUnknown(step=wanted.name, version=wanted.version, known=known)
    try:
        params = step.Params.model_validate(wanted.params)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "its params"
        raise StepParamsInvalid(step=wanted.name, field=field, reason=first["msg"]) from error
    return step(params)
