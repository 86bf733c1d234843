"""What can be wrong with asking for a file to be checked or read.

StudioError
└── IntakeError
    ├── NoRows      a file that is not read as rows
    └── FileBusy    it is being read at this moment
"""

from protocol.errors import ErrorCode, StudioError


class IntakeError(StudioError):
    """Something is wrong with what is to be done with a file."""


class NoRows(IntakeError):
    """The file {filename!r} has the purpose {purpose!r}; only files with the purpose 'fine-tune' are read as rows."""

    code = ErrorCode.INVALID_REQUEST

    def __init__(self, filename: str, purpose: str) -> None:
        super().__init__(filename=filename, purpose=purpose, param="file_id")


class FileBusy(IntakeError):
    """The file {filename!r} is being read; wait until that is over, or cancel its job."""

    code = ErrorCode.OBJECT_IN_USE
