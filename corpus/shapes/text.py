"""Plain text to go on training with, and text in classes."""

from typing import Any

from corpus.errors import RowInvalid
from corpus.records import Labelled, Plain, Shape
from corpus.shapes.layout import Context, Definition, Layout, named, text_of

_TEXTS = ("content", "sentence", "文本", "内容", "正文")


def read_plain(fields: dict[str, Any], extra: dict[str, Any], line: int, context: Context) -> Plain:
    """The text. Raises RowInvalid."""
    del context
    return Plain(text=text_of(fields, "text", line), extra=extra)


def read_labelled(fields: dict[str, Any], extra: dict[str, Any], line: int, context: Context) -> Labelled:
    """The text and its class; a number is the class of that name. Raises RowInvalid."""
    del context
    label = fields.get("label")
    if isinstance(label, float) and label.is_integer():
        # A table in which a label is missing has made all of them fractions.
        label = int(label)
    if isinstance(label, int):
        label = str(label).lower()
    if not isinstance(label, str):
        raise RowInvalid(line=line, field="label", reason=f"is {named(label)}, not the name of a class")
    if not label.strip():
        raise RowInvalid(line=line, field="label", reason="is empty")
    return Labelled(text=text_of(fields, "text", line), label=label.strip(), extra=extra)


PLAIN = Definition(
    Layout.PLAIN_TEXT,
    Shape.PLAIN,
    read_plain,
    required=("text",),
    names={"text": _TEXTS},
    confidence=0.8,
)
CLASSIFICATION = Definition(
    Layout.CLASSIFICATION,
    Shape.LABELLED,
    read_labelled,
    required=("text", "label"),
    names={
        "text": (*_TEXTS, "review", "评论"),
        "label": ("category", "class", "sentiment", "intent", "标签", "类别", "分类"),
    },
)
