"""What is said of a file beside its name."""

from dataclasses import dataclass, field
from pathlib import Path

from corpus.formats.faults import OnFault, refuse
from corpus.formats.text import OnBytes


@dataclass(frozen=True)
class Options:
    """How a file of rows is to be read."""

    #: What the user calls it; errors name it.
    filename: str
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    on_bytes: OnBytes | None = None
    on_fault: OnFault = refuse
    #: A folder for what has to be unpacked; it goes with the job.
    scratch: Path = field(default_factory=Path)
