"""Documents, workbooks and archives as other programs write them."""

import datetime
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from corpus.errors import ColumnDuplicate, CorpusError, PlaceError, WorkbookInvalid
from corpus.formats.options import Options
from corpus.formats.registry import read
from corpus.formats.sniff import Purpose, sniff
from tests.corpus.jobs import JobRun, run_job
from tests.data.dataset_files import PNG, docx, npy, pdf, zipped

_ROW = {"prompt": "q", "completion": "a"}
_LINE = json.dumps(_ROW).encode() + b"\n"


def _values(folder: Path, filename: str, data: bytes, **options: Any) -> list[tuple[int, Any]]:
    path = folder / "stored"
    path.write_bytes(data)
    return list(read(path, sniff(path, filename, Purpose.FINE_TUNE), Options(filename, **options)))


def _book(fill: Callable[[openpyxl.Workbook], None]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    fill(book)
    book.save(out)
    return out.getvalue()


def _checked(folder: Path, members: dict[str, bytes]) -> JobRun:
    return run_job(folder, "validate_dataset", file=("a.zip", zipped(members)))


def test_days_of_a_workbook_are_dates(tmp_path: Path) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        moments = [datetime.date(2024, 3, 1), datetime.datetime(2024, 3, 1, 12, 30), datetime.time(1, 2)]
        book.active.append(["day", "moment", "time", "number", "share", "hours"])
        book.active.append([*moments, 45352, 0.5, 1.5])
        book.active["E2"].number_format = '0.00" days"'
        book.active["F2"].number_format = "[h]:mm"

    ((_, row),) = _values(tmp_path, "a.xlsx", _book(fill))

    assert list(row.values()) == ["2024-03-01", "2024-03-01T12:30:00", "01:02:00", "45352", "0.5", "1.5"]


def test_days_may_be_counted_from_1904(tmp_path: Path) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"date_1904": True})
    sheet = book.add_worksheet()
    sheet.write(0, 0, "day")
    sheet.write_datetime(1, 0, datetime.datetime(2024, 3, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
    book.close()

    assert _values(tmp_path, "a.xlsx", out.getvalue()) == [(2, {"day": "2024-03-01"})]


def test_a_cell_without_a_value_is_told_where_it_is(tmp_path: Path) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["prompt", "completion"])
    sheet.write_row(1, 0, ["q", "a"])
    sheet.write(2, 0, "q")
    sheet.write_formula(2, 1, "=1/0", None, "#DIV/0!")
    sheet.write_formula(3, 0, "=A2", None, "")
    sheet.write_formula(4, 0, '=A2&"!"', None, "q!")
    sheet.write(4, 1, "b")
    book.close()
    told: list[PlaceError] = []

    rows = _values(tmp_path, "a.xlsx", out.getvalue(), on_fault=told.append)

    assert rows == [(2, _ROW), (5, {"prompt": "q!", "completion": "b"})]
    assert [error.message for error in told] == [
        "Line 3: cell B3 holds the error #DIV/0!.",
        "Line 4: cell A4 holds a formula without a value.",
    ]


def test_a_title_above_the_header_is_passed_over(tmp_path: Path) -> None:
    def merged(book: openpyxl.Workbook) -> None:
        for cells in (["Our questions"], ["prompt", "completion"], ["q", "a"]):
            book.active.append(cells)
        book.active.merge_cells("A1:B1")

    def apart(book: openpyxl.Workbook) -> None:
        for cells in (["Our questions"], [], ["prompt", "completion"], ["q", "a"]):
            book.active.append(cells)

    def none(book: openpyxl.Workbook) -> None:
        for cells in (["text"], [], ["one"], ["two"]):
            book.active.append(cells)

    assert _values(tmp_path, "a.xlsx", _book(merged)) == [(3, _ROW)]
    assert _values(tmp_path, "a.xlsx", _book(apart)) == [(4, _ROW)]
    assert _values(tmp_path, "a.xlsx", _book(none)) == [(3, {"text": "one"}), (4, {"text": "two"})]


def test_the_first_sheet_that_is_shown_is_read(tmp_path: Path) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.active.sheet_state = "hidden"
        book.active.append(["old"])
        sheet = book.create_sheet("Data")
        sheet.append(list(_ROW))
        sheet.append(list(_ROW.values()))
        sheet.append(["x", "y"])
        sheet.row_dimensions[3].hidden = True

    rows = _values(tmp_path, "a.xlsx", _book(fill))

    assert rows == [(2, _ROW), (3, {"prompt": "x", "completion": "y"})]


def test_a_cover_sheet_names_the_others(tmp_path: Path) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.active.append(["Welcome"])
        book.create_sheet("Data").append(["prompt"])

    with pytest.raises(
        WorkbookInvalid, match="its sheet 'Sheet' has no rows below a header; it has Sheet, Data"
    ):
        _values(tmp_path, "a.xlsx", _book(fill))


def test_two_columns_of_one_name_are_refused_in_parquet_too(tmp_path: Path) -> None:
    out = io.BytesIO()
    pq.write_table(pa.table([pa.array(["a"])] * 3, names=["prompt", "completion", "prompt"]), out)

    with pytest.raises(ColumnDuplicate, match="names the column 'prompt' twice"):
        _values(tmp_path, "a.parquet", out.getvalue())


def test_classes_of_hugging_face_have_their_names(tmp_path: Path) -> None:
    features = {
        "text": {"dtype": "string", "_type": "Value"},
        "label": {"names": ["bad", "good"], "_type": "ClassLabel"},
    }
    table = pa.table({"text": ["a", "b"], "label": [1, -1]})
    out = io.BytesIO()
    pq.write_table(
        table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})}), out
    )

    assert [row["label"] for _, row in _values(tmp_path, "a.parquet", out.getvalue())] == ["good", -1]


