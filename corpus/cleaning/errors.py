"""What can be wrong with a cleaning.

CorpusError
└── CleaningError
    ├── StepUnknown         no step of that name
    ├── StepParamsInvalid   what a step is set to is not right
    ├── StepUnavailable     a step's data is not installed
    ├── EditsInvalid        an edit log does not belong to the rows it is put to
    └── TrainingContaminated   training rows hold rows of an evaluation set
"""

from corpus.errors import CorpusError
from protocol.errors import ErrorCode


class CleaningError(CorpusError):
    """Something is wrong with a cleaning."""


class StepUnknown(CleaningError):
    """There is no cleaning step {step!r} of version {version}; there are: {known}."""

    code = ErrorCode.CLEANING_STEP_INVALID


class StepParamsInvalid(CleaningError):
    """The cleaning step {step!r}: {field} {reason}."""

    code = ErrorCode.CLEANING_STEP_INVALID


class StepUnavailable(CleaningError):
    """The cleaning step {step!r} cannot be done here: {reason}."""

    code = ErrorCode.CLEANING_STEP_UNAVAILABLE


class EditsInvalid(CleaningError):
    """The edit log does not belong to these rows: {reason}."""

    code = ErrorCode.CLEANING_EDITS_INVALID


class TrainingContaminated(CleaningError):
    """{n} training rows hold rows that models are measured with ({sets}): drop them by the cleaning step `decontaminate`, or say why you train all the same."""

    code = ErrorCode.TRAINING_CONTAMINATED
