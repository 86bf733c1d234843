"""Typed rows: what a line of a dataset is once it has been read, in one of seven shapes."""

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, StrictBool

from corpus.image import Image
from protocol.chat import Message, Role


class Shape(StrEnum):
    """What a row is for. Many layouts of files (corpus.shapes) are read into each."""

    CONVERSATION = "conversation"
    PREFERENCE = "preference"
    PLAIN = "plain"
    LABELLED = "labelled"
    JUDGED = "judged"
    TRANSLATION = "translation"
    SENSOR = "sensor"


#: Keys of a chat row that mean something here.
KNOWN_KEYS = frozenset({"messages", "tools", "parallel_tool_calls", "replay", "images"})
#: Where a written row keeps those of its other keys that would be read as something else.
ASIDE_KEY = "_extra"
_GROUP_KEYS = ("group", "group_id")
_PREFERENCE_KEYS = frozenset({"input", "preferred_output", "non_preferred_output"})
_OTHER_KEYS = frozenset(
    {"text", "label", "prompt", "completion", "source", "target", "source_lang", "target_lang"}
    | {"series", "sampling_rate"}
)
_ALL_KEYS = KNOWN_KEYS | _PREFERENCE_KEYS | _OTHER_KEYS


class _Row(BaseModel):
    """What all rows share."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shape: ClassVar[Shape]
    #: Keys that a row of this shape cannot carry as extra ones without being read as another row.
    reserved: ClassVar[frozenset[str]] = _ALL_KEYS

    #: Keys of the row that mean nothing here (provenance, reference answers); they are kept as they are.
    extra: dict[str, Any] = {}

    def texts(self) -> tuple[str, ...]:
        """Every natural-language string of the row, in a fixed order."""
        raise NotImplementedError

    def with_texts(self, texts: Sequence[str]) -> Self:
        """The row with its texts replaced by as many others. Raises ValueError for another number."""
        raise NotImplementedError

    def prompt_texts(self) -> tuple[str, ...]:
        """Those texts that are given to a model."""
        raise NotImplementedError

    def answer_texts(self) -> tuple[str, ...]:
        """Those texts that a model is to give, good and bad."""
        raise NotImplementedError

    def fields(self) -> dict[str, Any]:
        """The row as it is written, without its extra keys."""
        raise NotImplementedError

    @property
    def prompt(self) -> str:
        """What is asked: two rows with one prompt belong to one split."""
        return json.dumps([self.shape, *self.prompt_texts()], ensure_ascii=False)

    @property
    def group(self) -> str | None:
        """What the data says the row belongs to (`group` or `group_id`), where it says so."""
        for key in _GROUP_KEYS:
            if isinstance(value := self.extra.get(key), str | int) and not isinstance(value, bool):
                return str(value)
        return None

    def as_row(self) -> dict[str, Any]:
        """The row as it is written; what was left out stays out, and `read_rows` gives the same row again."""
        row, extra = self.fields(), self.extra
        if self.reserved.isdisjoint(extra) and ASIDE_KEY not in extra:
            return row | extra
        aside = {key: value for key, value in extra.items() if key in self.reserved or key == ASIDE_KEY}
        beside = {key: value for key, value in extra.items() if key not in aside}
        return row | beside | {ASIDE_KEY: aside}

    def as_line(self) -> str:
        """The row as a line of JSON with its line feed."""
        return json.dumps(self.as_row(), ensure_ascii=False, allow_nan=False) + "\n"


class _Spoken(_Row):
    """A row of several texts."""

    @property
    def text(self) -> str:
        """All that is said, one text a line."""
        return "\n".join(self.texts())


class Conversation(_Spoken):
    """Turns to learn from, and what else the row says about itself."""

    shape = Shape.CONVERSATION
    reserved = KNOWN_KEYS | {"system"}

    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...] | None = None
    parallel_tool_calls: StrictBool | None = None
    #: General data mixed in against forgetting; the loss may pull it towards the base model.
    replay: StrictBool = False
    #: Each stands in its message's content as `<image>`, in this order.
    images: tuple[Image, ...] = ()

    @property
    def prompt(self) -> str:
        """The turns before the last assistant turn: two rows with one prompt belong to one split."""
        answers = (i for i, message in enumerate(self.messages) if message.role is Role.ASSISTANT)
        last = max(answers, default=len(self.messages))
        return json.dumps(
            [[message.role, message.content, _calls(message)] for message in self.messages[:last]],
            ensure_ascii=False,
            default=str,
        )

    def texts(self) -> tuple[str, ...]:
        """The content of every turn that has some."""
        return tuple([message.content for message in self.messages if message.content])

    def with_texts(self, texts: Sequence[str]) -> Self:
        """The turns with these contents. Raises ValueError for another number."""
        return self.model_copy(update={"messages": _rewritten(self.messages, iter(_as_many(self, texts)))})

    def prompt_texts(self) -> tuple[str, ...]:
        """What all but the assistant say."""
        return tuple([m.content for m in self.messages if m.content and m.role is not Role.ASSISTANT])

    def answer_texts(self) -> tuple[str, ...]:
        """What the assistant says."""
        return tuple([m.content for m in self.messages if m.content and m.role is Role.ASSISTANT])

    def fields(self) -> dict[str, Any]:
        """OpenAI's chat row."""
        row: dict[str, Any] = {"messages": _dumped(self.messages)}
        if self.tools is not None:
            row["tools"] = list(self.tools)
        if self.parallel_tool_calls is not None:
            row["parallel_tool_calls"] = self.parallel_tool_calls
        if self.replay:
            row["replay"] = True
        if self.images:
            row["images"] = [image.model_dump(mode="json", exclude_none=True) for image in self.images]
        return row


