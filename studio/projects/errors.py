"""What can be wrong with a project or its members.

StudioError
└── ProjectsError
    ├── NameTaken       another project has this name
    ├── NameEmpty       a project needs a name
    └── LastOwner       a project keeps at least one owner
"""

from protocol.errors import ErrorCode, StudioError


class ProjectsError(StudioError):
    """Something is wrong with a project."""

    code = ErrorCode.INVALID_REQUEST


class NameTaken(ProjectsError):
    """There is already a project named {name!r}."""


class NameEmpty(ProjectsError):
    """A project needs a name of 1 to {limit} characters."""


class LastOwner(ProjectsError):
    """{username} is the only owner of {project!r}; make somebody else an owner first."""
