"""Public ids: a prefix that says what it is, and the 32 hex digits of the row's UUID."""

import re
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from studio.errors import NotFound

M = TypeVar("M", bound=Model)

_HEX = re.compile(r"[0-9a-f]{32}")


def public(prefix: str, id_: UUID) -> str:
    """The id as clients write it: "file-" and 32 hex digits."""
    return prefix + id_.hex


def parse(prefix: str, text: str) -> UUID | None:
    """The row's id in a public id, or nothing where it is not one of these."""
    digits = text.removeprefix(prefix)
    if not text.startswith(prefix) or _HEX.fullmatch(digits) is None:
        return None
    return UUID(hex=digits)


def find(rows: QuerySet[M], prefix: str, text: str, *, what: str) -> M:
    """The one of the rows that has this public id; `what` it is, in words. Raises NotFound."""
    id_ = parse(prefix, text)
    found = rows.filter(id=id_).first() if id_ else None
    if found is None:
        raise NotFound(what=what, id=text)
    return found
