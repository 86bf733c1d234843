"""Tables of rows."""

from pathlib import Path
from typing import Any

import pytest

from corpus.errors import CorpusError, CsvInvalid, PlaceError, TooManyColumns
from corpus.formats.options import Options
from corpus.formats.sniff import Format
from corpus.formats.table import read_table


def _read(folder: Path, data: bytes, format_: Format = Format.CSV, **options: Any) -> list[tuple[int, Any]]:
    path = folder / "table"
    path.write_bytes(data)
    return list(read_table(path, Options("table", **options), format_))


@pytest.mark.parametrize(
    ("text", "format_"),
    [
        ('prompt,completion\r\na,b\r\n\r\n"c\r\nd","say ""e"""\r\n', Format.CSV),
        ('\ufeffprompt; completion\na;b\n\n"c\nd";"say ""e"""', Format.CSV),
        ('prompt\tcompletion\na\tb\n\t\n"c\nd"\t"say ""e"""\n', Format.TSV),
        ('prompt\tcompletion\na\tb\n\t\n"c\nd"\t"say ""e"""\n', Format.CSV),
        ('prompt|completion\na|b\n|\n"c\nd"|"say ""e"""\n', Format.CSV),
    ],
    ids=["comma", "semicolon", "tab", "tab named csv", "bar"],
)
def test_records_come_with_the_line_they_begin_on(tmp_path: Path, text: str, format_: Format) -> None:
    assert _read(tmp_path, text.encode(), format_) == [
        (2, {"prompt": "a", "completion": "b"}),
        (4, {"prompt": "c\nd", "completion": 'say "e"'}),
    ]


def test_columns_keep_their_names_and_one_without_a_name_is_left_out(tmp_path: Path) -> None:
    assert _read(tmp_path, b"Id,Prompt,\n7,a,b\n") == [(2, {"Id": "7", "Prompt": "a"})]


def test_a_delimiter_that_is_told_parts_the_cells(tmp_path: Path) -> None:
    assert _read(tmp_path, b"a,b^c\n1,2^3\n", delimiter="^") == [(2, {"a,b": "1,2", "c": "3"})]


@pytest.mark.parametrize("encoding", [None, "gb18030"])
def test_gb18030_is_told_from_the_bytes(tmp_path: Path, encoding: str | None) -> None:
    text = "问题,答案\n什么是净利润,收入减去全部成本之后剩余的金额\n"

    assert _read(tmp_path, text.encode("gb18030"), encoding=encoding) == [
        (2, {"问题": "什么是净利润", "答案": "收入减去全部成本之后剩余的金额"})
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_utf16_is_read_with_a_mark_and_where_it_is_told(tmp_path: Path, encoding: str) -> None:
    told = None if encoding == "utf-16" else "utf-16"

    assert _read(tmp_path, "a,b\n1,净\n".encode(encoding), encoding=told) == [(2, {"a": "1", "b": "净"})]


def test_a_ragged_row_is_told_and_the_next_one_read(tmp_path: Path) -> None:
    told: list[PlaceError] = []

    rows = _read(tmp_path, b"a,b\n1,2\n3\n4,5\n6,7,8\n", on_fault=told.append)

    assert rows == [(2, {"a": "1", "b": "2"}), (4, {"a": "4", "b": "5"})]
    assert [(error.data["line"], type(error)) for error in told] == [(3, CsvInvalid), (5, CsvInvalid)]


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("a,b\n1,2,3\n", CsvInvalid, "Line 2: the table is not valid: the row has 3 cells, the header 2"),
        ('a,b\n1,"2\n', CsvInvalid, "Line 2, column 3: .* a quote is opened and never closed"),
        ('a,b\n"1\n2" 3,4\n', CsvInvalid, "Line 3, column 3: the table is not valid: ',' expected after"),
        ("a" + ",a1" * 1024 + "\n", TooManyColumns, "Line 1: the table has 1025 columns; at most 1024"),
    ],
)
def test_a_fault_says_its_place(tmp_path: Path, text: str, error: type[CorpusError], message: str) -> None:
    with pytest.raises(error, match=message):
        _read(tmp_path, text.encode())
