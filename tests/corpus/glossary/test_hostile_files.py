"""Hostile glossary files: each ends with its documented code, soon, and in bounded memory; nothing is ever fetched."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from tests.corpus.jobs import stored

#: Above what an idle process of the corpus takes.
MEMORY_BYTES = 300 * 1024**2
#: Of processor time: a busy machine must not fail the test.
SECONDS = 20

TBX_BEGIN = b'<tbx type="TBX-Basic" style="dca" xml:lang="en" xmlns="urn:iso:std:iso:30042:ed-2"><text><body>'
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(sheet: bytes, extra: dict[str, bytes] | None = None) -> bytes:
    """A workbook with one sheet of this XML."""
    rels = '<Relationships xmlns="x"><Relationship Id="r1" Type="{}/{}" Target="{}"/></Relationships>'
    members = {
        "_rels/.rels": rels.format(OFFICE, "officeDocument", "xl/workbook.xml").encode(),
        "xl/workbook.xml": b'<workbook xmlns:r="r"><sheets><sheet name="A" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": rels.format(OFFICE, "worksheet", "sheet.xml").encode(),
        "xl/sheet.xml": sheet,
        **(extra or {}),
    }
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def cells(*values: str) -> bytes:
    row = "".join(f'<c t="inlineStr"><is><t>{value}</t></is></c>' for value in values)
    return SHEET.format(f"<row>{row}</row>").encode()


def laughs(root: bytes) -> bytes:
    entities = b"".join(
        b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"lol") for n in range(10)
    )
    return b"<!DOCTYPE %s [%s]><%s>&l9;</%s>" % (root, entities, root, root)


def many_terms_tbx() -> bytes:
    entry = b'<conceptEntry id="c%d"><langSec xml:lang="en"><termSec><term>t%d</term></termSec></langSec></conceptEntry>\n'
    return TBX_BEGIN + b"".join(entry % (n, n) for n in range(1_000_000)) + b"</body></text></tbx>"


def many_terms_csv() -> bytes:
    return b"en,de\n" + b"".join(b"a%d,b%d\n" % (n, n) for n in range(500_000))


XXE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
RDF = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'

#: Name -> file name, content, code.
HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "xxe_tbx": ("g.tbx", lambda: XXE + b"<tbx>&e;</tbx>", "xml_entity_forbidden"),
    "xxe_tmx": ("g.tmx", lambda: XXE + b"<tmx>&e;</tmx>", "xml_entity_forbidden"),
    "xxe_multiterm": ("g.xml", lambda: XXE + b"<mtf>&e;</mtf>", "xml_entity_forbidden"),
    "xxe_rdf": ("g.rdf", lambda: XXE + RDF + b"&e;</rdf:RDF>", "xml_entity_forbidden"),
    "laughs_tbx": ("g.tbx", lambda: laughs(b"tbx"), "xml_entity_forbidden"),
    "laughs_rdf": ("g.rdf", lambda: laughs(b"RDF"), "xml_entity_forbidden"),
    "laughs_xlsx": ("g.xlsx", lambda: workbook(laughs(b"worksheet")), "workbook_invalid"),
    "external_dtd": (
        "g.tbx",
        lambda: b'<!DOCTYPE tbx SYSTEM "http://127.0.0.1:9/x.dtd">' + TBX_BEGIN + b"</body></text></tbx>",
        "glossary_empty",
    ),
    "zip_bomb": ("g.xlsx", lambda: workbook(b" " * 200_000_000), "archive_too_large"),
    "shared_bomb": (
        "g.xlsx",
        lambda: workbook(cells("en"), {f"xl/{n}.bin": bytes(15_000_000) for n in range(20)}),
        "archive_too_large",
    ),
    "zip_slip": ("g.xlsx", lambda: workbook(cells("en"), {"../../evil": b"x"}), "archive_path_unsafe"),
    "no_workbook": ("g.xlsx", lambda: b"PK\x03\x04" + bytes(100), "archive_invalid"),
    "columns_xlsx": (
        "g.xlsx",
        lambda: workbook(SHEET.format('<row r="1"><c r="ZZZZZ1"><v>1</v></c></row>').encode()),
        "too_many_columns",
    ),
    "columns_csv": ("g.csv", lambda: b"a," * 1_000_000 + b"en\n", "too_many_columns"),
    "long_line_csv": ("g.csv", lambda: b"en,de\n" + b"a" * 100_000_000, "line_too_long"),
    "long_line_json": ("g.json", lambda: b'[{"en": "' + b"a" * 100_000_000, "line_too_long"),
    "long_text_tbx": (
        "g.tbx",
        lambda: TBX_BEGIN + b'<conceptEntry id="c">' + b"a" * 100_000_000,
        "tbx_invalid",
    ),
    "long_token_turtle": ("g.ttl", lambda: b'<urn:a> <urn:b> "' + b"a" * 100_000_000, "line_too_long"),
    "surrogate_json": ("g.json", lambda: b'[{"en": "\\ud800"}]', "encoding_invalid"),
    "surrogate_turtle": ("g.ttl", lambda: b'<urn:a> <urn:b> "\\ud800" .', "encoding_invalid"),
    "nul_csv": ("g.csv", lambda: b"en,de\na\0b,c\n", "nul_in_text"),
    "nul_json": ("g.json", lambda: b'[{"en": "\\u0000"}]', "nul_in_text"),
    "nul_turtle": ("g.ttl", lambda: b"<urn:a> <urn:b> '\0' .", "nul_in_text"),
    "deep_json": ("g.json", lambda: b"[" * 1_000_000, "nesting_too_deep"),
    "deep_json_item": ("g.json", lambda: b'[{"en": ' + b"[" * 1_000_000, "nesting_too_deep"),
    "deep_xml": ("g.tmx", lambda: b"<tmx>" + b"<a>" * 1_000_000, "nesting_too_deep"),
    "deep_rdf": ("g.rdf", lambda: RDF + b"<a>" * 1_000_000, "nesting_too_deep"),
    "deep_turtle": ("g.ttl", lambda: b"<urn:a> <urn:b> " + b"[<urn:c> " * 100_000, "nesting_too_deep"),
    "many_terms_tbx": ("g.tbx", many_terms_tbx, "glossary_too_large"),
    "imports_turtle": (
        "g.ttl",
        lambda: b"<urn:a> <http://www.w3.org/2002/07/owl#imports> <http://127.0.0.1:9/x> .",
        "rdf_invalid",
    ),
    "remote_context": (
        "g.json",
        lambda: b'{"@context": "http://127.0.0.1:9/c", "@graph": [{"@id": "a"}]}',
        "row_invalid",
    ),
    "nodes_turtle": (
        "g.ttl",
        lambda: (
            b'<u:1> <http://www.w3.org/2004/02/skos/core#prefLabel> "x"@en ; <u:p> _:a .\n'
            + b"_:a <u:p> _:a , _:b .\n_:b <u:p> _:a .\n" * 100
        ),
        "rdf_invalid",
    ),
    "long_tag_tbx": ("g.tbx", lambda: TBX_BEGIN + b'<conceptEntry id="' + b"a" * 100_000_000, "xml_invalid"),
    "long_comment_tbx": ("g.tbx", lambda: TBX_BEGIN + b"<!--" + b"a" * 100_000_000, "xml_invalid"),
    "many_terms_cell": ("g.csv", lambda: b"en,de\n" + b"a;" * 4_000_000 + b",b\n", "term_invalid"),
    "not_turtle": ("g.ttl", lambda: b"\\" * 1_000_000, "rdf_invalid"),
    "quotes_csv": ("g.csv", lambda: b'en,de\n"' + b"a\n" * 6_000_000, "line_too_long"),
}


def run(folder: Path, filename: str, data: bytes, mode: str) -> tuple[dict[str, object], float, int]:
    """The job's last event, the processor seconds and the largest memory of its process."""
    workdir = folder / "attempt"
    workdir.mkdir()
    envelope = {
        "job_id": "job",
        "attempt": 1,
        "workdir": str(workdir),
        "events": str(workdir / "events.jsonl"),
        "spec": {"kind": "prepare_glossary", "file": stored(folder, filename, data), "mode": mode},
    }
    (workdir / "spec.json").write_text(json.dumps(envelope))
    # The child says what it took: the parent knows only the largest of all its children. Its largest memory is that of
    # /proc, since what getrusage says begins with the size of the parent.
    code = (
        "import resource, sys\nfrom corpus.__main__ import COMMANDS, prepare\nfrom protocol.process import run\n"
        "code = run({'prepare': prepare, **COMMANDS}, ['prepare', sys.argv[1]])\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1]\n"
        "print(used.ru_utime + used.ru_stime, peak)\nraise SystemExit(code)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(workdir / "spec.json")], capture_output=True, text=True, timeout=240
    )
    seconds, kib = said.stdout.split()[-2:]
    events = (workdir / "events.jsonl").read_text().splitlines()
    assert not (workdir / "output").exists() or json.loads(events[-1])["type"] == "finished"
    return json.loads(events[-1]), float(seconds), int(kib) * 1024


@pytest.fixture(scope="module")
def idle_bytes(tmp_path_factory: pytest.TempPathFactory) -> int:
    """What a process takes that reads a glossary of one term."""
    return run(tmp_path_factory.mktemp("idle"), "g.csv", b"en\na\n", "strict")[2]


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_with_its_code_soon_and_in_little_memory(
    tmp_path: Path, name: str, idle_bytes: int
) -> None:
    filename, make, code = HOSTILE[name]

    event, seconds, peak = run(tmp_path, filename, make(), "strict")

    assert (event["type"], event.get("code")) == ("failed", code)
    assert seconds < SECONDS
    assert peak - idle_bytes < MEMORY_BYTES


@pytest.mark.slow
def test_a_million_terms_are_planned_in_little_memory_or_refused(tmp_path: Path, idle_bytes: int) -> None:
    event, _, peak = run(tmp_path, "g.csv", many_terms_csv(), "strict")

    assert event.get("code") == "glossary_too_large"
    assert peak - idle_bytes < MEMORY_BYTES