class Preference(_Spoken):
    """One prompt with an answer that is wanted and one that is not."""

    shape = Shape.PREFERENCE

    messages: tuple[Message, ...]
    preferred: tuple[Message, ...]
    non_preferred: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...] | None = None
    parallel_tool_calls: StrictBool | None = None

    def texts(self) -> tuple[str, ...]:
        """The prompt's turns, then the wanted answer, then the other."""
        every = (*self.messages, *self.preferred, *self.non_preferred)
        return tuple([message.content for message in every if message.content])

    def with_texts(self, texts: Sequence[str]) -> Self:
        """The row with these contents. Raises ValueError for another number."""
        left = iter(_as_many(self, texts))
        update = {
            name: _rewritten(getattr(self, name), left) for name in ("messages", "preferred", "non_preferred")
        }
        return self.model_copy(update=update)

    def prompt_texts(self) -> tuple[str, ...]:
        """The prompt's turns."""
        return tuple([message.content for message in self.messages if message.content])

    def answer_texts(self) -> tuple[str, ...]:
        """The wanted answer, then the other."""
        return tuple([m.content for m in (*self.preferred, *self.non_preferred) if m.content])

    def fields(self) -> dict[str, Any]:
        """OpenAI's preference row."""
        prompt: dict[str, Any] = {"messages": _dumped(self.messages)}
        if self.tools is not None:
            prompt["tools"] = list(self.tools)
        if self.parallel_tool_calls is not None:
            prompt["parallel_tool_calls"] = self.parallel_tool_calls
        return {
            "input": prompt,
            "preferred_output": _dumped(self.preferred),
            "non_preferred_output": _dumped(self.non_preferred),
        }


class Plain(_Row):
    """Text to go on training with; all of it is learnt."""

    shape = Shape.PLAIN

    text: str

    def texts(self) -> tuple[str, ...]:
        """The text."""
        return (self.text,)

    def with_texts(self, texts: Sequence[str]) -> Self:
        """The row with this text. Raises ValueError for another number."""
        (text,) = _as_many(self, texts)
        return self.model_copy(update={"text": text})

    def prompt_texts(self) -> tuple[str, ...]:
        """Nothing is asked."""
        return ()

    def answer_texts(self) -> tuple[str, ...]:
        """The text."""
        return (self.text,)

    @property
    def prompt(self) -> str:
        """The text itself: equal texts belong to one split."""
        return self.text

    def fields(self) -> dict[str, Any]:
        """{"text"}."""
        return {"text": self.text}


class Labelled(_Row):
    """A text and the class it is in."""

    shape = Shape.LABELLED

    text: str
    label: str

    def texts(self) -> tuple[str, ...]:
        """The text; a label is a name, not language."""
        return (self.text,)

    def with_texts(self, texts: Sequence[str]) -> Self:
        """The row with this text. Raises ValueError for another number."""
        (text,) = _as_many(self, texts)
        return self.model_copy(update={"text": text})

    def prompt_texts(self) -> tuple[str, ...]:
        """The text."""
        return (self.text,)

    def answer_texts(self) -> tuple[str, ...]:
        """No text is given, only a label."""
        return ()

    def fields(self) -> dict[str, Any]:
        """{"text", "label"}."""
        return {"text": self.text, "label": self.label}


