"""Suggestions as a file: one a line with an id, to be accepted one by one, or all.

    {"id": 0, "split": "train", "row": 3, "field": 1, "start": 4, "end": 9, "before": "recieve", "after": "receive",
     "reason": "spelling", "context": "... I recieve it ..."}

Rows count from 1 in the cleaned split, characters from 0 in the row's text of that number.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.cleaning.errors import EditsInvalid
from corpus.cleaning.step import Suggestion
from corpus.records import Row

#: (split, row) -> what is to be put into it.
Accepted = dict[tuple[str, int], list[Suggestion]]
_CONTEXT = 30


def suggestion_lines(
    edits: list[dict[str, Any]], row: Row, split: str, number: int, *, first_id: int
) -> Iterator[str | None]:
    """A line for each suggestion that still fits the row; None for one that a later step made pointless."""
    texts = row.texts()
    id_ = first_id
    for edit in edits:
        for field, start, end, before, after, reason in edit.get("suggestions", ()):
            if field >= len(texts) or texts[field][start:end] != before:
                yield None
                continue
            text = texts[field]
            line = {
                "id": id_,
                "split": split,
                "row": number,
                "field": field,
                "start": start,
                "end": end,
                "before": before,
                "after": after,
                "reason": reason,
                "context": [text[max(0, start - _CONTEXT) : start], text[end : end + _CONTEXT]],
            }
            id_ += 1
            yield json.dumps(line, ensure_ascii=False) + "\n"


def accepted_changes(path: Path, accepted: tuple[int, ...] | None) -> Accepted:
    """The suggestions of a file that were accepted, all of them for None; overlapping ones once. Raises EditsInvalid."""
    wanted = None if accepted is None else frozenset(accepted)
    found: Accepted = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            try:
                one = json.loads(line)
                if wanted is not None and one["id"] not in wanted:
                    continue
                suggestion = Suggestion(
                    *(one[key] for key in ("field", "start", "end", "before", "after", "reason"))
                )
                place = (one["split"], one["row"])
            except (ValueError, KeyError, TypeError) as error:
                raise EditsInvalid(reason="a line of the suggestions is none") from error
            others = found.setdefault(place, [])
            if all(
                suggestion.field != o.field or suggestion.end <= o.start or o.end <= suggestion.start
                for o in others
            ):
                others.append(suggestion)
    return found
