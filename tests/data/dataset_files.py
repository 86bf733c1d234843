"""Small good files of every dataset format, each with the same two rows or two paragraphs."""

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

ROWS = [
    {
        "prompt": "What is EBITDA?",
        "completion": "Earnings before interest, taxes, depreciation and amortisation.",
    },
    {"prompt": "什么是净利润？", "completion": "收入减去\u2028全部成本。"},
]
PARAGRAPHS = ["Net profit rose.\nCosts fell.", "净利润同比增长。"]
PNG = (
    b"\x89PNG\r\n\x1a\n"
    + b"\0\0\0\rIHDR"
    + (3).to_bytes(4, "big")
    + (2).to_bytes(4, "big")
    + b"\x08\x02\0\0\0"
)


def jsonl() -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS).encode()


def table(delimiter: str) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(ROWS[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(ROWS)
    return text.getvalue().encode()


def xlsx() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(list(ROWS[0]))
    for row in ROWS:
        book.active.append(list(row.values()))
    other = book.create_sheet("Other")
    other.append(["text"])
    other.append([42])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), out, row_group_size=1)
    return out.getvalue()


def docx(body: str | None = None, prolog: str = "") -> bytes:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    paragraphs = "".join(
        "<w:p><w:r><w:t>" + text.replace("\n", "</w:t><w:br/><w:t>") + "</w:t></w:r></w:p><w:p/>"
        for text in PARAGRAPHS
    )
    xml = f'{prolog}<w:document xmlns:w="{space}"><w:body>{body or paragraphs}</w:body></w:document>'
    return zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": xml.encode()})


def pdf(*pages: str, trailer: str = "", first: str = "") -> bytes:
    """A PDF of pages of ASCII text, written by hand."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects.append(first or f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>")
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    for number, text in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        content = f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET"
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    out, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    xref = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    return (
        f"{out}xref\n0 {size}\n0000000000 65535 f \n{xref}"
        f"trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{len(out)}\n%%EOF\n"
    ).encode("latin-1")


def tmx() -> bytes:
    def variant(lang: str, text: str) -> str:
        return f'<tuv xml:lang="{lang}"><seg>{text}</seg></tuv>'

    units = f'<tu tuid="1">{variant("en", "net profit")}{variant("zh-CN", "净利润")}</tu>\n'
    return (
        '<?xml version="1.0"?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n'
        f'<tmx version="1.4"><header srclang="en"/><body>\n{units}</body></tmx>'
    ).encode()


def npy(array: object = None) -> bytes:
    out = io.BytesIO()
    np.save(out, np.arange(32, dtype="float32").reshape(2, 16) if array is None else array)
    return out.getvalue()


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def _prose() -> bytes:
    return ("\n\n\n".join(PARAGRAPHS) + "\n").encode()


#: Name -> the bytes of a file with ROWS in it.
OF_ROWS: dict[str, Callable[[], bytes]] = {
    "rows.jsonl": jsonl,
    "utf16.jsonl": lambda: jsonl().decode().encode("utf-16"),
    "rows.ndjson": jsonl,
    "rows.json": lambda: json.dumps(ROWS, indent=1).encode(),
    "inside.json": lambda: json.dumps({"version": 1, "data": ROWS}).encode(),
    "rows.csv": lambda: table(","),
    "semicolon.csv": lambda: table(";"),
    "utf16.csv": lambda: table(",").decode().encode("utf-16"),
    "rows.tsv": lambda: table("\t"),
    "rows.xlsx": xlsx,
    "rows.parquet": parquet,
    "rows.jsonl.gz": lambda: gzip.compress(jsonl()),
    "rows.xlsx.gz": lambda: gzip.compress(xlsx()),
    "rows.csv.zst": lambda: zstandard.compress(table(",")),
    "two.zip": lambda: zipped(
        {
            "data/a.jsonl": jsonl().split(b"\n")[0],
            "data/b.jsonl": jsonl().split(b"\n")[1],
            "README.md": b"About",
            "__MACOSX/data/._a.jsonl": b"\0",
        }
    ),
}
#: Name -> the bytes of a file with PARAGRAPHS in it.
OF_PARAGRAPHS: dict[str, Callable[[], bytes]] = {
    "a.txt": _prose,
    "a.md": _prose,
    "a.docx": docx,
    "a.zip": lambda: zipped({"a.txt": _prose(), "b/c.bin": b"\0"}),
}
