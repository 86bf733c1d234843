"""What is asked of a process that holds a model: training, counting tokens, evaluation, serving."""

from typing import Literal

from pydantic import Field

from protocol.serving import EngineName, ServedAdapter
from protocol.specs.files import FileRef, NamedFile, Spec
from protocol.training import TrainingConfig


class BaseModelRef(Spec):
    """A base model in the house: its id and its folder of safetensors."""

    model_id: str
    path: str
    #: sha256 of the manifest of the folder.
    revision: str


class TrainSpec(Spec):
    """Tune a base model on a dataset version."""

    kind: Literal["train"] = "train"
    base: BaseModelRef
    train: FileRef
    validation: FileRef | None = None
    #: Evaluation sets of the project: a run whose training rows hold their rows is refused.
    held_out: tuple[NamedFile, ...] = ()
    #: Why it is to train all the same; nothing refuses it.
    despite_contamination: str = ""
    config: TrainingConfig
    seed: int = Field(7, ge=0, le=2**31 - 1)


class CountTokensSpec(Spec):
    """Count the tokens of a file of chat rows as a model sees them."""

    kind: Literal["count_tokens"] = "count_tokens"
    rows: FileRef
    base: BaseModelRef
    #: Tokens of a row behind this are cut off.
    max_length: int = Field(512, ge=1, le=1_048_576)


class EvaluateSpec(Spec):
    """The same prompts and texts through the base and the tuned model."""

    kind: Literal["evaluate"] = "evaluate"
    base: BaseModelRef
    adapter: ServedAdapter
    prompts: FileRef
    #: Chat rows whose loss is compared, or nothing.
    validation: FileRef | None = None
    #: Unrelated general text, paragraphs parted by blank lines, or nothing.
    general_text: FileRef | None = None
    max_new_tokens: int = Field(24, ge=1, le=512)
    batch_size: int = Field(48, ge=1, le=256)
    resamples: int = Field(10_000, ge=100, le=1_000_000)
    seed: int = Field(7, ge=0, le=2**31 - 1)


class ServeSpec(Spec):
    """Serve a base model and adapters over HTTP on loopback until told to stop."""

    kind: Literal["serve"] = "serve"
    engine: EngineName = EngineName.NATIVE
    base: BaseModelRef
    adapters: tuple[ServedAdapter, ...] = ()
    host: str = "127.0.0.1"
    #: Requests decoded at the same time; more wait in line.
    max_running: int = Field(4, ge=1, le=256)
    max_waiting: int = Field(64, ge=0, le=4096)
    #: Shared secret the gateway sends as a bearer token.
    token: str
