"""Datasets made to do harm, each with the documented code it must meet. They are made on the fly: none is small."""

import gzip
import io
import json
import pickle
import struct
import zipfile
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdf
import zstandard

from protocol.errors import ErrorCode
from tests.data.dataset_files import docx, npy, parquet, pdf, xlsx, zipped

_C = ErrorCode
_MIB = 1024**2
_GOOD = b'{"prompt": "a", "completion": "b"}\n'


@dataclass(frozen=True)
class HostileFile:
    """An attack: the name of the upload, who writes it to a path, and the code it meets."""

    name: str
    filename: str
    write: Callable[[Path], object]
    code: _C


def _bytes(make: Callable[[], bytes]) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(make())


def _zeros(size_mib: int) -> Callable[[Path], object]:
    """A gzip file that unpacks to spaces: a thousandth of their number."""

    def write(path: Path) -> None:
        with gzip.open(path, "wb", 6) as out:
            for _ in range(size_mib):
                out.write(b" " * _MIB)

    return write


def _zstd_bomb() -> bytes:
    """A frame whose every four bytes stand for 128 KiB: it says that it holds 64 GiB."""
    block = struct.pack("<I", (128 * 1024) << 3 | 1 << 1)[:3] + b" "
    last = struct.pack("<I", (128 * 1024) << 3 | 1 << 1 | 1)[:3] + b" "
    # A frame without a content size, with a window of 128 KiB.
    return b"\x28\xb5\x2f\xfd\x00\x38" + block * (512 * 1024) + last


def _zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.jsonl", "w") as out:
        for _ in range(300):
            out.write(b" " * _MIB)


def _wide(path: Path) -> None:
    names = ",".join(f"c{n}" for n in range(1_000_000))
    path.write_text(f"{names}\n" + ",".join("1" * 1_000_000) + "\n")


def _long_line(path: Path) -> None:
    with path.open("wb") as out:
        out.write(_GOOD + b'{"prompt": "')
        for _ in range(100):
            out.write(b"a" * _MIB)
        out.write(b'", "completion": "b"}\n' + _GOOD)


