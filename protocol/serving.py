"""What a model server is told, and what a request may ask of it."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class EngineName(StrEnum):
    """The serving engines."""

    NATIVE = "native"


class ServedAdapter(BaseModel):
    """One adapter beside the base model, and the model id it answers to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model_id: str
    path: str
    #: sha256 of adapter_model.safetensors, checked before loading.
    sha256: str


class Sampling(BaseModel):
    """How the next token is chosen. `temperature` 0 is greedy."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_tokens: int = Field(256, ge=1, le=8192)
    temperature: float = Field(1.0, ge=0, le=2)
    top_p: float = Field(1.0, gt=0, le=1)
    seed: int | None = None
    stop: tuple[str, ...] = Field((), max_length=4)
    #: 1.0 leaves the logits as they are.
    repetition_penalty: float = Field(1.0, gt=0, le=2)
