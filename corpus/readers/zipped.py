"""A ZIP of rows: its tables, else its documents, else its arrays, one behind the other; pictures and series stand beside.

Members are looked over and opened by corpus.formats.archive. Those that hold rows are unpacked one at a time into the job's
own folder, under a name of ours.
"""

import posixpath
import shutil
import zipfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any
from unicodedata import normalize

from corpus.errors import ArchiveInvalid, CorpusError, ImageInvalid, PlaceError, SeriesInvalid
from corpus.formats.archive import open_archive, open_member
from corpus.formats.images import from_stream
from corpus.formats.options import Options
from corpus.formats.place import Place
from corpus.formats.registry import read
from corpus.formats.sniff import EXTENSIONS, PACKED, Format, Purpose, sniff
from corpus.image import Image
from corpus.shapes.layout import Assets
from corpus.shapes.sensor import check_in_all

MAX_UNPACKED_BYTES = 16 * 1024**3
_MAX_SERIES_BYTES = 64 * 1024**2
_KEYED = frozenset({Format.JSONL, Format.JSON, Format.XLSX, Format.PARQUET, Format.TMX})
_DELIMITED = frozenset({Format.CSV, Format.TSV})
#: What datasets of Hugging Face say of themselves beside their rows.
_ABOUT = frozenset({"dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json"})
_DOCUMENTS = frozenset({Format.TEXT, Format.MARKDOWN, Format.DOCX, Format.PDF})


@dataclass(frozen=True)
class Zipped:
    """An open archive of rows."""

    archive: zipfile.ZipFile
    options: Options
    #: Members that hold rows, in the order of their names.
    members: tuple[str, ...]

    @property
    def assets(self) -> Assets:
        """The other members."""
        return Assets(image=self._image, series=self._series)

    def values(self) -> Generator[tuple[int, Any]]:
        """(line, value) of each member's rows. Raises what their formats raise; the error names the member."""
        for member in self.members:
            path = self._unpacked(member)

            def told(error: PlaceError, member: str = member) -> None:
                error.data["file"] = member
                self.options.on_fault(error)

            options = replace(self.options, filename=member, on_fault=told)
            try:
                for line, value in read(path, sniff(path, member, Purpose.FINE_TUNE), options):
                    yield Place(line, file=member), value
            except CorpusError as error:
                error.data.setdefault("file", member)
                raise
            finally:
                path.unlink(missing_ok=True)

    def _unpacked(self, member: str) -> Path:
        self.options.scratch.mkdir(parents=True, exist_ok=True)
        place = self.options.scratch / "member"
        with open_member(self.archive, member) as stream, place.open("wb") as out:
            shutil.copyfileobj(stream, out, 1024**2)
        return place

    def _image(self, name: str, line: int, field: str, message: int) -> Image:
        member = self._beside(name)
        if member is None:
            raise ImageInvalid(
                line=line, field=field, reason=f"names {name[:80]!r}, which is not in the archive"
            )
        with open_member(self.archive, member) as stream:
            return from_stream(stream, member, line, field, message)

    def _series(self, name: str, line: int, field: str) -> list[list[float]]:
        member = self._beside(name)
        if member is None:
            raise SeriesInvalid(
                line=line, field=field, reason=f"names {name[:80]!r}, which is not in the archive"
            )
        if self.archive.getinfo(member).file_size > _MAX_SERIES_BYTES:
            reason = f"names {name[:80]!r}, which has more than {_MAX_SERIES_BYTES} bytes"
            raise SeriesInvalid(line=line, field=field, reason=reason)
        path = self._unpacked_asset(member)
        try:
            return _array(path, member) if member.lower().endswith(".npy") else _columns(path)
        except (CorpusError, ValueError) as error:
            reason = f"names {name[:80]!r}, which cannot be read: {str(error)[:120]}"
            raise SeriesInvalid(line=line, field=field, reason=reason) from error
        finally:
            path.unlink(missing_ok=True)

    def _unpacked_asset(self, member: str) -> Path:
        place = self.options.scratch / "asset"
        with open_member(self.archive, member) as stream, place.open("wb") as out:
            shutil.copyfileobj(stream, out, 1024**2)
        return place

    def _beside(self, name: str) -> str | None:
        """The member of that name, from the root of the archive or beside the rows."""
        known = self._names
        folders = dict.fromkeys(posixpath.dirname(member) for member in self.members)
        name = name.replace("\\", "/")
        for candidate in (name, *(posixpath.join(folder, name) for folder in folders)):
            path = normalize("NFC", posixpath.normpath(candidate))
            if path in known:
                return known[path]
        return None

    @cached_property
    def _names(self) -> dict[str, str]:
        """Each name in composed characters -> as it stands: a Mac writes accents apart, and the rows do not."""
        return {normalize("NFC", name): name for name in self.archive.NameToInfo}


