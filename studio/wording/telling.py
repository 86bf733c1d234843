"""Errors and sentences about a fault, in the language the page is in.

What is stored is English: {code, message, data}. Its template is the one that gives the message again from the data; a
sentence without data is read back by the templates. What none of them says stays as it is.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language

from protocol.errors import StudioError
from studio.wording.template import Template, put
from studio.wording.vocabulary import ERRORS, FRAMES, PLACES, sayings

#: Longer ones are a library's words or a user's text; sentences stand in one another only so deep.
_MAX_CHARS = 1000
#: Templates without a word, what parts the two places, and the end.
_OPEN = ((Template("{field} {reason}."), " ", "."), (Template("{field}: {reason}"), ": ", ""))
_MAX_PARTS = 8


def told(error: StudioError | Mapping[str, Any]) -> str:
    """The message of an error, raised or stored."""
    stored = error.as_dict() if isinstance(error, StudioError) else error
    message = str(stored.get("message") or "")
    if _is_english() or not message:
        return message
    return _framed(message, stored.get("data") or {}) or message


def phrase(text: str) -> str:
    """A sentence that the house says: a reason, a warning, what to do."""
    return text if _is_english() else _framed(text, {}) or text


def _is_english() -> bool:
    return (get_language() or "en").startswith("en")


def _framed(message: str, data: Mapping[str, Any]) -> str | None:
    """A sentence with what stands around it: its line and column, how many more there are."""
    for frame in FRAMES if len(message) <= _MAX_CHARS else ():
        if (read := frame.read(message)) is not None:
            said = _framed(read["said"], data)
            return said and put(frame.translated, {**read, "said": said})
    return _from_data(message, data) or _known(message, "sentence")


def _from_data(message: str, data: Mapping[str, Any]) -> str | None:
    """The sentence whose template the data fills to it."""
    template = next((each for each in ERRORS if each.filled(data) == message), None)
    return None if template is None else put(template.translated, _spoken(template, data))


def _spoken(template: Template, data: Mapping[str, Any]) -> dict[str, Any]:
    """The values, those in words translated where the house has said them."""
    values: dict[str, Any] = {}
    for name in template.names:
        value = data[name]
        kind = None if name in template.quoted else PLACES.get(name)
        values[name] = (_in_words(value, kind) if kind and isinstance(value, str) else None) or value
    return values


def _in_words(value: str, kind: str) -> str | None:
    return _framed(value, {}) if kind == "sentence" else _known(value, kind)


def _known(text: str, kind: str) -> str | None:
    """A text of one of the lists, translated; nothing for any other."""
    if len(text) > _MAX_CHARS:
        return None
    if kind != "sentence":
        return _listed(text, kind)
    return _listed(text, kind) or _listed(_uncapped(text), kind) or _by_its_reason(text)


def _listed(text: str, kind: str) -> str | None:
    return _listed_in(get_language() or "", text, kind)


@lru_cache(maxsize=1024)
def _listed_in(_language: str, text: str, kind: str) -> str | None:
    """A page of problems says few reasons, each many times."""
    fixed, templates = sayings(kind)
    if text in fixed:
        return put(fixed[text].translated, {})
    for template in templates:
        if (read := template.read(text)) is not None:
            return put(template.translated, _spoken(template, read))
    return None


def _by_its_reason(text: str) -> str | None:
    """`messages[0].content is empty.` and `size: is empty` have no word of their own; their reason is known."""
    for template, between, end in _OPEN:
        parts = text.removesuffix(end).split(between)
        for place in range(1, min(len(parts), _MAX_PARTS)):
            field, reason = between.join(parts[:place]), between.join(parts[place:])
            said = _listed(reason, "sentence") or _listed(_uncapped(reason), "sentence")
            if said is not None and text.endswith(end):
                return put(template.translated, {"field": _listed(field, "field") or field, "reason": said})
    return None


def _uncapped(text: str) -> str:
    """A library begins its sentence with a capital where a reason of the house has none."""
    return text[:1].lower() + text[1:]