def test_columns_of_every_type_are_read(tmp_path: Path) -> None:
    call = {"id": None, "type": "function", "function": {"name": "f", "arguments": {"a": 1}}}
    turns = [
        {"role": "user", "content": "Hi", "name": None, "tool_calls": None},
        {"role": "assistant", "content": None, "name": None, "tool_calls": [call]},
        {"role": "tool", "content": "1", "name": "f", "tool_calls": None},
        {"role": "assistant", "content": "Hello", "name": None, "tool_calls": None},
    ]
    table = pa.table(
        {
            "messages": [turns],
            "id": pa.array(["a"]).dictionary_encode(),
            "big": pa.array(["x"], pa.large_string()),
            "binary": pa.array([b"\xff"]),
            "nothing": pa.nulls(1),
            "day": pa.array([datetime.date(2024, 3, 1)]),
            "map": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())),
        }
    )
    out = io.BytesIO()
    pq.write_table(table, out)

    job = run_job(tmp_path, "prepare_dataset", file=("a.parquet", out.getvalue()), validation_share=0)

    (row,) = job.rows("train.jsonl")
    assert [turn.get("tool_call_id") for turn in row["messages"]] == [None, None, "call_1", None]
    assert {key: row[key] for key in ("id", "big", "binary", "nothing", "day", "map")} == {
        "id": "a", "big": "x", "binary": "/w==", "nothing": None, "day": "2024-03-01", "map": [["k", 1]],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        (
            '<w:p><w:r><w:t xml:space="preserve">a </w:t></w:r><w:ins><w:r><w:t>new</w:t></w:r></w:ins>'
            "<w:del><w:r><w:delText>old</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom></w:p>"
            "<w:p><w:moveTo><w:r><w:t>moved</w:t></w:r></w:moveTo></w:p>",
            ["a new", "moved"],
        ),
        (
            "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>A</w:t></w:r></w:p><w:p><w:r><w:t>B</w:t></w:r></w:p></w:tc>"
            "<w:tc><w:p><w:r><w:t>C</w:t></w:r></w:p></w:tc></w:tr><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>",
            ["A B\tC"],
        ),
        (
            "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>shown</w:t></w:r></w:p>",
            ["shown"],
        ),
        (
            "<w:p><w:r><w:ruby><w:rt><w:r><w:t>かん</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>",
            ["漢"],
        ),
        (
            "<w:p><w:r><w:t>a</w:t></w:r><w:r><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></w:r></w:p>",
            ["a\nbox"],
        ),
    ],
    ids=["changes", "table", "hidden", "ruby", "box"],
)  # fmt: skip
def test_a_document_is_read_as_it_would_be_printed(tmp_path: Path, body: str, texts: list[str]) -> None:
    assert [value["text"] for _, value in _values(tmp_path, "a.docx", docx(body))] == texts


def test_a_pdf_may_begin_behind_something_else(tmp_path: Path) -> None:
    assert [value["text"] for _, value in _values(tmp_path, "a.pdf", b"\r\n\r\n" + pdf("Hi"))] == ["Hi"]


@pytest.mark.parametrize(
    ("header", "unit", "pair"),
    [
        ('srclang="en-US"', ("zh-CN", "en-US"), ("en-US", "zh-CN")),
        ('srclang="en"', ("zh_CN", "en_GB"), ("en-GB", "zh-CN")),
        ('srclang="*all*"', ("zh", "en"), ("zh", "en")),
        ("", ("zh", "en"), ("zh", "en")),
    ],
)
def test_a_translation_memory_says_what_is_translated(
    tmp_path: Path, header: str, unit: tuple[str, str], pair: tuple[str, str]
) -> None:
    variants = "".join(f'<tuv xml:lang="{lang}"><seg>{lang}</seg></tuv>' for lang in unit)
    text = f'<tmx version="1.4"><header {header}/><body><tu>{variants}</tu></body></tmx>'

    job = run_job(tmp_path, "prepare_dataset", file=("a.tmx", text.encode()), validation_share=0)

    (row,) = job.rows("train.jsonl")
    assert (row["source_lang"], row["target_lang"]) == pair
    assert row["source"].replace("_", "-") == pair[0]


