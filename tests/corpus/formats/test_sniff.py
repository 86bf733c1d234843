"""Format by name, held against the first bytes."""

from pathlib import Path

import pytest

from corpus.errors import FileExtensionMismatch, FileTypeUnsupported
from corpus.formats.sniff import Format, Purpose, sniff


@pytest.mark.parametrize(
    ("filename", "data", "purpose", "format_"),
    [
        ("a.jsonl", b'{"a": 1}', Purpose.FINE_TUNE, Format.JSONL),
        ("A.NDJSON", b'\xef\xbb\xbf {"a": 1}', Purpose.FINE_TUNE, Format.JSONL),
        ("a.b.csv", b"<3,b", Purpose.FINE_TUNE, Format.CSV),
        ("a.tsv", b"a\tb", Purpose.GLOSSARY, Format.TSV),
        ("a.tbx", "\ufeff<tbx/>".encode("utf-16-le"), Purpose.GLOSSARY, Format.TBX),
        ("a.xml", b"\n<!-- a --><martif/>", Purpose.GLOSSARY, Format.XML),
        ("a.jsonl", b" \n", Purpose.FINE_TUNE, Format.JSONL),
    ],
)
def test_a_format_is_known_by_its_extension(
    tmp_path: Path, filename: str, data: bytes, purpose: Purpose, format_: Format
) -> None:
    path = tmp_path / "stored"
    path.write_bytes(data)

    assert sniff(path, filename, purpose) is format_


def test_a_contradiction_says_what_the_file_holds(tmp_path: Path) -> None:
    path = tmp_path / "stored"
    path.write_bytes(b' [{"a": 1}]')

    with pytest.raises(FileExtensionMismatch) as caught:
        sniff(path, "a.jsonl", Purpose.FINE_TUNE)

    assert caught.value.message == (
        "'a.jsonl' does not hold what its name says: it holds one JSON array; write its items one a line, or name it .json. "
        "A .jsonl file has one JSON object a line."
    )


def _stored(folder: Path) -> Path:
    path = folder / "stored"
    path.write_bytes(b"\x1f\x8b or anything")
    return path


@pytest.mark.parametrize(
    ("filename", "hint"),
    [
        ("a.xls", "save the workbook as .xlsx"),
        ("a.pkl", "a pickle runs code"),
        ("a.mp3", ".jsonl, .ndjson, .json, .csv, .tsv"),
        ("a.gz", "says what is in it"),
        ("a.jsonl.gz.zst", "says what is in it"),
        ("a.zip.gz", "says what is in it"),
    ],
)
def test_another_extension_meets_a_hint(tmp_path: Path, filename: str, hint: str) -> None:
    with pytest.raises(FileTypeUnsupported, match=hint):
        sniff(_stored(tmp_path), filename, Purpose.FINE_TUNE)