class Judged(_Spoken):
    """One answer to a prompt, and whether it is wanted (KTO)."""

    shape = Shape.JUDGED

    messages: tuple[Message, ...]
    completion: str
    is_wanted: StrictBool

    def texts(self) -> tuple[str, ...]:
        """The prompt's turns, then the answer."""
        return (*self.prompt_texts(), self.completion)

    def with_texts(self, texts: Sequence[str]) -> Self:
        """The row with these texts. Raises ValueError for another number."""
        *prompt, completion = _as_many(self, texts)
        messages = _rewritten(self.messages, iter(prompt))
        return self.model_copy(update={"messages": messages, "completion": completion})

    def prompt_texts(self) -> tuple[str, ...]:
        """The prompt's turns."""
        return tuple([message.content for message in self.messages if message.content])

    def answer_texts(self) -> tuple[str, ...]:
        """The answer, wanted or not."""
        return (self.completion,)

    def fields(self) -> dict[str, Any]:
        """{"prompt": [messages], "completion", "label": true or false}."""
        return {"prompt": _dumped(self.messages), "completion": self.completion, "label": self.is_wanted}


class Translation(_Spoken):
    """A text and its translation; languages are BCP 47 tags."""

    shape = Shape.TRANSLATION

    source: str
    target: str
    source_lang: str
    target_lang: str

    def texts(self) -> tuple[str, ...]:
        """Source, target."""
        return (self.source, self.target)

    def with_texts(self, texts: Sequence[str]) -> Self:
        """The row with these two texts. Raises ValueError for another number."""
        source, target = _as_many(self, texts)
        return self.model_copy(update={"source": source, "target": target})

    def prompt_texts(self) -> tuple[str, ...]:
        """The source."""
        return (self.source,)

    def answer_texts(self) -> tuple[str, ...]:
        """The target."""
        return (self.target,)

    def fields(self) -> dict[str, Any]:
        """{"source", "target", "source_lang", "target_lang"}."""
        langs = {"source_lang": self.source_lang, "target_lang": self.target_lang}
        return {"source": self.source, "target": self.target, **langs}


class Sensor(_Row):
    """What a sensor measured, what is said beside it, and the state it was measured in."""

    shape = Shape.SENSOR

    text: str
    #: Channels of equally many finite samples each.
    series: tuple[tuple[float, ...], ...]
    #: Samples a second.
    sampling_rate: float
    label: str | None = None

    def texts(self) -> tuple[str, ...]:
        """The text, where there is one."""
        return (self.text,) if self.text else ()

    def with_texts(self, texts: Sequence[str]) -> Self:
        """The row with this text. Raises ValueError for another number."""
        texts = _as_many(self, texts)
        return self.model_copy(update={"text": texts[0]}) if texts else self

    def prompt_texts(self) -> tuple[str, ...]:
        """The text."""
        return self.texts()

    def answer_texts(self) -> tuple[str, ...]:
        """No text is given, only a label."""
        return ()

    @property
    def prompt(self) -> str:
        """The measurement and the text."""
        return json.dumps([self.text, self.series], ensure_ascii=False)

    def fields(self) -> dict[str, Any]:
        """{"text", "series", "sampling_rate", "label"}."""
        row: dict[str, Any] = {"text": self.text, "series": [list(channel) for channel in self.series]}
        row["sampling_rate"] = self.sampling_rate
        return row if self.label is None else row | {"label": self.label}


Row = Conversation | Preference | Plain | Labelled | Judged | Translation | Sensor


def _calls(message: Message) -> list[list[str]]:
    return [[call.function.name, call.function.arguments] for call in message.tool_calls or ()]


def _dumped(messages: Sequence[Message]) -> list[dict[str, Any]]:
    return [message.model_dump(mode="json", exclude_none=True) for message in messages]


def _as_many(row: _Row, texts: Sequence[str]) -> Sequence[str]:
    if len(texts) != len(row.texts()):
        raise ValueError(f"the row has {len(row.texts())} texts, not {len(texts)}")
    return texts


def _rewritten(messages: Sequence[Message], texts: Any) -> tuple[Message, ...]:
    """The messages, each with content of its own taking the next text."""
    return tuple([m.model_copy(update={"content": next(texts)}) if m.content else m for m in messages])
