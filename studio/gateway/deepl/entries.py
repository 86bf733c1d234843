"""Entries of a dictionary as text: TSV, one "source<TAB>target" a line, or CSV of two or four columns."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

from studio.glossaries.errors import EntriesInvalid

FORMATS = ("tsv", "csv")
#: Bytes of all entries that one request may bring, as at DeepL.
LIMIT_BYTES = 10 * 1024**2


def read(text: str, form: str) -> dict[str, str]:
    """Source -> target. Raises EntriesInvalid, which names the line."""
    if form not in FORMATS:
        raise EntriesInvalid(param="entries_format", reason=f"the format is {' or '.join(FORMATS)}")
    if len(text.encode()) > LIMIT_BYTES:
        raise EntriesInvalid(param="entries", reason=f"they have more than {LIMIT_BYTES} bytes")
    found: dict[str, str] = {}
    for line, source, target in tsv(text) if form == "tsv" else table(text):
        if not source or not target:
            raise EntriesInvalid(param="entries", reason=f"line {line} lacks a source or a target")
        if source in found:
            raise EntriesInvalid(param="entries", reason=f"line {line} has the source {source[:80]!r} again")
        found[source] = target
    if not found:
        raise EntriesInvalid(param="entries", reason="there are none")
    return found


def tsv(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, source, target. Raises EntriesInvalid."""
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) != 2:
            raise EntriesInvalid(
                param="entries", reason=f"line {number} has {len(cells) - 1} tabs instead of one"
            )
        yield number, tidy(cells[0]), tidy(cells[1])


def table(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, source, target; the languages that a third and a fourth column name are those of the dictionary. Raises EntriesInvalid."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) not in (2, 4):
                reason = f"line {reader.line_num} has {len(cells)} columns instead of two or four"
                raise EntriesInvalid(param="entries", reason=reason)
            yield reader.line_num, tidy(cells[0]), tidy(cells[1])
    except csv.Error as error:
        raise EntriesInvalid(param="entries", reason=f"line {reader.line_num}: {error}") from error


def tidy(text: str) -> str:
    """A text as terms are kept: its spaces single, none outside."""
    return " ".join(text.split())


def write(entries: Iterable[tuple[str, str]] | Mapping[str, str]) -> str:
    """The entries as TSV; no term holds a tab or a line feed."""
    pairs = entries.items() if isinstance(entries, Mapping) else entries
    return "\n".join(f"{source}\t{target}" for source, target in pairs)
