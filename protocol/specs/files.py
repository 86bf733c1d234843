"""What every spec is made of: a frozen model without unknown fields, and stored files."""

from pydantic import BaseModel, ConfigDict


class Spec(BaseModel):
    """What a process is told: it never changes, and a field nobody knows is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FileRef(Spec):
    """A stored file: where it lies, what it was called, what it must hash to."""

    path: str
    filename: str
    sha256: str


class NamedRows(Spec):
    """A split of a dataset version: its name, and its rows as the house wrote them."""

    name: str
    rows: FileRef


class VersionFiles(Spec):
    """The splits of a dataset version."""

    train: FileRef
    validation: FileRef | None = None


class NamedFile(Spec):
    """A stored file, and what people call it."""

    name: str
    file: FileRef
