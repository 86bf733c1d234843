"""Parquet by row groups: a few hundred rows are in memory at a time."""

import base64
import json
import math
from collections.abc import Generator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpus.errors import ColumnDuplicate, ParquetInvalid, TooManyColumns
from corpus.formats.csv import MAX_COLUMNS
from corpus.formats.options import Options

_BATCH_ROWS = 256
#: A column chunk that unpacks to more than this many times its size is a bomb, once it is larger than `_SMALL_BYTES`.
_MAX_RATIO = 1000
_SMALL_BYTES = 64 * 1024**2


def read_parquet(path: Path, options: Options) -> Generator[tuple[int, Any]]:
    """(row from 1, column -> value) of each row. Raises ParquetInvalid, TooManyColumns, ColumnDuplicate."""
    size, number = path.stat().st_size, 0
    try:
        with pq.ParquetFile(path, memory_map=False, pre_buffer=False) as file:
            _check(file.metadata, options.filename)
            _check_names(file.schema_arrow.names)
            classes = _classes(file.schema_arrow.metadata or {})
            total = max(file.metadata.num_rows, 1)
            for batch in file.iter_batches(_BATCH_ROWS, use_threads=False):
                for row in batch.to_pylist():
                    number += 1
                    yield (
                        number,
                        {name: _named(_plain(value), classes.get(name)) for name, value in row.items()},
                    )
                if options.on_bytes is not None:
                    options.on_bytes(size * number // total)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise ParquetInvalid(filename=options.filename, reason=str(error).split("\n")[0][:200]) from error


def _check(metadata: Any, filename: str) -> None:
    if metadata.num_columns > MAX_COLUMNS:
        raise TooManyColumns(line=1, columns=metadata.num_columns, limit=MAX_COLUMNS)
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(column)
            unpacked, packed = chunk.total_uncompressed_size, max(chunk.total_compressed_size, 1)
            if unpacked > _SMALL_BYTES and unpacked > _MAX_RATIO * packed:
                reason = f"its column {chunk.path_in_schema[:80]!r} unpacks to {unpacked} bytes"
                raise ParquetInvalid(filename=filename, reason=reason)


def _check_names(names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise ColumnDuplicate(line=1, name=name[:80])
        seen.add(name.lower())


def _classes(metadata: dict[bytes, bytes]) -> dict[str, list[str]]:
    """Column -> the names of its classes, as datasets of Hugging Face keep them beside the numbers."""
    try:
        features = json.loads(metadata.get(b"huggingface", b"{}"))["info"]["features"]
        return {
            name: list(map(str, feature["names"]))
            for name, feature in features.items()
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        # Anybody may write anything there; without it the numbers stand for themselves.
        return {}


def _named(value: Any, names: list[str] | None) -> Any:
    if names is None or type(value) is not int or not 0 <= value < len(names):
        return value
    return names[value]


def _plain(value: Any) -> Any:
    """The value as JSON has it; a missing number (NaN) is null, except in a list, where it is a fault of the series."""
    match value:
        case None | str() | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else None
        case list():
            return value if all(type(item) is float for item in value) else [_plain(item) for item in value]
        case tuple():
            return [_plain(item) for item in value]
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case datetime() | date() | time():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case timedelta():
            return value.total_seconds()
        case Decimal():
            return str(value)
        case _:
            return str(value)
