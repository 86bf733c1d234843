"""What can be wrong with a run.

StudioError
└── TrainingError
    ├── NothingToTrainOn   the dataset version has no training rows
    ├── ShapeNotTrainable  no recipe learns from rows of its shape
    ├── BaseMissing        the base model's files are not in the house
    ├── RunMissing         a train job without its run
    ├── NoCheckpoint       a run has left none that could be kept
    ├── LabelUnknown       no machine has the label a run asks for
    └── FileUnusable       a client named a file that is no training data
"""

from protocol.errors import ErrorCode, StudioError


class TrainingError(StudioError):
    """Something is wrong with a run."""


class NothingToTrainOn(TrainingError):
    """The dataset {dataset} has no training rows: add rows, or choose a smaller validation share."""

    code = ErrorCode.INVALID_TRAINING_FILE


class ShapeNotTrainable(TrainingError):
    """The rows of {dataset} are of the shape {shape!r}, from which nothing can be trained yet; it can be from: {known}."""

    code = ErrorCode.SHAPE_NOT_TRAINABLE


class BaseMissing(TrainingError):
    """The files of the base model {model!r} are not in the models folder: import it again."""

    code = ErrorCode.MODEL_NOT_FOUND


class RunMissing(TrainingError):
    """No run belongs to the job {job}: start the run again."""

    code = ErrorCode.INTERNAL


class NoCheckpoint(TrainingError):
    """The run {run} has no checkpoint on the disk: wait for its first, or pause it."""

    code = ErrorCode.ILLEGAL_MOVE


class LabelUnknown(TrainingError):
    """No machine has the label {label!r}; there are: {known}."""

    code = ErrorCode.INVALID_REQUEST


class FileUnusable(TrainingError):
    """The file {file!r} cannot be trained on: {reason}"""

    code = ErrorCode.INVALID_TRAINING_FILE
