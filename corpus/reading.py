"""An uploaded dataset as rows: unpacked where it is packed, read by its format, each row by its layout."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from corpus.formats.options import Options
from corpus.formats.registry import Values, read
from corpus.formats.sniff import PACKED, Format, Purpose, sniff
from corpus.formats.text import OnBytes
from corpus.records import Row
from corpus.shapes.guess import Guess
from corpus.shapes.layout import Assets, Context
from corpus.shapes.reader import RowReader
from corpus.validation import Problems
from protocol.specs.datasets import PrepareDatasetSpec, SampleDatasetSpec, ValidateDatasetSpec

SCRATCH = ".unpacked"
Spec = PrepareDatasetSpec | ValidateDatasetSpec | SampleDatasetSpec


@dataclass
class Dataset:
    """A file of rows while it is read."""

    path: Path
    spec: Spec
    problems: Problems
    scratch: Path
    on_bytes: OnBytes | None = None
    #: What the rows are; known once the first was read.
    guess: Guess | None = None
    #: What the file is once it is unpacked; known once it is open.
    format: Format | None = None
    _open: ExitStack = field(default_factory=ExitStack)

    def rows(self) -> Iterator[tuple[int, Row]]:
        """(line, row) of those that are well; the others are told to `problems`.

        A fault behind which nothing can be read ends the rows and is told to `problems` too. Raises FileTypeUnsupported,
        FileExtensionMismatch, ShapeUnsure, MappingInvalid, and Stopped by `on_bytes`.
        """
        if isinstance(self.spec, SampleDatasetSpec):
            raise TypeError("a sample does not say what its rows are")
        values, assets = self._opened()
        context = Context(on_fault=self.problems.add, assets=assets)
        reader = RowReader(context, shape=self.spec.shape, mapping=self.spec.mapping)
        try:
            for line, row in reader.rows(values):
                self.guess = reader.guess
                yield line, row
        finally:
            self.guess = reader.guess
            values.close()

    def values(self) -> Values:
        """(line, value) of each row as it stands in the file, whatever it means. Raises what `rows` does but for shapes."""
        return self._opened()[0]

    def _opened(self) -> tuple[Values, Assets | None]:
        """The values of the file, unpacked, and what lies beside them in an archive."""
        filename = self.spec.file.filename
        format_ = sniff(self.path, filename, Purpose.FINE_TUNE)
        path, on_bytes = self.path, self.on_bytes
        if format_ in PACKED:
            from corpus.readers.packed import unpack

            path = unpack(path, filename, format_, self.scratch, self._tick)
            filename, on_bytes = Path(filename).stem, self._ticking
            format_ = sniff(path, filename, Purpose.FINE_TUNE)
        self.format = format_
        options = Options(
            filename,
            sheet=self.spec.sheet,
            encoding=self.spec.encoding,
            delimiter=self.spec.delimiter,
            on_bytes=on_bytes,
            on_fault=self.problems.add,
            scratch=self.scratch,
        )
        if format_ is Format.ZIP:
            from corpus.readers.zipped import open_zip

            zipped = self._open.enter_context(open_zip(path, options))
            return zipped.values(), zipped.assets
        return read(path, format_, options), None

    def close(self) -> None:
        """Close what was opened."""
        self._open.close()

    def _tick(self, done: int) -> None:
        if self.on_bytes is not None:
            self.on_bytes(done)

    def _ticking(self, done: int) -> None:
        """What is done of unpacked bytes says nothing of the upload's; a stop is answered all the same."""
        self._tick(min(done, self.path.stat().st_size))


@contextmanager
def reading(
    path: Path, spec: Spec, problems: Problems, workdir: Path, on_bytes: OnBytes | None = None
) -> Iterator[Dataset]:
    """The dataset, with a scratch folder in the attempt's that is gone at the end."""
    scratch = workdir / SCRATCH
    shutil.rmtree(scratch, ignore_errors=True)
    dataset = Dataset(path, spec, problems, scratch, on_bytes)
    try:
        yield dataset
    finally:
        dataset.close()
        shutil.rmtree(scratch, ignore_errors=True)
