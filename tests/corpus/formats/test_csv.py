"""Tables of rows."""

from pathlib import Path

import pytest

from corpus.errors import ColumnMissing, CsvInvalid
from corpus.formats.csv import read_csv
from corpus.formats.sniff import Format


def _file(folder: Path, text: str) -> Path:
    path = folder / "table"
    path.write_text(text, encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize(
    ("text", "format_"),
    [
        ('prompt,completion\r\na,b\r\n\r\n"c\r\nd","say ""e"""\r\n', Format.CSV),
        ('\ufeffQuestion; Answer\na;b\n\n"c\nd";"say ""e"""', Format.CSV),
        ('instruction\toutput\na\tb\n\t\n"c\nd"\t"say ""e"""\n', Format.TSV),
        ('input\toutput\na\tb\n\t\n"c\nd"\t"say ""e"""\n', Format.CSV),
    ],
    ids=["comma", "semicolon", "tab", "tab named csv"],
)
def test_rows_come_with_the_line_they_begin_on(tmp_path: Path, text: str, format_: Format) -> None:
    rows = list(read_csv(_file(tmp_path, text), format_))

    assert [line for line, _ in rows] == [2, 4]
    assert [[message.content for message in row.messages] for _, row in rows] == [
        ["a", "b"],
        ["c\nd", 'say "e"'],
    ]


def test_other_columns_are_kept(tmp_path: Path) -> None:
    rows = list(read_csv(_file(tmp_path, "id,prompt,completion,\n7,a,b,\n"), Format.CSV))

    assert rows[0][1].extra == {"id": "7"}


def test_a_missing_column_is_named_with_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(
        ColumnMissing, match="Line 1: the header has no column 'completion'; it has prompt, reply"
    ):
        list(read_csv(_file(tmp_path, "prompt,reply\na,b\n"), Format.CSV))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prompt,completion\na,b,c\n", "Line 2: the table is not valid: the row has 3 cells, the header 2"),
        ('prompt,completion\na,"b\n', "Line 2, column 3: .* a quote is opened and never closed"),
        (
            'prompt,completion\n"a\nb" c,d\n',
            "Line 3, column 3: the table is not valid: ',' expected after '\"'",
        ),
        ("prompt,completion,replay\na,b,c\n", "Line 1: .* a table cannot have the column 'replay'"),
        ("prompt,completion\na\rb,c\n", "Line 2: .* new-line character seen in unquoted field"),
    ],
)
def test_a_wrong_table_says_where(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CsvInvalid, match=message):
        list(read_csv(_file(tmp_path, text), Format.CSV))
