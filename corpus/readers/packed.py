"""Files packed by gzip or zstd: unpacked aside as a stream, never further than a bomb would want."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from corpus.errors import ArchiveInvalid, ArchiveTooLarge
from corpus.formats.sniff import Format

#: What a packed file may unpack to at most, and how many times its own size once it is larger than `SMALL_BYTES`.
MAX_UNPACKED_BYTES = 16 * 1024**3
MAX_RATIO = 200
SMALL_BYTES = 64 * 1024**2
#: zstd holds as much text as its window in memory; 128 MiB is the most that its usual levels ask for.
_ZSTD_WINDOW = 128 * 1024**2
#: Four bytes may stand for 128 KiB, so a piece of this size becomes 32 MiB at most.
_ZSTD_FEED = 1024
_CHUNK = 1024**2


def unpack(path: Path, filename: str, format_: Format, folder: Path, on_bytes: Callable[[int], None]) -> Path:
    """The unpacked file, in `folder`. Raises ArchiveInvalid, ArchiveTooLarge."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / "unpacked"
    limit = min(MAX_UNPACKED_BYTES, max(SMALL_BYTES, MAX_RATIO * path.stat().st_size))
    size = 0
    with path.open("rb") as packed, place.open("wb") as out:
        for chunk in _chunks(packed, filename, format_):
            size += len(chunk)
            if size > limit:
                raise ArchiveTooLarge(filename=filename, reason=f"it unpacks to more than {limit} bytes")
            out.write(chunk)
            on_bytes(packed.tell())
    return place


def _chunks(packed: IO[bytes], filename: str, format_: Format) -> Iterator[bytes]:
    """What the file unpacks to, in pieces of bounded size. Raises ArchiveInvalid."""
    import zstandard

    try:
        yield from _gzip(packed) if format_ is Format.GZIP else _zstd(packed)
    except (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError) as error:
        raise ArchiveInvalid(filename=filename, reason=str(error)[:200]) from error


def _gzip(packed: IO[bytes]) -> Iterator[bytes]:
    stream = gzip.GzipFile(fileobj=packed)
    while chunk := stream.read(_CHUNK):
        yield chunk


def _zstd(packed: IO[bytes]) -> Iterator[bytes]:
    """Frame by frame: the library's own stream takes a file cut short for a whole one."""
    import zstandard

    decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    frame = decompressor.decompressobj()
    is_open = False
    while data := packed.read(_ZSTD_FEED):
        while data:
            is_open = True
            yield frame.decompress(data)
            if not frame.eof:
                break
            data, is_open = frame.unused_data, False
            frame = decompressor.decompressobj()
    if is_open:
        raise EOFError("the file ends before its end mark")
