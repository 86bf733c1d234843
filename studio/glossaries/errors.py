"""What can be wrong with a glossary. What is wrong inside a file is said by `corpus.errors`.

StudioError
└── GlossariesError
    ├── LanguageNotOffered   no rows can be written in this language
    ├── NotOfOneProject      a version of another project was named
    └── VersionGone          a job's glossary version is no longer there
"""

from protocol.errors import ErrorCode, StudioError


class GlossariesError(StudioError):
    """Something is wrong with a glossary."""


class LanguageNotOffered(GlossariesError):
    """Rows can be written in {offered}, not in {lang!r}."""

    code = ErrorCode.INVALID_REQUEST

    def __init__(self, lang: str, offered: str) -> None:
        super().__init__(lang=lang, offered=offered, param="lang")


class NotOfOneProject(GlossariesError):
    """The {what} does not belong to this project."""

    code = ErrorCode.NOT_FOUND


class VersionGone(GlossariesError):
    """The {what} {id} that the rows were to be made from is no longer there."""

    code = ErrorCode.NOT_FOUND
