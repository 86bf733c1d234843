"""What can be wrong with a look at tokens. What is wrong with a row or a model is said by `corpus.errors`.

StudioError
└── TokensError
    ├── RowUnknown     the dataset has fewer rows
    ├── RowNoChat      the row is no conversation
    └── TokensUnready  a row far into a large file is asked for before the file was counted
"""

from protocol.errors import ErrorCode, StudioError


class TokensError(StudioError):
    """Tokens cannot be shown."""


class RowUnknown(TokensError):
    """There is no row {row}; rows are counted from 1."""

    code = ErrorCode.NOT_FOUND


class RowNoChat(TokensError):
    """The row cannot be shown as tokens: {reason}."""

    code = ErrorCode.ROW_INVALID


class TokensUnready(TokensError):
    """Row {row} lies behind the first {limit}: count the tokens of the dataset first, then any row is found."""

    code = ErrorCode.INVALID_REQUEST