def test_what_programs_leave_in_an_archive_is_passed_over(tmp_path: Path) -> None:
    job = _checked(
        tmp_path,
        {
            "data/": b"",
            "data/a.jsonl": _LINE,
            "data/b.csv": b"prompt,completion\nx,y\n",
            "data/~$a.xlsx": b"lock",
            "data/.DS_Store": b"x",
            "__MACOSX/data/._a.jsonl": b"\0",
            "dataset_info.json": b'{"description": "", "features": {}}',
        },
    )

    assert (job.json("stats.json")["rows"], job.json("stats.json")["problems"]) == (2, 0)


def _shown(name: str) -> bytes:
    content = [{"type": "image_url", "image_url": {"url": name}}]
    turns = [{"role": "user", "content": content}, {"role": "assistant", "content": "a"}]
    return json.dumps({"messages": turns}).encode()


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("图片".encode("gbk"), "图片.png"),
        ("净利润".encode("gb18030"), "净利润.png"),
        ("净利润".encode(), "净利润.png"),
        ("cafe\u0301".encode(), "café.png"),
        ("Größe".encode(), "Größe.png"),
    ],
)
def test_names_in_an_archive_are_read_as_they_were_written(
    tmp_path: Path, written: bytes, called: str
) -> None:
    """Programs on Windows and the Mac write names without saying in which encoding."""
    place = b"A" * len(written)
    data = zipped({"rows.jsonl": _shown(called), place.decode() + ".png": PNG}).replace(place, written)

    job = run_job(tmp_path, "validate_dataset", file=("a.zip", data))

    assert (job.json("stats.json")["rows"], job.rows("problems.jsonl")) == (1, [])


def test_a_picture_may_be_called_by_a_path_of_windows(tmp_path: Path) -> None:
    job = _checked(tmp_path, {"rows.jsonl": _shown("img\\a.png"), "img/a.png": PNG})

    assert job.json("stats.json")["rows"] == 1


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x;y\n" + "1,5;2,5\n" * 8, "line 2, column 1 holds '1,5', which is no number"),
        ("t,x\n" + "2024-01-01,2\n" * 8, "line 2, column 1 holds '2024-01-01', which is no number"),
        ("t,x\n1,2\n1,\n", "line 3 has 1 numbers, not 2"),
        ("t,x\n1,2\n,1\n", "line 3, column 1 holds '', which is no number"),
        ("t,x\n" + "1,NaN\n" * 8, "series[1][0] is nan, not a finite number"),
    ],
)
def test_a_series_with_gaps_is_told(tmp_path: Path, text: str, fault: str) -> None:
    row = {"series": "s/a.csv", "sampling_rate": 10}

    job = _checked(tmp_path, {"rows.jsonl": json.dumps(row).encode(), "s/a.csv": text.encode()})

    (problem,) = job.rows("problems.jsonl")
    assert problem["code"] == "series_invalid"
    assert fault in problem["message"]


def test_a_byte_order_mark_takes_no_sample_away(tmp_path: Path) -> None:
    row = {"series": "s/a.csv", "sampling_rate": 10}
    members = {"rows.jsonl": json.dumps(row).encode(), "s/a.csv": b"\xef\xbb\xbf" + b"1\n" * 8}

    job = run_job(tmp_path, "prepare_dataset", file=("a.zip", zipped(members)), validation_share=0)

    assert job.rows("train.jsonl")[0]["series"] == [[1.0] * 8]


def test_an_array_of_objects_is_never_opened(tmp_path: Path) -> None:
    out = io.BytesIO()
    import numpy as np

    np.save(out, np.array([{"a": 1}], dtype=object), allow_pickle=True)

    with pytest.raises(CorpusError, match="Python objects"):
        _values(tmp_path, "a.npy", out.getvalue())


@pytest.mark.parametrize("dtype", ["int8", "uint16", ">f4", "float16", "<i8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_of_every_kind_of_number_are_read(tmp_path: Path, dtype: str, order: str) -> None:
    import numpy as np

    array = np.array(np.arange(16).reshape(2, 8), dtype=dtype, order=order)  # type: ignore[call-overload]

    rows = _values(tmp_path, "a.npy", npy(array))

    assert [row["series"] for _, row in rows] == [
        [[float(n) for n in range(8)]],
        [[float(n) for n in range(8, 16)]],
    ]


def test_a_window_that_cannot_be_held_is_told_and_the_next_one_read(tmp_path: Path) -> None:
    import numpy as np

    told: list[PlaceError] = []
    array = np.zeros((1, 64, 2**16 + 1), dtype="int8")

    rows = _values(tmp_path, "a.npy", npy(array), on_fault=told.append)

    assert rows == []
    assert [error.message for error in told] == [
        "Line 1: series has 4194368 samples in all; at most 4194304 are read."
    ]
