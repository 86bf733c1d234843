"""NPY arrays of numbers: never unpickled, and not larger in memory than a row at a time."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np

from corpus.errors import DocumentInvalid, SeriesInvalid
from corpus.formats.options import Options
from corpus.shapes.sensor import check_in_all

_NUMBERS = "fiu"


def read_npy(path: Path, options: Options) -> Generator[tuple[int, Any]]:
    """(row from 1, {"series"}) of each window: an array is one, or windows, or windows of channels of samples.

    Raises DocumentInvalid.
    """
    array = open_array(path, options.filename)
    windows = array[np.newaxis, np.newaxis] if array.ndim == 1 else array
    if windows.ndim == 2:
        windows = windows[:, np.newaxis]
    if windows.ndim != 3:
        raise DocumentInvalid(
            filename=options.filename, reason=f"its array has {array.ndim} axes; 1 to 3 are read"
        )
    for number, window in enumerate(windows, 1):
        if options.on_bytes is not None:
            options.on_bytes(path.stat().st_size * number // len(windows))
        try:
            check_in_all(window.size, number)
        except SeriesInvalid as error:
            options.on_fault(error)
            continue
        yield number, {"series": window.astype(float).tolist()}


def open_array(path: Path, filename: str) -> Any:
    """The array, read from the disk as it is used. Raises DocumentInvalid."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError, SyntaxError, OverflowError, TypeError, MemoryError) as error:
        reason = str(error).split("\n")[0][:160] or "it is damaged"
        raise DocumentInvalid(filename=filename, reason=reason) from error
    if not isinstance(array, np.ndarray) or array.dtype.kind not in _NUMBERS:
        raise DocumentInvalid(filename=filename, reason="its array does not hold numbers")
    return array
