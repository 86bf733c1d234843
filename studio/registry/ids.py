"""Public ids: a prefix that says what it is, and the 32 hex digits of a row's UUID."""

import re
from uuid import UUID

DIGITS = re.compile(r"[0-9a-f]{32}")


def public(prefix: str, id_: UUID) -> str:
    """What clients call the row."""
    return prefix + id_.hex


def parse(prefix: str, text: str) -> UUID | None:
    """The row's id in a public id; nothing for any other text."""
    digits = text.removeprefix(prefix)
    if not text.startswith(prefix) or DIGITS.fullmatch(digits) is None:
        return None
    return UUID(hex=digits)
