"""What can be wrong with a request about a cleaning.

StudioError
└── StudioCleaningError
    ├── NothingToUndo       the cleaning made no version, or has no such step or row
    └── NothingSuggested    the cleaning made no such suggestions
"""

from protocol.errors import ErrorCode, StudioError


class StudioCleaningError(StudioError):
    """Something is wrong with a request about a cleaning."""


class NothingToUndo(StudioCleaningError):
    """There is nothing to undo in this cleaning: {reason}."""

    code = ErrorCode.INVALID_REQUEST


class NothingSuggested(StudioCleaningError):
    """This cleaning has no such suggestions: {reason}."""

    code = ErrorCode.INVALID_REQUEST
