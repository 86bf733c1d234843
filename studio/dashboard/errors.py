"""What can be wrong with the frame itself.

StudioError
└── FrontendNotBuilt   static/dist has no manifest or not this entry
"""

from protocol.errors import ErrorCode, StudioError


class FrontendNotBuilt(StudioError):
    """The frontend is not built: {entry!r} is not in {manifest}; `make setup` builds it."""

    code = ErrorCode.SERVICE_UNAVAILABLE
