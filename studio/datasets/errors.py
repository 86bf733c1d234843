"""What can be wrong with a stored file. What is wrong inside one is said by `corpus.errors`.

StudioError
└── DatasetsError
    ├── PurposeUnknown    no such purpose of an upload
    ├── FileInUse         something was made of it, or is being made
    ├── ContentGone       the row is there, its bytes are not
    ├── SourceGone        a job's file was deleted
    ├── ArtifactMissing   a job did not leave what it should
    ├── ArtifactChanged   a file a job left is not what the job said
    ├── RecipeMissing     a version without a recipe
    └── VersionInUse      something was made from the version, or is about to be
"""

from protocol.errors import ErrorCode, StudioError


class DatasetsError(StudioError):
    """Something is wrong with a stored file."""


class PurposeUnknown(DatasetsError):
    """{purpose!r} is not a purpose; it is one of {known}."""

    code = ErrorCode.INVALID_REQUEST

    def __init__(self, purpose: str, known: str) -> None:
        super().__init__(purpose=purpose, known=known, param="purpose")


class FileInUse(DatasetsError):
    """The file {filename!r} cannot be deleted: {reason}."""

    code = ErrorCode.OBJECT_IN_USE


class ContentGone(DatasetsError):
    """The file {filename!r} was refused, so its content was not kept."""

    code = ErrorCode.NOT_FOUND


class ArtifactChanged(DatasetsError):
    """The file {name!r} that job {job} left is not what it was when it was written."""

    code = ErrorCode.INTERNAL


class SourceGone(DatasetsError):
    """The uploaded file {file} was deleted."""

    code = ErrorCode.NOT_FOUND


class ArtifactMissing(DatasetsError):
    """Job {job} ended well and did not leave its {name}."""

    code = ErrorCode.INTERNAL


class RecipeMissing(DatasetsError):
    """{version} has no recipe, so it cannot be made again."""

    code = ErrorCode.RECIPE_INVALID


class VersionInUse(DatasetsError):
    """{version} cannot be deleted: {named} use it."""

    code = ErrorCode.OBJECT_IN_USE

    def __init__(self, version: str, users: list[dict[str, str]]) -> None:
        names = ", ".join(f"{user['kind']} {user['name']}" for user in users[:3])
        rest = f" and {len(users) - 3} more" if len(users) > 3 else ""
        super().__init__(version=version, users=users, named=names + rest)
