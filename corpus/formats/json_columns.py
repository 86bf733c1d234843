"""One JSON object that is a whole table: as pandas and datasets write theirs, by columns."""

from collections.abc import Iterator, Mapping
from typing import Any


def rows_of(table: Any) -> Iterator[dict[str, Any]] | None:
    """The rows of a table by columns; nothing for any other value.

    Read are {"a": [...], "b": [...]} of equally many values, {"a": {"0": ..., "1": ...}, ...}, and {"columns": [...],
    "data": [[...], ...]}.
    """
    if not isinstance(table, dict) or not table:
        return None
    if isinstance(table.get("columns"), list) and isinstance(table.get("data"), list):
        return _of_split(table["columns"], table["data"])
    columns = list(table.values())
    if all(isinstance(column, list) for column in columns):
        return _of_lists(table)
    if all(isinstance(column, dict) for column in columns):
        return _of_numbered(table)
    return None


def _of_split(names: list[Any], rows: list[Any]) -> Iterator[dict[str, Any]] | None:
    if not rows or not all(isinstance(row, list) and len(row) == len(names) for row in rows):
        return None
    return (dict(zip(map(str, names), row, strict=True)) for row in rows)


def _of_lists(table: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]] | None:
    """A list of objects is the turns of one row, not a column of many."""
    lengths = {len(column) for column in table.values()}
    if len(table) < 2 or len(lengths) != 1 or lengths == {0}:
        return None
    if any(isinstance(value, dict) for column in table.values() for value in column):
        return None
    return (dict(zip(table, values, strict=True)) for values in zip(*table.values(), strict=True))


def _of_numbered(table: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]] | None:
    keys = [list(column) for column in table.values()]
    if not keys[0] or any(numbers != keys[0] for numbers in keys) or not all(k.isdecimal() for k in keys[0]):
        return None
    return ({name: column[number] for name, column in table.items()} for number in keys[0])
