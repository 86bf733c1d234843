"""What can be wrong with an upload in parts.

StudioError
└── UploadsError
    ├── UploadClosed      it was completed or cancelled, or its time is over
    ├── UploadOverfull    more bytes or parts than were announced or are taken
    ├── SizeMismatch      the parts are not as many bytes as were announced
    ├── PartEmpty, PartTooLarge
    ├── PartUnknown       no such part of this upload
    ├── PartDuplicate     a part is named twice
    ├── PartConflict      another part has that number already
    └── ChecksumMismatch  the bytes are not what the client says they are
"""

from protocol.errors import ErrorCode, StudioError


class UploadsError(StudioError):
    """Something is wrong with an upload in parts."""


class UploadClosed(UploadsError):
    """The upload {upload} is {status}; it takes nothing any more. Start a new one."""

    code = ErrorCode.UPLOAD_CLOSED


class UploadOverfull(UploadsError):
    """The upload takes no further part: {reason}."""

    code = ErrorCode.UPLOAD_OVERFULL


class SizeMismatch(UploadsError):
    """The parts have {found_bytes} bytes together; {announced_bytes} were announced."""

    code = ErrorCode.UPLOAD_SIZE_MISMATCH


class PartEmpty(UploadsError):
    """The part has no bytes."""

    code = ErrorCode.FILE_EMPTY


class PartTooLarge(UploadsError):
    """The part has {size_bytes} bytes; a part has at most {limit_bytes}."""

    code = ErrorCode.FILE_TOO_LARGE


class PartUnknown(UploadsError):
    """The upload has no part {part!r}."""

    code = ErrorCode.PART_UNKNOWN


class PartDuplicate(UploadsError):
    """The part {part!r} is named twice."""

    code = ErrorCode.PART_DUPLICATE


class PartConflict(UploadsError):
    """The upload has another part number {number} already."""

    code = ErrorCode.PART_CONFLICT


class ChecksumMismatch(UploadsError):
    """The {kind} of the bytes is {found}; {expected} was given."""

    code = ErrorCode.CHECKSUM_MISMATCH
