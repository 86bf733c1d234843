"""What a serving engine does: take a request, give pieces of text, let go of it."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum

from protocol.chat import Message
from protocol.serving import Sampling


class FinishReason(StrEnum):
    """Why an answer ended."""

    STOP = "stop"
    LENGTH = "length"


@dataclass(frozen=True)
class Piece:
    """A part of an answer; the last one has a reason."""

    text: str
    prompt_tokens: int
    completion_tokens: int
    finish: FinishReason | None = None


@dataclass(frozen=True)
class Load:
    """How busy an engine is."""

    running: int
    waiting: int
    slots: int
    tokens: int
    requests: int


class Engine(ABC):
    """A loaded base model with adapters."""

    @property
    @abstractmethod
    def models(self) -> tuple[str, ...]:
        """The model ids it answers to, the base first."""

    @property
    @abstractmethod
    def context_length(self) -> int:
        """Tokens of prompt and answer together."""

    @abstractmethod
    def stream(self, model: str, messages: list[Message], sampling: Sampling) -> AsyncIterator[Piece]:
        """The answer piece by piece; closing the iterator frees the slot.

        Raises ModelNotFound, ContextExceeded, EngineBusy before the first piece.
        """

    @abstractmethod
    def load(self) -> Load:
        """How busy it is."""

    @abstractmethod
    def close(self) -> None:
        """Stop decoding."""
