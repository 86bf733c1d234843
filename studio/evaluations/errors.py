"""What can be wrong with an evaluation.

StudioError
└── EvaluationError
    ├── NothingToAsk        the dataset version has no held-out prompts
    ├── EvaluationMissing   an evaluate job without its evaluation
    ├── GeneralTextMissing  the text for general perplexity is not there
    ├── ResultInvalid       what the process left is not a result
    └── ModelBeingMeasured  a model cannot go while it is being evaluated
"""

from protocol.errors import ErrorCode, StudioError


class EvaluationError(StudioError):
    """Something is wrong with an evaluation."""


class NothingToAsk(EvaluationError):
    """The dataset {dataset} has no held-out prompts: make a dataset from a glossary, which brings them."""

    code = ErrorCode.NO_EVALUATION_PROMPTS


class EvaluationMissing(EvaluationError):
    """No evaluation belongs to the job {job}: start the evaluation again."""

    code = ErrorCode.INTERNAL


class GeneralTextMissing(EvaluationError):
    """The text {path} that general perplexity is measured on is not there."""

    code = ErrorCode.SERVICE_UNAVAILABLE


class ResultInvalid(EvaluationError):
    """The result of the evaluation cannot be read: {reason}"""

    code = ErrorCode.SPEC_INVALID


class ModelBeingMeasured(EvaluationError):
    """The model {model!r} cannot be deleted while an evaluation of it is under way: wait for its end or cancel it."""

    code = ErrorCode.OBJECT_IN_USE
