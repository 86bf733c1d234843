"""What a model version is made of: enough to check it and to make it again."""

from pydantic import BaseModel, ConfigDict, Field

from protocol.specs.models import BaseModelRef
from protocol.training import TrainingConfig


class ManifestFile(BaseModel):
    """One file of an artifact; `path` is relative to the artifact's folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    sha256: str
    size_bytes: int


class ArtifactManifest(BaseModel):
    """The trainer's own account of the model it wrote (manifest.json beside the weights)."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    version: int = 1
    files: tuple[ManifestFile, ...]
    base: BaseModelRef
    #: sha256 of the training and validation files, by split.
    data: dict[str, str]
    config: TrainingConfig
    seed: int
    #: Version and commit of the code that trained it.
    code: str
    #: Versions of the libraries the result depends on.
    libraries: dict[str, str] = Field(default_factory=dict)
    metrics: dict[str, float] = Field(default_factory=dict)
