"""A text and its translation, with the languages of both."""

import re
from collections.abc import Iterable
from typing import Any

from corpus.errors import LanguageInvalid, RowInvalid
from corpus.records import Shape, Translation
from corpus.shapes.layout import Context, Definition, Layout, named, text_of

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?(-[A-Za-z0-9]{1,8})*")
#: Column names that are taken for languages; "id" and "no" are columns of their own in too many tables.
_COMMON = frozenset(
    [
        "ar",
        "bg",
        "cs",
        "da",
        "de",
        "el",
        "en",
        "es",
        "et",
        "fi",
        "fr",
        "he",
        "hi",
        "hr",
        "hu",
        "it",
        "ja",
        "ko",
        "lt",
        "lv",
        "ms",
        "nl",
        "pl",
        "pt",
        "ro",
        "ru",
        "sk",
        "sl",
        "sv",
        "th",
        "tr",
        "uk",
        "vi",
        "zh",
    ]
)


def read_translation(
    fields: dict[str, Any], extra: dict[str, Any], line: int, context: Context
) -> Translation:
    """The pair. Raises RowInvalid, LanguageInvalid."""
    del context
    pair = fields.get("translation")
    if pair is not None:
        if not isinstance(pair, dict) or len(pair) != 2:
            raise RowInvalid(line=line, field="translation", reason="is not an object of two languages")
        (source_lang, source), (target_lang, target) = pair.items()
        fields = {"source": source, "target": target, "source_lang": source_lang, "target_lang": target_lang}
    langs = {}
    for name in ("source_lang", "target_lang"):
        lang = fields.get(name)
        if not isinstance(lang, str):
            raise RowInvalid(line=line, field=name, reason=f"is {named(lang)}, not a language such as en")
        tag = lang.strip().replace("_", "-")
        if not _TAG.fullmatch(tag):
            raise LanguageInvalid(line=line, lang=lang[:40])
        langs[name] = tag
    return Translation(
        source=text_of(fields, "source", line), target=text_of(fields, "target", line), extra=extra, **langs
    )


def languages_in(names: Iterable[str]) -> list[str]:
    """Those column names that are languages."""
    tags = {name: name.replace("_", "-") for name in names}
    return [
        name for name, tag in tags.items() if tag.split("-")[0].lower() in _COMMON and _TAG.fullmatch(tag)
    ]


TRANSLATION = Definition(
    Layout.TRANSLATION,
    Shape.TRANSLATION,
    read_translation,
    required=("source", "target", "source_lang", "target_lang"),
    names={
        "source": ("src", "source_text", "原文"),
        "target": ("tgt", "target_text", "translation_text", "译文"),
        "source_lang": ("src_lang", "source_language"),
        "target_lang": ("tgt_lang", "target_language"),
    },
)
#: {"translation": {"en": ..., "zh": ...}}
NESTED = Definition(
    Layout.TRANSLATION,
    Shape.TRANSLATION,
    read_translation,
    required=("translation",),
    fits=lambda row: isinstance(row.get("translation"), dict),
)
