"""Cursor pages as OpenAI's clients walk them: `after` is the id of the last row seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from django.db.models import Model, Q, QuerySet
from ninja import Schema
from pydantic import Field

M = TypeVar("M", bound=Model)
T = TypeVar("T")

#: Newest first is the order of every list; the id parts rows of the same moment.
NEWEST = ("-created_at", "-id")
OLDEST = ("created_at", "id")


class PageIn(Schema):
    """Where a page begins, and how long it is."""

    after: str | None = None
    limit: int = Field(20, ge=1, le=100)


class Listed(Schema, Generic[T]):
    """One page of a list."""

    object: Literal["list"] = "list"
    data: list[T]
    has_more: bool
    first_id: str | None
    last_id: str | None


@dataclass(frozen=True)
class Slice(Generic[M]):
    """Some rows, and whether more follow."""

    rows: Sequence[M]
    has_more: bool


def cut(rows: QuerySet[M], *, after: M | None, limit: int, order: tuple[str, str] = NEWEST) -> Slice[M]:
    """`limit` rows behind `after` (or from the start), in `order`: two fields of one direction, the second unique.

    Rows that come or go between two pages are neither shown twice nor skipped.
    """
    if after is not None:
        rows = rows.filter(_behind(after, order))
    found = list(rows.order_by(*order)[: limit + 1])
    return Slice(found[:limit], has_more=len(found) > limit)


def _behind(row: Model, order: tuple[str, str]) -> Q:
    first, second = (field.removeprefix("-") for field in order)
    side = "lt" if order[0].startswith("-") else "gt"
    values: dict[str, Any] = {name: getattr(row, name) for name in (first, second)}
    return Q(**{f"{first}__{side}": values[first]}) | Q(
        **{first: values[first], f"{second}__{side}": values[second]}
    )


def page(found: Slice[M], show: Callable[[M], T], id_of: Callable[[M], str]) -> Listed[T]:
    """The slice as it is sent."""
    return Listed(
        data=[show(row) for row in found.rows],
        has_more=found.has_more,
        first_id=id_of(found.rows[0]) if found.rows else None,
        last_id=id_of(found.rows[-1]) if found.rows else None,
    )
