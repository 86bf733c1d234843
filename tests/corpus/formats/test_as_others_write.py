"""Files as other programs write them: what they say is read, and what they are not is said."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from corpus.errors import CorpusError, CsvInvalid, FileExtensionMismatch, FileTypeUnsupported, PlaceError
from corpus.formats.options import Options
from corpus.formats.registry import read
from corpus.formats.sniff import Purpose, sniff
from corpus.shapes.reader import MAX_ROW_CHARS
from tests.corpus.jobs import run_job

_ROW = {"prompt": "q", "completion": "a"}
_ZH = "问题,答案\r\n你好,再见\r\n"


def _values(folder: Path, filename: str, data: bytes, **options: Any) -> list[tuple[int, Any]]:
    path = folder / "stored"
    path.write_bytes(data)
    return list(read(path, sniff(path, filename, Purpose.FINE_TUNE), Options(filename, **options)))


def _texts(folder: Path, filename: str, text: str, **options: Any) -> list[tuple[int, str]]:
    return [(line, value["text"]) for line, value in _values(folder, filename, text.encode(), **options)]


@pytest.mark.parametrize(
    "text", ["sep=;\r\na;b\r\n1,5;2\r\n", '"sep=;"\na;b\n1,5;2\n', "\ufeffSEP=;\na;b\n1,5;2\n"]
)
def test_what_excel_says_of_its_delimiter_is_taken(tmp_path: Path, text: str) -> None:
    assert [value for _, value in _values(tmp_path, "a.csv", text.encode())] == [{"a": "1,5", "b": "2"}]


def test_lines_of_an_old_mac_are_named(tmp_path: Path) -> None:
    with pytest.raises(CsvInvalid, match="a carriage return alone, as old programs of the Mac"):
        _values(tmp_path, "a.csv", b"a,b\rc,d\r")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("これは日本語の文章です。\n\n二番目の段落。\n", "shift_jis"),
        ("株式会社の純利益は前年比で増加した。売上高も伸びた。\n", "euc_jp"),
        ("한국어 문장입니다. 안녕하세요.\n\n두번째 문단입니다.\n", "euc_kr"),
        ("這是一段繁體中文的文字，包含許多常見的字。\n", "big5"),
        ("Größe, Übermaß, Äußeres, Öl\n", "cp1252"),
    ],
)
def test_text_in_another_encoding_is_never_read_as_chinese(tmp_path: Path, text: str, encoding: str) -> None:
    told: list[PlaceError] = []
    try:
        rows = _values(tmp_path, "a.txt", text.encode(encoding), on_fault=told.append)
    except CorpusError:
        rows = []

    assert rows == []
    assert {error.code for error in told} == {"encoding_invalid"}


@pytest.mark.parametrize(
    "text",
    [
        _ZH,
        "轴承内圈故障,振动加速度信号频谱异常\r\n",
        "碳纳米管增强铝基复合材料的界面微观结构\n",
        "术语,译文\n摊余成本,amortised cost\n",
        "提示,回复\nHi,Hello\n",
    ],
)
def test_chinese_text_is_told_from_its_bytes(tmp_path: Path, text: str) -> None:
    as_utf8 = _values(tmp_path, "a.csv", text.encode())

    assert _values(tmp_path, "a.csv", text.encode("gb18030")) == as_utf8


@pytest.mark.parametrize(
    ("encoding", "codec", "text"),
    [
        ("big5", "cp950", "淨利潤\n"),
        ("shift_jis", "cp932", "純利益①\n"),
        ("euc_kr", "cp949", "순이익\n"),
        ("windows-1252", "cp1252", "Größe – 5 €\n"),
    ],
)
def test_an_encoding_that_is_told_is_read(tmp_path: Path, encoding: str, codec: str, text: str) -> None:
    file = ("a.txt", text.encode(codec))

    job = run_job(tmp_path, "prepare_dataset", file=file, validation_share=0, encoding=encoding)

    assert [row["text"] for row in job.rows("train.jsonl")] == [text.strip()]


@pytest.mark.parametrize(
    ("filename", "data", "message"),
    [
        ("a.txt", json.dumps(_ROW).encode() + b"\n", "it holds rows of JSON; name it .jsonl"),
        ("a.md", b'{"text": "' + b"x" * 5000, "it holds rows of JSON"),
        ("a.csv", json.dumps([_ROW]).encode(), "it holds JSON"),
        ("a.jsonl", json.dumps(_ROW, indent=1).encode(), "write each row on one, or name it .json"),
        ("a.parquet", b"version https://git-lfs.github.com/spec/v1\noid sha256:1", "a pointer of Git LFS"),
        ("a.jsonl", b"version https://git-lfs.github.com/spec/v1\noid sha256:1", "a pointer of Git LFS"),
        ("a.parquet", b"ARROW1\0\0", "an Arrow file; save it as Parquet"),
    ],
)
def test_what_the_file_is_instead_is_said(tmp_path: Path, filename: str, data: bytes, message: str) -> None:
    with pytest.raises(FileExtensionMismatch, match=message):
        _values(tmp_path, filename, data)


@pytest.mark.parametrize(
    ("filename", "hint"),
    [
        ("a.tar.gz", "pack the files as .zip"),
        ("a.npz", "each array as .npy"),
        ("a.arrow", "save it as Parquet"),
    ],
)
def test_what_to_do_with_another_kind_is_said(tmp_path: Path, filename: str, hint: str) -> None:
    with pytest.raises(FileTypeUnsupported, match=hint):
        _values(tmp_path, filename, gzip.compress(b"x"))


def test_braces_in_a_text_are_no_rows(tmp_path: Path) -> None:
    assert _texts(tmp_path, "a.txt", '{"quoted"} is how it is set.\n') == [
        (1, '{"quoted"} is how it is set.')
    ]


@pytest.mark.parametrize(
    ("filename", "packed"),
    [
        ("a.jsonl.gz", lambda a, b: gzip.compress(a) + gzip.compress(b)),
        ("a.jsonl.zst", lambda a, b: zstandard.compress(a) + zstandard.compress(b)),
        ("a.jsonl.zst", lambda a, b: b"\x50\x2a\x4d\x18\x04\0\0\0abcd" + zstandard.compress(a + b)),
    ],
)
def test_packed_files_joined_together_are_read_to_their_end(
    tmp_path: Path, filename: str, packed: Callable[[bytes, bytes], bytes]
) -> None:
    first, second = (json.dumps(_ROW | {"prompt": word}).encode() + b"\n" for word in ("one", "two"))

    job = run_job(tmp_path, "validate_dataset", file=(filename, packed(first, second)))

    assert job.json("stats.json")["rows"] == 2


def test_front_matter_is_no_paragraph(tmp_path: Path) -> None:
    assert _texts(tmp_path, "a.md", "---\ntitle: X\n---\n\n# Head\n\npara\n") == [(5, "# Head"), (7, "para")]
    assert _texts(tmp_path, "a.md", "---\n\nA rule, and text.\n\n---\n") == [
        (1, "---"),
        (3, "A rule, and text."),
        (5, "---"),
    ]
    assert _texts(tmp_path, "a.txt", "---\ntitle: X\n---\n") == [(1, "---\ntitle: X\n---")]


def test_a_block_of_code_ends_where_its_marks_do(tmp_path: Path) -> None:
    assert _texts(tmp_path, "a.md", "````\n```\n\na\n```\n````\n\nend\n") == [
        (1, "````\n```\n\na\n```\n````"),
        (8, "end"),
    ]


def test_lines_that_are_paragraphs_are_rows(tmp_path: Path) -> None:
    lines = [f"第{n}句话到此为止。" for n in range(60)]

    assert _texts(tmp_path, "a.txt", "\n".join(lines)) == list(enumerate(lines, 1))
    wrapped = "\n".join(f"line {n} goes on and" for n in range(60))
    assert _texts(tmp_path, "a.txt", wrapped) == [(1, wrapped)]


def test_a_paragraph_without_an_end_is_told_and_the_next_one_read(tmp_path: Path) -> None:
    told: list[PlaceError] = []
    line = "x" * 1000 + "\n"

    rows = _texts(tmp_path, "a.txt", "first\n\n" + line * 1100 + "\nlast\n", on_fault=told.append)

    assert [text for _, text in rows] == ["first", "last"]
    assert [(error.code, error.data["line"], error.data["characters"]) for error in told] == [
        ("row_too_long", 3, 1100 * 1001)
    ]
    assert told[0].data["limit"] == MAX_ROW_CHARS