@contextmanager
def open_zip(path: Path, options: Options) -> Iterator[Zipped]:
    """The archive. Raises ArchiveInvalid, ArchiveTooLarge, ArchivePathUnsafe, FileEncrypted."""
    with open_archive(path, options.filename, max_unpacked_bytes=MAX_UNPACKED_BYTES) as archive:
        yield Zipped(archive, options, _members(archive, options.filename))


def _members(archive: zipfile.ZipFile, filename: str) -> tuple[str, ...]:
    """Those with rows. Raises ArchiveInvalid for an archive in the archive, and where there are none."""
    by_format: dict[Format, list[str]] = {}
    for name in sorted(archive.namelist()):
        parts = PurePosixPath(name).parts
        if name.endswith("/") or parts[0] == "__MACOSX" or parts[-1].startswith((".", "~$")):
            continue
        if parts[-1].lower() in _ABOUT:
            continue
        format_ = EXTENSIONS[Purpose.FINE_TUNE].get(PurePosixPath(name).suffix.lower())
        if format_ is Format.ZIP or format_ in PACKED:
            raise ArchiveInvalid(filename=filename, reason=f"{name[:80]!r} is an archive in the archive")
        if format_ is not None:
            by_format.setdefault(format_, []).append(name)
    keyed = _of(by_format, _KEYED)
    delimited = _of(by_format, _DELIMITED)
    if keyed:
        # Delimited files in folders of their own are series that the rows name.
        folders = {"", *map(posixpath.dirname, keyed)}
        return tuple(sorted([*keyed, *(name for name in delimited if posixpath.dirname(name) in folders)]))
    members = delimited or _of(by_format, _DOCUMENTS) or by_format.get(Format.NPY, [])
    if not members:
        raise ArchiveInvalid(filename=filename, reason="nothing in it holds rows")
    return tuple(members)


def _of(by_format: dict[Format, list[str]], wanted: frozenset[Format]) -> list[str]:
    return sorted(name for format_ in wanted for name in by_format.get(format_, ()))


def _array(path: Path, member: str) -> list[list[float]]:
    from corpus.readers.npy import open_array

    array = open_array(path, member)
    if array.ndim not in (1, 2):
        raise ValueError(f"its array has {array.ndim} axes, not 1 or 2")
    check_in_all(array.size, 1)
    series: list[list[float]] = array.astype(float).reshape(-1, array.shape[-1]).tolist()
    return series


def _columns(path: Path) -> list[list[float]]:
    """The columns of a file of numbers; a first line of names, in which nothing is a number, is passed over."""
    columns: list[list[float]] = []
    for number, line in enumerate(path.read_text("utf-8-sig").splitlines()):
        if not line.strip():
            continue
        delimiter = next((mark for mark in ("\t", ";") if mark in line), ",")
        cells = line.rstrip(delimiter).split(delimiter)
        if number == 0 and not any(map(_is_number, cells)):
            continue
        wrong = next((place for place, cell in enumerate(cells, 1) if not _is_number(cell)), None)
        if wrong is not None:
            shown = cells[wrong - 1].strip()[:40]
            raise ValueError(f"line {number + 1}, column {wrong} holds {shown!r}, which is no number")
        numbers = [float(cell) for cell in cells]
        columns = columns or [[] for _ in numbers]
        if len(numbers) != len(columns):
            raise ValueError(f"line {number + 1} has {len(numbers)} numbers, not {len(columns)}")
        for column, value in zip(columns, numbers, strict=True):
            column.append(value)
    return columns


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
