"""The sheets of an Excel workbook as rows of text, streamed: values of formulas as they were saved, merged cells filled.

The workbook is read as what it is, a ZIP of XML; nothing of it is unpacked to the disk, no link is followed and no
formula is computed.
"""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from corpus.errors import WorkbookInvalid
from corpus.formats.archive import open_archive, open_member
from corpus.formats.text import OnBytes
from corpus.glossary.formats.columns import MAX_COLUMNS
from corpus.glossary.formats.xlsx_dates import StylesReader, date_of
from corpus.glossary.formats.xlsx_parts import (
    Findings,
    LinkReader,
    Merge,
    MergeReader,
    SharedReader,
    SheetReader,
    WorkbookReader,
    fed,
    number_of,
)

MAX_UNPACKED_BYTES = 256 * 1024**2
#: Cells that merged ranges may fill: a handful of bytes can name a range of billions.
MAX_FILLED = 20_000_000


@dataclass
class Workbook:
    """An open workbook."""

    archive: zipfile.ZipFile
    filename: str
    #: Name of a sheet -> its member.
    sheets: dict[str, str]
    shared: list[str]
    found: Findings
    on_bytes: OnBytes | None = None
    #: Name of a sheet whose rows are being read -> how many of them have something in them.
    filled_rows: dict[str, int] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    #: Styles that show a number as a date, and whether days are counted from 1904.
    dates: frozenset[int] = frozenset()
    is_1904: bool = False

    @property
    def first(self) -> str:
        """The first sheet that is shown."""
        return next((name for name in self.sheets if name not in self.hidden), self.names[0])

    @property
    def names(self) -> tuple[str, ...]:
        """The sheets in their order."""
        return tuple(self.sheets)

    def rows(self, name: str) -> Iterator[tuple[int, list[str]]]:
        """The number and the cells of each row of a sheet that has a text in it."""
        member = self.sheets[name]
        merges = _Merges(self._merges(name, member), self.filename)
        with open_member(self.archive, member) as stream:
            reader = SheetReader(self.shared, self.found, self._written)
            for _ in fed(stream, reader, self.filename):
                if self.on_bytes is not None:
                    self.on_bytes(0)
                for number, cells in reader.taken():
                    merges.fill(number - 1, cells)
                    if any(cells):
                        yield number, cells

    def _written(self, value: str, style: int) -> str:
        shown = date_of(value, is_1904=self.is_1904) if style in self.dates else None
        return shown or number_of(value)

    def _merges(self, name: str, member: str) -> list[Merge]:
        """The merged ranges, which a sheet names behind its rows."""
        with open_member(self.archive, member) as stream:
            reader = MergeReader()
            for _ in fed(stream, reader, self.filename):
                pass
        self.filled_rows[name] = reader.filled_rows
        return reader.merges


@contextmanager
def open_sheets(path: Path, found: Findings, on_bytes: OnBytes | None = None) -> Iterator[Workbook]:
    """The workbook. Raises WorkbookInvalid, ArchiveInvalid, ArchiveTooLarge, FileEncrypted, TooManyColumns, NestingTooDeep."""
    filename = "the workbook"
    with open_archive(path, filename, max_unpacked_bytes=MAX_UNPACKED_BYTES) as archive:
        names = set(archive.namelist())
        root = _target(archive, names, "_rels/.rels", "officeDocument", filename)
        if root is None:
            raise WorkbookInvalid(filename=filename, reason="it names no sheets")
        links = _links(archive, names, _rels_of(root), filename)
        with open_member(archive, root) as stream:
            sheets = WorkbookReader()
            for _ in fed(stream, sheets, filename):
                pass
        by_name = {
            name: str(_joined(root, links[rid][1]))
            for name, rid in sheets.sheets
            if rid in links and links[rid][0] == "worksheet"
        }
        by_name = {name: member for name, member in by_name.items() if member in names}
        if not by_name:
            raise WorkbookInvalid(filename=filename, reason="it has no sheet")
        shared: list[str] = []
        texts = next(
            (_joined(root, target) for kind, target in links.values() if kind == "sharedStrings"), None
        )
        if texts is not None and str(texts) in names:
            with open_member(archive, str(texts)) as stream:
                reader = SharedReader(filename)
                for _ in fed(stream, reader, filename):
                    pass
            shared = reader.texts
        styles = next((_joined(root, target) for kind, target in links.values() if kind == "styles"), None)
        dates: set[int] = set()
        if styles is not None and str(styles) in names:
            with open_member(archive, str(styles)) as stream:
                styled = StylesReader()
                for _ in fed(stream, styled, filename):
                    pass
            dates = styled.dates
        yield Workbook(
            archive,
            filename,
            by_name,
            shared,
            found,
            on_bytes,
            hidden=frozenset(sheets.hidden),
            dates=frozenset(dates),
            is_1904=sheets.is_1904,
        )


def _joined(base: str, target: str) -> PurePosixPath:
    """Where a link leads from the part that has it, within the archive."""
    if target.startswith("/"):
        return PurePosixPath(target.lstrip("/"))
    parts: list[str] = list(PurePosixPath(base).parent.parts)
    for part in PurePosixPath(target).parts:
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return PurePosixPath(*parts)


def _rels_of(member: str) -> str:
    path = PurePosixPath(member)
    return str(path.parent / "_rels" / f"{path.name}.rels")


def _links(
    archive: zipfile.ZipFile, names: set[str], member: str, filename: str
) -> dict[str, tuple[str, str]]:
    """Id of a link -> its kind and where it leads; links out of the workbook are none."""
    if member not in names:
        return {}
    with open_member(archive, member) as stream:
        reader = LinkReader()
        for _ in fed(stream, reader, filename):
            pass
    return reader.links


def _target(archive: zipfile.ZipFile, names: set[str], member: str, kind: str, filename: str) -> str | None:
    links = _links(archive, names, member, filename)
    found = next((target for what, target in links.values() if what == kind), None)
    return str(_joined("", found)) if found and str(_joined("", found)) in names else None


class _Merges:
    """Fills the cells of merged ranges row by row."""

    def __init__(self, merges: list[Merge], filename: str) -> None:
        self._filename = filename
        self._filled = 0
        self._waiting = sorted(merges, key=lambda merge: merge.top, reverse=True)
        self._open: list[tuple[Merge, str]] = []

    def fill(self, row: int, cells: list[str]) -> None:
        """Give each cell of a merged range what its first cell says."""
        self._open = [(merge, text) for merge, text in self._open if merge.bottom >= row]
        while self._waiting and self._waiting[-1].top <= row:
            merge = self._waiting.pop()
            text = cells[merge.left] if merge.left < len(cells) and merge.top == row else ""
            self._open.append((merge, text))
        for merge, text in self._open:
            if text:
                self._filled += min(merge.right, MAX_COLUMNS - 1) + 1 - merge.left
                if self._filled > MAX_FILLED:
                    reason = f"its merged ranges fill more than {MAX_FILLED} cells"
                    raise WorkbookInvalid(filename=self._filename, reason=reason)
                cells.extend([""] * (min(merge.right, MAX_COLUMNS - 1) + 1 - len(cells)))
                cells[merge.left : merge.right + 1] = [text] * (
                    min(merge.right, MAX_COLUMNS - 1) + 1 - merge.left
                )
