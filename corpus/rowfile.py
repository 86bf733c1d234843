"""Files of rows that the house wrote itself: JSON lines of any shape, read back as they were."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.records import (
    ASIDE_KEY,
    KNOWN_KEYS,
    Conversation,
    Judged,
    Labelled,
    Plain,
    Preference,
    Row,
    Sensor,
    Translation,
)


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a file that `as_line` wrote; blank lines are passed over.

    For files of the house alone: what is wrong in an upload is said by corpus.validation. Raises ValueError.
    """
    with path.open("rb") as lines:
        for line in lines:
            if line.strip():
                yield row_of(json.loads(line))


def row_of(value: dict[str, Any]) -> Row:
    """The row that `as_row` wrote. Raises ValueError where it is none."""
    try:
        return _row_of(dict(value))
    except KeyError as error:
        raise ValueError(f"no row has the keys {', '.join(value)[:200]}") from error


def _row_of(row: dict[str, Any]) -> Row:
    aside: dict[str, Any] = row.pop(ASIDE_KEY, {})
    if "messages" in row:
        known = {key: row.pop(key) for key in KNOWN_KEYS if key in row}
        return Conversation(**known, extra=row | aside)
    if "preferred_output" in row:
        prompt = row.pop("input")
        answers = {
            "preferred": row.pop("preferred_output"),
            "non_preferred": row.pop("non_preferred_output"),
        }
        return Preference(**prompt, **answers, extra=row | aside)
    if "series" in row:
        known = {key: row.pop(key) for key in ("series", "sampling_rate", "label") if key in row}
        return Sensor(text=row.pop("text"), **known, extra=row | aside)
    if "target" in row:
        known = {key: row.pop(key) for key in ("source", "target", "source_lang", "target_lang")}
        return Translation(**known, extra=row | aside)
    if "completion" in row:
        messages, completion, label = row.pop("prompt"), row.pop("completion"), row.pop("label")
        return Judged(messages=messages, completion=completion, is_wanted=label, extra=row | aside)
    if "label" in row:
        return Labelled(text=row.pop("text"), label=row.pop("label"), extra=row | aside)
    return Plain(text=row.pop("text"), extra=row | aside)
