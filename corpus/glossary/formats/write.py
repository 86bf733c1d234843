"""A glossary into a file of any format that is written."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from corpus.glossary.formats.json_write import to_json
from corpus.glossary.formats.skos_write import to_skos
from corpus.glossary.formats.table_write import to_csv, to_xlsx
from corpus.glossary.formats.tbx_write import to_tbx
from corpus.glossary.terms import Concept

#: What gives the concepts, as often as asked: some formats must know all columns before the first row.
Concepts = Callable[[], Iterable[Concept]]


@dataclass(frozen=True)
class Export:
    """A format that is written."""

    suffix: str
    media_type: str
    write: Callable[[Concepts], Iterator[bytes]]


def _encoded(write: Callable[[Concepts], Iterator[str]]) -> Callable[[Concepts], Iterator[bytes]]:
    def encode(concepts: Concepts) -> Iterator[bytes]:
        return (text.encode() for text in write(concepts))

    return encode


#: Name in an address -> the format.
EXPORTS: dict[str, Export] = {
    "tbx": Export(".tbx", "application/x-tbx", _encoded(lambda concepts: to_tbx(concepts()))),
    "tbx-dct": Export(
        ".tbx", "application/x-tbx", _encoded(lambda concepts: to_tbx(concepts(), style="dct"))
    ),
    "csv": Export(".csv", "text/csv; charset=utf-8", _encoded(to_csv)),
    "xlsx": Export(".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", to_xlsx),
    "json": Export(".json", "application/json", _encoded(lambda concepts: to_json(concepts()))),
    "skos": Export(".ttl", "text/turtle; charset=utf-8", _encoded(to_skos)),
}
