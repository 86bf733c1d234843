"""Lines and encodings."""

from pathlib import Path

import pytest

from corpus.errors import EncodingInvalid, FileEmpty, LineTooLong, NulInText
from corpus.formats.text import MAX_LINE_BYTES, check_text, read_lines


def _file(folder: Path, data: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "data",
    [
        "a\u00e9\r\nb\u2028c\u0085d\n".encode(),
        "\ufeffa\u00e9\nb\u2028c\u0085d".encode(),
        "\ufeffa\u00e9\nb\u2028c\u0085d\n".encode("utf-16-le"),
        "\ufeffa\u00e9\r\nb\u2028c\u0085d".encode("utf-16-be"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16-le", "utf-16-be"],
)
def test_a_line_ends_at_a_line_feed_and_nowhere_else(tmp_path: Path, data: bytes) -> None:
    lines = [(line.number, line.text) for line in read_lines(_file(tmp_path, data))]

    assert lines == [(1, "a\u00e9"), (2, "b\u2028c\u0085d")]


def test_utf_16_is_read_across_chunks(tmp_path: Path) -> None:
    text = "\ufeff" + "".join("\U0001f600x" * (n % 9) + f"{n}\n" for n in range(30_000))

    lines = list(read_lines(_file(tmp_path, text.encode("utf-16-le"))))

    assert [line.text for line in lines] == text[1:].split("\n")[:-1]
    assert [line.number for line in lines] == list(range(1, 30_001))


def test_a_bad_utf_16_character_is_placed(tmp_path: Path) -> None:
    data = ("\ufeff" + "abc\n" * 20_000 + "de").encode("utf-16-le") + b"\x00\xdc" + "f\n".encode("utf-16-le")

    with pytest.raises(EncodingInvalid) as caught:
        list(read_lines(_file(tmp_path, data)))

    assert caught.value.data["line"] == 20_001
    assert caught.value.data["column"] == 3


def test_a_long_utf_16_line_is_refused(tmp_path: Path) -> None:
    data = ("\ufeffa\n" + "b" * (MAX_LINE_BYTES // 2 + 1)).encode("utf-16-le")

    with pytest.raises(LineTooLong, match="Line 2: the line or record is longer than 8388608 bytes"):
        list(read_lines(_file(tmp_path, data)))


def test_bytes_read_are_told(tmp_path: Path) -> None:
    told: list[int] = []

    list(read_lines(_file(tmp_path, b"ab\ncd\n"), told.append))

    assert told == [3, 6]


def test_a_file_of_blank_lines_is_empty(tmp_path: Path) -> None:
    with pytest.raises(FileEmpty, match="The file is empty: it holds no text"):
        list(read_lines(_file(tmp_path, b"\n\n")))


@pytest.mark.parametrize("before", [0, 65_530, 65_535, 65_536, 200_000])
def test_a_fault_is_placed_at_any_chunk_edge(tmp_path: Path, before: int) -> None:
    text = ("\u00e9" * 7 + "\n") * (before // 15)
    path = _file(tmp_path, text.encode() + b"ab\xff")

    with pytest.raises(EncodingInvalid) as caught:
        check_text(path, "utf-8")

    assert (caught.value.data["line"], caught.value.data["column"]) == (before // 15 + 1, 3)
    assert "byte 0xff: invalid start byte" in caught.value.message


def test_nul_is_placed_in_a_text_of_any_line_length(tmp_path: Path) -> None:
    with pytest.raises(NulInText, match="Line 2, column 3: the text holds a NUL character"):
        check_text(_file(tmp_path, b"ab\ncd\0"), "utf-8")
