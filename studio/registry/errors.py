"""What can be wrong with a model.

StudioError
└── RegistryError
    ├── ModelUnknown      no such model in this project
    ├── ModelDamaged      a file of a model is missing or was changed
    ├── ManifestInvalid   a manifest is not one
    └── BaseChanged       a tuned model's base is no longer the one it was trained on
"""

from protocol.errors import ErrorCode, StudioError


class RegistryError(StudioError):
    """Something is wrong with a model."""


class ModelUnknown(RegistryError):
    """The model {model!r} does not exist or you do not have access to it."""

    code = ErrorCode.MODEL_NOT_FOUND


class ModelDamaged(RegistryError):
    """The file {file} of the model {model!r} is not what it was: expected sha256 {expected}, found {found}."""

    code = ErrorCode.MODEL_INVALID


class ManifestInvalid(RegistryError):
    """The manifest of the model {model!r} is not valid: {reason}"""

    code = ErrorCode.MODEL_INVALID


class BaseChanged(RegistryError):
    """The model {model!r} was trained on revision {trained} of {base!r}, which is now {current}: train it again."""

    code = ErrorCode.INVALID_REQUEST