def _encrypted_pdf() -> bytes:
    writer = pypdf.PdfWriter(io.BytesIO(pdf("secret")))
    writer.encrypt("password", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _pickled() -> bytes:
    class Harm:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, ("/tmp/unpickled",)  # type: ignore[return-value]

    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(out, {"descr": "|O", "fortran_order": False, "shape": (1,)})
    return out.getvalue() + pickle.dumps([1])


def _npy_header(header: bytes, length: int) -> bytes:
    return b"\x93NUMPY\x02\x00" + struct.pack("<I", length) + header


def _picture(width: int, height: int) -> bytes:
    png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\x02\0\0\0"
    url = "data:image/png;base64," + b64encode(png).decode()
    content = [{"type": "image_url", "image_url": {"url": url}}]
    turns = [{"role": "user", "content": content}, {"role": "assistant", "content": "b"}]
    return json.dumps({"messages": turns}).encode() + b"\n"


def _workbook(replaced: str, old: bytes, new: bytes) -> bytes:
    """The sample's workbook with one of its parts changed."""
    members = {}
    with zipfile.ZipFile(io.BytesIO(xlsx())) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            members[name] = data.replace(old, new) if name == replaced else data
    return zipped(members)


_SHEET = "xl/worksheets/sheet1.xml"
_ENTITY = '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
_LAUGHS = (
    '<!DOCTYPE w [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    + "]>"
)
_LOOP = "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2000000 >>"

HOSTILE_FILES: tuple[HostileFile, ...] = (
    # Archives
    HostileFile("zip_bomb", "a.zip", _zip_bomb, _C.ARCHIVE_TOO_LARGE),
    HostileFile(
        "zip_in_zip",
        "a.zip",
        _bytes(lambda: zipped({"a.jsonl": _GOOD, "b.zip": zipped({"c": b"d"})})),
        _C.ARCHIVE_INVALID,
    ),
    HostileFile(
        "zip_slip", "a.zip", _bytes(lambda: zipped({"../../a.jsonl": _GOOD})), _C.ARCHIVE_PATH_UNSAFE
    ),
    HostileFile(
        "zip_slip_windows", "a.zip", _bytes(lambda: zipped({"..\\a.jsonl": _GOOD})), _C.ARCHIVE_PATH_UNSAFE
    ),
    HostileFile("zip_root", "a.zip", _bytes(lambda: zipped({"/etc/a.jsonl": _GOOD})), _C.ARCHIVE_PATH_UNSAFE),
    HostileFile("zip_of_nothing", "a.zip", _bytes(lambda: zipped({"a.bin": b"a"})), _C.ARCHIVE_INVALID),
    HostileFile(
        "zip_cut", "a.zip", _bytes(lambda: zipped({"a.jsonl": _GOOD * 99})[:-30]), _C.ARCHIVE_INVALID
    ),
    HostileFile("gz_bomb", "a.jsonl.gz", _zeros(300), _C.ARCHIVE_TOO_LARGE),
    HostileFile("gz_cut", "a.jsonl.gz", _bytes(lambda: gzip.compress(_GOOD * 99)[:-9]), _C.ARCHIVE_INVALID),
    HostileFile("gz_garbage", "a.csv.gz", _bytes(lambda: b"\x1f\x8b\x08\0" + b"x" * 99), _C.ARCHIVE_INVALID),
    HostileFile("zst_bomb", "a.jsonl.zst", _bytes(_zstd_bomb), _C.ARCHIVE_TOO_LARGE),
    HostileFile(
        "zst_cut", "a.jsonl.zst", _bytes(lambda: zstandard.compress(_GOOD * 99)[:-3]), _C.ARCHIVE_INVALID
    ),
    # Text
    HostileFile("million_columns", "a.csv", _wide, _C.TOO_MANY_COLUMNS),
    HostileFile("line_of_100_mb", "a.jsonl", _long_line, _C.LINE_TOO_LONG),
    HostileFile(
        "json_item_of_20_mb",
        "a.json",
        _bytes(lambda: b'[{"text": "' + b"a" * 20 * _MIB + b'"}]'),
        _C.LINE_TOO_LONG,
    ),
    HostileFile(
        "deep_json", "a.jsonl", _bytes(lambda: _GOOD + b'{"x": ' + b"[" * 4 * _MIB), _C.NESTING_TOO_DEEP
    ),
    HostileFile("deep_json_value", "a.json", _bytes(lambda: b"[" + b'{"a":' * 2 * _MIB), _C.LINE_TOO_LONG),
    HostileFile(
        "lone_surrogate",
        "a.jsonl",
        _bytes(lambda: _GOOD + b'{"prompt": "\\ud800", "completion": "b"}\n'),
        _C.ENCODING_INVALID,
    ),
    HostileFile("nul", "a.csv", _bytes(lambda: b"prompt,completion\na,b\0\n"), _C.NUL_IN_TEXT),
    HostileFile(
        "bom_in_the_middle", "a.jsonl", _bytes(lambda: _GOOD + b"\xef\xbb\xbf" + _GOOD), _C.BOM_IN_TEXT
    ),
    # Workbooks, documents, arrays, pictures
    HostileFile(
        "workbook_xxe",
        "a.xlsx",
        _bytes(lambda: _workbook(_SHEET, b"<worksheet", _ENTITY.encode() + b"<worksheet")),
        _C.WORKBOOK_INVALID,
    ),
    HostileFile(
        "workbook_laughs",
        "a.xlsx",
        _bytes(lambda: _workbook(_SHEET, b"<worksheet", _LAUGHS.encode() + b"<worksheet")),
        _C.WORKBOOK_INVALID,
    ),
    HostileFile(
        "workbook_far_column",
        "a.xlsx",
        _bytes(lambda: _workbook(_SHEET, b'r="B2"', b'r="ZZZZZZ2"')),
        _C.TOO_MANY_COLUMNS,
    ),
    HostileFile("document_xxe", "a.docx", _bytes(lambda: docx(prolog=_ENTITY)), _C.XML_ENTITY_FORBIDDEN),
    HostileFile("document_laughs", "a.docx", _bytes(lambda: docx(prolog=_LAUGHS)), _C.XML_ENTITY_FORBIDDEN),
    HostileFile("document_deep", "a.docx", _bytes(lambda: docx("<w:p>" * 100_000)), _C.NESTING_TOO_DEEP),
    HostileFile(
        "memory_laughs",
        "a.tmx",
        _bytes(lambda: _LAUGHS.encode() + b"<tmx><body><tu/></body></tmx>"),
        _C.XML_ENTITY_FORBIDDEN,
    ),
    HostileFile("pdf_locked", "a.pdf", _bytes(_encrypted_pdf), _C.FILE_ENCRYPTED),
    HostileFile("pdf_loop", "a.pdf", _bytes(lambda: pdf("a", first=_LOOP)), _C.DOCUMENT_INVALID),
    HostileFile("pdf_garbage", "a.pdf", _bytes(lambda: b"%PDF-1.7\n" + b"x" * 9999), _C.DOCUMENT_INVALID),
    HostileFile("parquet_cut", "a.parquet", _bytes(lambda: parquet()[:-40]), _C.PARQUET_INVALID),
    HostileFile(
        "parquet_garbage",
        "a.parquet",
        _bytes(lambda: b"PAR1" + b"\xff" * 999 + b"\xff\xff\xff\x7fPAR1"),
        _C.PARQUET_INVALID,
    ),
    HostileFile("pickled_array", "a.npy", _bytes(_pickled), _C.DOCUMENT_INVALID),
    HostileFile(
        "array_header_of_4_gb",
        "a.npy",
        _bytes(lambda: _npy_header(b"{" * 99, 2**32 - 1)),
        _C.DOCUMENT_INVALID,
    ),
    HostileFile(
        "array_of_terabytes",
        "a.npy",
        _bytes(
            lambda: npy()[:10] + npy()[10:128].replace(b"(2, 16)", b"(9999999, 99999)")[:118] + npy()[128:]
        ),
        _C.DOCUMENT_INVALID,
    ),
    HostileFile("picture_bomb", "a.jsonl", _bytes(lambda: _picture(60_000, 60_000)), _C.IMAGE_INVALID),
)
