"""What can be wrong with a model or a run.

ForgeError
├── RowInvalid          a line of a prompts file is no prompt
├── NoLoraTargets       the model has no linear layer to adapt
├── LossNotFinite       the loss or a gradient became NaN or infinite
├── LossExploded        the loss rose far above what it was
├── LossZero            there is nothing left to learn
├── OutOfMemory         not even one row at a time fits
├── ModelNotFound       a model folder is missing or incomplete
├── TokenizersDiffer    the model's tokens are not those that its rows are trained as
├── ModelInvalid        files of a model do not hash to what they should
├── CheckpointInvalid   a checkpoint is incomplete or was changed
├── NoPrompts           nothing to evaluate
├── ContextExceeded     prompt and answer do not fit the model
├── EngineBusy          the waiting line is full
└── RequestInvalid      a request to the model server cannot be answered
"""

from protocol.errors import ErrorCode, StudioError


class ForgeError(StudioError):
    """Something is wrong with a model or a run."""


class RowInvalid(ForgeError):
    """Line {line} of {file} is not a chat row: {reason}."""

    code = ErrorCode.ROW_INVALID


class NoLoraTargets(ForgeError):
    """The model {model} has no linear layers in its topmost {layers} layers to adapt."""

    code = ErrorCode.NO_LORA_TARGETS


class LossNotFinite(ForgeError):
    """The {what} at step {step} is {value}: lower the learning rate or look for broken rows near this step."""

    code = ErrorCode.LOSS_NOT_FINITE


class LossExploded(ForgeError):
    """The loss at step {step} is {value:.4g}, its limit was {limit:.4g}: lower the learning rate or alpha."""

    code = ErrorCode.LOSS_EXPLODED


class LossZero(ForgeError):
    """The loss was zero for several steps up to step {step}: the rows have nothing (left) to learn; look at them."""

    code = ErrorCode.LOSS_ZERO


class OutOfMemory(ForgeError):
    """Memory ran out on {device} {where}: lower the longest row, the trained layers or the rank."""

    code = ErrorCode.OUT_OF_MEMORY


class ModelNotFound(ForgeError):
    """There is no usable model in {path}: {reason}."""

    code = ErrorCode.MODEL_NOT_FOUND


class ModelInvalid(ForgeError):
    """The file {file} of the model is not what it was: expected sha256 {expected}, found {found}."""

    code = ErrorCode.MODEL_INVALID


class TokenizersDiffer(ForgeError):
    """The tokenizer that serves {model} and the one its rows are trained with give different tokens for {text!r}."""

    code = ErrorCode.MODEL_INVALID


class CheckpointInvalid(ForgeError):
    """The checkpoint {path} cannot be used: {reason}."""

    code = ErrorCode.CHECKPOINT_INVALID


class NoPrompts(ForgeError):
    """The file {file} has no evaluation prompts."""

    code = ErrorCode.NO_EVALUATION_PROMPTS


class ContextExceeded(ForgeError):
    """This model's context is {limit} tokens; the messages take {prompt} and the answer may take {answer}."""

    code = ErrorCode.CONTEXT_LENGTH_EXCEEDED


class EngineBusy(ForgeError):
    """The server answers {running} requests and {waiting} wait; try again in a moment."""

    code = ErrorCode.ENGINE_BUSY
    permanent = False


class RequestInvalid(ForgeError):
    """{reason}"""

    code = ErrorCode.INVALID_REQUEST
