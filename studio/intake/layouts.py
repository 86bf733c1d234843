"""The twelve layouts of rows, as a person chooses between them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from corpus.shapes.layout import Layout
from corpus.shapes.registry import DEFINITIONS

#: Fields that one value may stand for in every row: the languages of a translation, the rate of a measurement.
CONSTANTS = ("source_lang", "target_lang", "sampling_rate")


@dataclass(frozen=True)
class Choice:
    """A layout with its name and a row that shows it."""

    layout: Layout
    name: Promise | str
    example: str

    @property
    def fields(self) -> tuple[str, ...]:
        """All that a column can be, without those that are given once for all rows."""
        return tuple(name for name in fields_of(self.layout) if name not in CONSTANTS)

    @property
    def constants(self) -> tuple[str, ...]:
        """What can be given once for all rows."""
        return tuple(name for name in fields_of(self.layout) if name in CONSTANTS)


CHOICES = (
    Choice(
        Layout.OPENAI_CHAT,
        _("Chat"),
        '{"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]}',
    ),
    Choice(
        Layout.OPENAI_TOOLS,
        _("Chat with tools"),
        '{"messages": [… {"role": "assistant", "tool_calls": […]} …], "tools": […]}',
    ),
    Choice(
        Layout.OPENAI_PREFERENCE,
        _("Preference (DPO)"),
        '{"input": {"messages": […]}, "preferred_output": […], "non_preferred_output": […]}',
    ),
    Choice(
        Layout.OPENAI_GRADED,
        _("Chat with a reference for a grader"),
        '{"messages": [{"role": "user", "content": "…"}], "reference": "…"}',
    ),
    Choice(Layout.ALPACA, _("Alpaca"), '{"instruction": "…", "input": "…", "output": "…"}'),
    Choice(
        Layout.SHAREGPT,
        _("ShareGPT"),
        '{"conversations": [{"from": "human", "value": "…"}, {"from": "gpt", "value": "…"}]}',
    ),
    Choice(Layout.PROMPT_COMPLETION, _("Prompt and completion"), '{"prompt": "…", "completion": "…"}'),
    Choice(Layout.PLAIN_TEXT, _("Plain text"), '{"text": "…"}'),
    Choice(Layout.CLASSIFICATION, _("Classification"), '{"text": "…", "label": "complaint"}'),
    Choice(Layout.KTO, _("Judged answer (KTO)"), '{"prompt": "…", "completion": "…", "label": true}'),
    Choice(
        Layout.TRANSLATION,
        _("Translation"),
        '{"source": "…", "target": "…", "source_lang": "en", "target_lang": "zh-Hans"}',
    ),
    Choice(
        Layout.TEXT_SENSOR,
        _("Text and measurements"),
        '{"text": "…", "series": [[0.1, 0.2, …]], "sampling_rate": 100, "label": "…"}',
    ),
)


def fields_of(layout: Layout) -> tuple[str, ...]:
    """The fields of a layout in all the ways it is written, each once."""
    found = (name for definition in DEFINITIONS if definition.layout is layout for name in definition.fields)
    return tuple(dict.fromkeys(found))


def choice_of(shape: str | None) -> Choice | None:
    """The choice of that name; nothing for one that there is not."""
    return next((choice for choice in CHOICES if choice.layout.value == shape), None)
