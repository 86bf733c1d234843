"""The bodies of /v1/chat/completions, as OpenAI's clients send and read them."""

import time
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from forge.errors import RequestInvalid
from forge.serving.engine import FinishReason
from protocol.chat import Message, Role
from protocol.serving import Sampling

#: Where a request says nothing: enough for an answer, short enough for a small machine.
DEFAULT_MAX_TOKENS = 512


#: Arguments that change nothing in the text of an answer: for accounts, caches and tiers of a hosted service.
HARMLESS = frozenset(
    {
        "metadata", "parallel_tool_calls", "prediction", "prompt_cache_key", "prompt_cache_retention", "safety_identifier",
        "service_tier", "store", "user",
    }
)  # fmt: skip
#: Arguments this engine does not know how to follow, and the values that ask for nothing.
NEUTRAL: dict[str, tuple[Any, ...]] = {
    "audio": (None,),
    "frequency_penalty": (None, 0),
    "function_call": (None, "none", "auto"),
    "functions": (None, []),
    "logit_bias": (None, {}),
    "modalities": (None, ["text"]),
    "presence_penalty": (None, 0),
    "reasoning_effort": (None, "none"),
    "tool_choice": (None, "none", "auto"),
    "top_logprobs": (None, 0),
    "verbosity": (None, "medium"),
    "web_search_options": (None,),
}


class TextPart(BaseModel):
    """A part of a message's content."""

    model_config = ConfigDict(extra="ignore")

    type: str
    text: str = ""


class RequestMessage(BaseModel):
    """A message as a client sends it."""

    model_config = ConfigDict(extra="ignore")

    role: Role
    content: str | list[TextPart] | None = None
    name: str | None = None

    def as_message(self) -> Message:
        """The house's message: text parts joined. Raises RequestInvalid for parts of another kind."""
        content = self.content
        if isinstance(content, list):
            for part in content:
                if part.type != "text":
                    reason = f"This model reads text only: a part of type {part.type!r} cannot be used."
                    raise RequestInvalid(reason=reason, param="messages")
            content = "".join(part.text for part in content)
        return Message(role=self.role, content=content or "", name=self.name)


class StreamOptions(BaseModel):
    """What a stream carries besides the text."""

    model_config = ConfigDict(extra="ignore")

    include_usage: bool = False


class ChatRequest(BaseModel):
    """The body of a chat completion. An argument that cannot be followed is refused and never passed over."""

    model_config = ConfigDict(extra="allow")

    model: str
    messages: list[RequestMessage] = Field(min_length=1)
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    stop: str | list[str] | None = None
    seed: int | None = Field(None, ge=-(2**63), le=2**63 - 1)
    repetition_penalty: float | None = Field(None, gt=0, le=2)
    n: int | None = None
    logprobs: bool | None = None
    tools: list[Any] | None = None
    response_format: dict[str, Any] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None

    def sampling(self, context_length: int) -> Sampling:
        """How to sample. Raises RequestInvalid for what this server does not do yet."""
        self._refuse_unsupported()
        stop = [self.stop] if isinstance(self.stop, str) else self.stop or []
        if len(stop) > 4:
            raise RequestInvalid(reason=f"'stop' takes at most 4 strings, not {len(stop)}.", param="stop")
        asked = self.max_completion_tokens or self.max_tokens
        if asked is not None and asked > 8192:
            raise RequestInvalid(reason="'max_tokens' may be at most 8192.", param="max_tokens")
        return Sampling(
            max_tokens=asked or min(DEFAULT_MAX_TOKENS, context_length // 2),
            temperature=1.0 if self.temperature is None else self.temperature,
            top_p=1.0 if self.top_p is None else self.top_p,
            seed=self.seed,
            stop=tuple(stop),
            repetition_penalty=self.repetition_penalty or 1.0,
        )

    def _refuse_unsupported(self) -> None:
        for name, value in (self.model_extra or {}).items():
            if name in HARMLESS:
                continue
            if name not in NEUTRAL:
                raise RequestInvalid(reason=f"Unrecognized request argument supplied: {name}", param=name)
            if value not in NEUTRAL[name]:
                raise RequestInvalid(reason=f"{name!r} is not available from this engine.", param=name)
        if self.n not in (None, 1):
            raise RequestInvalid(
                reason="'n' must be 1: send the request again for another answer.", param="n"
            )
        if self.logprobs:
            raise RequestInvalid(reason="'logprobs' is not available from this engine.", param="logprobs")
        if self.tools:
            raise RequestInvalid(reason="'tools' are not available from this engine.", param="tools")
        if self.response_format and self.response_format.get("type") != "text":
            raise RequestInvalid(
                reason="'response_format' must be text for this engine.", param="response_format"
            )


def usage(prompt_tokens: int, completion_tokens: int) -> dict[str, int]:
    """Tokens of a request."""
    total = prompt_tokens + completion_tokens
    return {"prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens, "total_tokens": total}


def completion(id_: str, model: str, text: str, finish: FinishReason, used: dict[str, int]) -> dict[str, Any]:
    """A whole answer."""
    message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
    choice = {"index": 0, "message": message, "finish_reason": finish.value, "logprobs": None}
    return {
        "id": id_,
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [choice],
        "usage": used,
    }


class Chunks:
    """The chunks of one streamed answer: all with the same id and time."""

    def __init__(self, id_: str, model: str, *, include_usage: bool) -> None:
        self._frame = {
            "id": id_,
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": model,
        }
        self._usage = {"usage": None} if include_usage else {}

    def delta(self, delta: dict[str, Any], finish: FinishReason | None = None) -> dict[str, Any]:
        """A piece of the answer."""
        choice = {
            "index": 0,
            "delta": delta,
            "logprobs": None,
            "finish_reason": finish.value if finish else None,
        }
        return self._frame | {"choices": [choice]} | self._usage

    def total(self, used: dict[str, int]) -> dict[str, Any]:
        """The last chunk, where usage was asked for."""
        return self._frame | {"choices": [], "usage": used}
