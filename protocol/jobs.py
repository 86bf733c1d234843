"""The spec a process is started with: `python -m <package> <command> spec.json`.

spec.json holds one `Envelope`. Paths are absolute and chosen by the house, never by a user.
"""

from enum import IntEnum
from typing import Annotated

from pydantic import Field

from protocol.specs.datasets import (
    AugmentDatasetSpec,
    CleanDatasetSpec,
    DiffVersionsSpec,
    MeasureMixSpec,
    MixDatasetsSpec,
    PrepareDatasetSpec,
    ReplayRecipeSpec,
    ResplitDatasetSpec,
    SampleDatasetSpec,
    UndoCleaningSpec,
    ValidateDatasetSpec,
)
from protocol.specs.files import Spec
from protocol.specs.glossaries import (
    ApplyImportSpec,
    CoverageSpec,
    GeneratePairsSpec,
    GenerateRowsSpec,
    MineTermsSpec,
    PrepareGlossarySpec,
)
from protocol.specs.models import CountTokensSpec, EvaluateSpec, ServeSpec, TrainSpec


class ExitCode(IntEnum):
    """How a process says it ended; the events say the rest."""

    OK = 0
    #: A `Failed` event with the error is the last line.
    FAILED = 64
    #: The disk is so full that not even the event could be written that says so.
    DISK_FULL = 74
    #: SIGTERM was answered: a checkpoint was written, nothing failed.
    STOPPED = 75


JobSpec = Annotated[
    PrepareDatasetSpec
    | ValidateDatasetSpec
    | SampleDatasetSpec
    | PrepareGlossarySpec
    | ApplyImportSpec
    | GenerateRowsSpec
    | CoverageSpec
    | MineTermsSpec
    | MixDatasetsSpec
    | MeasureMixSpec
    | GeneratePairsSpec
    | AugmentDatasetSpec
    | ResplitDatasetSpec
    | DiffVersionsSpec
    | ReplayRecipeSpec
    | CleanDatasetSpec
    | UndoCleaningSpec
    | CountTokensSpec
    | TrainSpec
    | EvaluateSpec
    | ServeSpec,
    Field(discriminator="kind"),
]


class Envelope(Spec):
    """One attempt at one job. `attempt` is the fencing token of its lease."""

    job_id: str
    attempt: int = Field(ge=1)
    #: Folder of this attempt: events.jsonl, log.txt, checkpoints/, output/.
    workdir: str
    #: File the process appends its events to, one JSON line each.
    events: str
    #: Checkpoint folder to go on from, or nothing.
    resume_from: str | None = None
    #: A process that writes much stops with `disk_full` before less than this is left on its disk.
    min_free_bytes: int = Field(256 * 1024**2, ge=0)
    spec: JobSpec
