"""Public ids: a prefix that says what it is, and the 32 hex digits of the row's UUID."""

import re
from uuid import UUID

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
