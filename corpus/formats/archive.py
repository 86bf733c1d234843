"""ZIP archives of strangers: looked over before anything is unpacked, and counted while it is.

Nothing is ever written to a path that an archive names: members are read as streams.
"""

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from corpus.errors import ArchiveInvalid, ArchivePathUnsafe, ArchiveTooLarge, FileEncrypted

MAX_MEMBERS = 10_000
MAX_UNPACKED_BYTES = 1024**3
#: A member that unpacks to more than this many times its size is a bomb, once it is larger than `_SMALL_BYTES`.
MAX_RATIO = 200
_SMALL_BYTES = 16 * 1024**2
_IS_UTF8 = 0x800
#: Letters of two bytes that stand in no name: what is not Latin, Greek, Cyrillic, Hebrew, Arabic or an accent.
_UNUSED = re.compile("[\u0080-\u00bf\u0180-\u02ff\u0370-\u0385\u03d0-\u03ff\u0460-\u05cf\u0660-\u07ff]")


@contextmanager
def open_archive(
    path: Path, filename: str, *, max_unpacked_bytes: int = MAX_UNPACKED_BYTES
) -> Iterator[zipfile.ZipFile]:
    """The archive, once its list of members is sound. Raises ArchiveInvalid, ArchiveTooLarge, ArchivePathUnsafe, FileEncrypted."""
    try:
        archive = _opened(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError) as error:
        raise ArchiveInvalid(filename=filename, reason=str(error)) from error
    with archive:
        _check(archive, filename, max_unpacked_bytes)
        yield archive


def _opened(path: Path) -> zipfile.ZipFile:
    """The archive with its names as they were written: those that are not marked as UTF-8 may be UTF-8 or GB 18030 all the same."""
    archive = zipfile.ZipFile(path)
    names = [member.filename for member in archive.infolist() if not member.flag_bits & _IS_UTF8]
    if all(map(str.isascii, names)):
        return archive
    archive.close()
    return zipfile.ZipFile(
        path, metadata_encoding=_encoding_of(b"".join(name.encode("cp437") for name in names))
    )


def _encoding_of(names: bytes) -> str | None:
    """What the names of a ZIP are written in: UTF-8 by a Mac, GB 18030 by a Chinese Windows, else what ZIP itself says."""
    for encoding in ("utf-8", "gb18030"):
        try:
            text = names.decode(encoding)
        except UnicodeDecodeError:
            continue
        # Two bytes of GB 18030 may be one letter of UTF-8, but seldom one that anybody uses.
        if encoding != "utf-8" or not _UNUSED.search(text):
            return encoding
    return None


@contextmanager
def open_member(archive: zipfile.ZipFile, name: str) -> Iterator[IO[bytes]]:
    """A member as a stream that stops at what its entry claims. Raises ArchiveInvalid, also while it is read."""
    try:
        with archive.open(name) as stream:
            yield stream
    except KeyError as error:
        raise ArchiveInvalid(filename=name[:80], reason="it is not there") from error
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise ArchiveInvalid(filename=name[:80], reason=str(error)) from error
    except Exception as error:
        # zlib.error, lzma.LZMAError: each compressor has its own.
        if type(error).__module__ in ("zlib", "_lzma", "lzma"):
            raise ArchiveInvalid(filename=name[:80], reason=str(error)) from error
        raise


def _check(archive: zipfile.ZipFile, filename: str, max_unpacked_bytes: int) -> None:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise ArchiveTooLarge(
            filename=filename, reason=f"it has {len(members)} members; at most {MAX_MEMBERS} are read"
        )
    names = {member.filename for member in members}
    if len(names) != len(members):
        raise ArchiveInvalid(filename=filename, reason="two members have one name")
    total = 0
    for member in members:
        _check_name(filename, member.filename)
        if member.flag_bits & 0x1:
            raise FileEncrypted(filename=filename)
        total += member.file_size
        is_large = member.file_size > _SMALL_BYTES
        if is_large and member.file_size > MAX_RATIO * max(member.compress_size, 1):
            raise ArchiveTooLarge(
                filename=filename, reason=f"{member.filename[:80]!r} unpacks to {member.file_size} bytes"
            )
    if total > max_unpacked_bytes:
        raise ArchiveTooLarge(
            filename=filename, reason=f"it unpacks to {total} bytes; at most {max_unpacked_bytes} are read"
        )


def _check_name(filename: str, name: str) -> None:
    """Refuse a name that leads out of the archive, though nothing would be written there."""
    path = PurePosixPath(name.replace("\\", "/"))
    if (
        path.is_absolute()
        or ".." in path.parts
        or ":" in (path.parts[0] if path.parts else "")
        or "\0" in name
    ):
        raise ArchivePathUnsafe(filename=filename, member=name[:80])
