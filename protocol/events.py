"""What a running job says: one JSON line an event, appended to the attempt's event file.

The studio keeps each line as a numbered row; a page's state is the fold of the rows.
A process writes `at` (Unix seconds); `seq` is given when the row is stored.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    at: float


class Started(_Event):
    """The process runs; a resumed one names the step it goes on from."""

    type: Literal["started"] = "started"
    resumed_step: int | None = None
    #: Facts worth showing: trainable and total parameters, rows, device ...
    facts: dict[str, str | int | float] = {}


class Progress(_Event):
    """How far a job without steps has come (parsing, evaluating, loading)."""

    type: Literal["progress"] = "progress"
    stage: str
    done: int
    total: int | None = None
    unit: str = ""


class Step(_Event):
    """One optimizer step is done. Loss in nats per trained token; times in seconds."""

    type: Literal["step"] = "step"
    step: int
    steps: int
    epoch: float
    train_loss: float
    train_accuracy: float
    lr: float
    grad_norm: float
    tokens_per_s: float
    #: Tokens that passed through the model since the first attempt's first step.
    tokens: int
    #: Tokens that carried loss since then.
    trained_tokens: int
    eta_s: float


class Evaluated(_Event):
    """The validation rows were measured at a step."""

    type: Literal["evaluated"] = "evaluated"
    step: int
    valid_loss: float
    valid_accuracy: float
    n_tokens: int


class Checkpoint(_Event):
    """A checkpoint is complete on disk. `path` is relative to the attempt's folder."""

    type: Literal["checkpoint"] = "checkpoint"
    step: int
    path: str
    sha256: str
    size_bytes: int
    train_loss: float | None = None
    valid_loss: float | None = None


class SetAside(_Event):
    """A checkpoint could not be used: it was renamed, and the one before it is tried. Paths as in `Checkpoint`, but
    relative to the job's folder, since the checkpoint may be an earlier attempt's.
    """

    type: Literal["set_aside"] = "set_aside"
    path: str
    #: Its name now; empty where there was nothing to rename.
    kept_as: str
    #: The files that are missing or changed; empty where it is not a matter of single files.
    files: tuple[str, ...] = ()
    reason: str


class Sentinel(_Event):
    """A watcher of the run's numbers has answered.

    `value` and `limit` are in the unit of what is watched: nats for losses, tokens of one pass for memory. A value that
    is no finite number is null, as JSON has none.
    """

    type: Literal["sentinel"] = "sentinel"
    kind: Literal["not_finite", "exploding", "zero_loss", "plateau", "out_of_memory"]
    #: The step that was being made; 0 is before the first.
    step: int
    watched: Literal["loss", "grad_norm", "valid_loss", "pass_tokens"]
    value: float | None
    limit: float | None
    action: Literal["rolled_back", "smaller_passes", "stopped", "failed"]
    #: What it goes on with: `to_step` it went back to, `lr_scale` from now on, `best_step` that is kept.
    facts: dict[str, int | float] = {}


class Artifact(_Event):
    """A file or folder the job leaves. `path` is relative to the attempt's folder."""

    type: Literal["artifact"] = "artifact"
    name: str
    path: str
    sha256: str
    size_bytes: int
    #: Facts of the artifact: rows, languages, metrics ...
    facts: dict[str, Any] = {}


class Ready(_Event):
    """A server answers at this address."""

    type: Literal["ready"] = "ready"
    url: str
    models: tuple[str, ...]


class Warned(_Event):
    """Something a person should know that stops nothing."""

    type: Literal["warned"] = "warned"
    code: str
    message: str
    data: dict[str, Any] = {}


class Failed(_Event):
    """The job cannot go on: a typed error with its numbers."""

    type: Literal["failed"] = "failed"
    code: str
    message: str
    data: dict[str, Any] = {}
    permanent: bool = True


class Finished(_Event):
    """The job did what it was asked; `summary` is small and shown as it is."""

    type: Literal["finished"] = "finished"
    summary: dict[str, Any] = {}


class Moved(_Event):
    """The job's state changed. Written by the studio, not by a process."""

    type: Literal["moved"] = "moved"
    state: str
    previous: str
    reason: str
    attempt: int


ProcessEvent = Annotated[
    Started
    | Progress
    | Step
    | Evaluated
    | Checkpoint
    | SetAside
    | Sentinel
    | Artifact
    | Ready
    | Warned
    | Failed
    | Finished,
    Field(discriminator="type"),
]
Event = Annotated[
    Started
    | Progress
    | Step
    | Evaluated
    | Checkpoint
    | SetAside
    | Sentinel
    | Artifact
    | Ready
    | Warned
    | Failed
    | Finished
    | Moved,
    Field(discriminator="type"),
]

process_event: TypeAdapter[ProcessEvent] = TypeAdapter(ProcessEvent)
any_event: TypeAdapter[Event] = TypeAdapter(Event)
