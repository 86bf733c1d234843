"""Glossary files of every format, by hand and by other programs: read as what they say, and nothing is lost by exporting."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.glossary.formats.read import Findings
from corpus.glossary.formats.write import EXPORTS
from corpus.glossary.parse import read_glossary
from corpus.glossary.terms import Concept
from protocol.specs.glossaries import TableMapping

FILES = Path("tests/data/glossaries")
_CHINESE = {"en:net profit:preferred", "zh-Hans:净利润:preferred", "zh-Hans:纯利:forbidden"}
_HOUSE = "https://words.example/concept/"

#: File -> its terms as "language:text:status".
TERMS: dict[str, set[str]] = {
    "api_answer.json": {"en:folio:preferred"},
    "basic_dca_draft.tbx": {
        "en:rotor:preferred",
        "en:wheel:superseded",
        "es:rotor eólico:preferred",
        "en:blade:preferred",
    },
    "basic_dct.tbx": {"en:track:preferred", "de:Gleis:preferred"},
    "chinese_header.txt": {"zh:纱线:preferred", "en:yarn:preferred"},
    "core.tbx": {"en:keel:preferred", "nl:kiel:preferred"},
    "deepl.csv": {
        "en:current account:preferred",
        "zh:往来账户:preferred",
        "en:direct debit:preferred",
        "zh:直接借记:preferred",
        "en:who; and whom:preferred",
        "zh:谁:preferred",
    },
    "deepl_relevance.csv": {
        "en:overdraft:preferred",
        "zh:透支:preferred",
        "en:teller:preferred",
        "zh:柜员:preferred",
    },
    "gb18030.csv": _CHINESE,
    "google_terms.csv": {
        "en:goods:preferred",
        "de:Waren:preferred",
        "zh:货物:preferred",
        "en:to ship:preferred",
        "de:versenden:preferred",
        "zh:发货:preferred",
    },
    "iate_v2.tbx": {"en:insolvency:preferred", "en:bankruptcy:deprecated", "fr:insolvabilité:preferred"},
    "lines.jsonl": {"en:quire:preferred", "en:ream:preferred", "de:Ries:preferred"},
    "long.tsv": {"en:loom:preferred", "zh:织机:preferred"},
    "memoq.csv": {
        "en:standing order:preferred",
        "en:bank mandate:forbidden",
        "zh-Hans:定期付款指示:preferred",
        "en:IBAN:preferred",
        "zh-Hans:国际银行账号:preferred",
    },
    "memory_utf16.tmx": {"en-US:credit line:admitted", "zh-CN:授信额度:admitted"},
    "microsoft_v2.tbx": {
        "en-US:notice area:preferred",
        "zh-CN:通知区域:preferred",
        "en-US:sign in:preferred",
    },
    "min_v1.tbx": {"de:Hund:preferred", "en:hound:deprecated", "en:dog:preferred"},
    "min_v3.tbx": {"en:seam:admitted"},
    "multiterm.xml": {
        "en-GB:bonded warehouse:preferred",
        "en-GB:customs depot:forbidden",
        "de:Zolllager:preferred",
    },
    "openpyxl_merged.xlsx": {
        "en:bill of lading:preferred",
        "en:waybill:admitted",
        "zh-Hans:提单:preferred",
        "en:demurrage:preferred",
    },
    "pipes.csv": {"en:shuttle:preferred", "zh-Hans:梭子:preferred", "en:bobbin boat:forbidden"},
    "rdflib.rdf": {
        "en:vessel:preferred",
        "en:craft:admitted",
        "zh-Hans:船舶:preferred",
        "en:tanker:preferred",
        "en:tank ship:admitted",
        "en:tancker:deprecated",
        "zh-Hans:油轮:preferred",
    },
    "simple.json": {
        "en:anvil:preferred",
        "zh-Hans:铁砧:preferred",
        "zh-Hans:砧子:admitted",
        "en:bellows:preferred",
        "de:Blasebalg:preferred",
    },
    "skos_hand.ttl": {
        "en:plant:preferred",
        "zh:植物:preferred",
        "en:flora:admitted",
        "en:tree:preferred",
        "en:soil:preferred",
    },
    "skos_xl.rdf": {"en:sail:preferred", "en:canvas:admitted", "en:rig:preferred"},
    "utf16_excel.txt": _CHINESE,
    "utf16_without_mark.csv": _CHINESE,
    "utf8_mark_semicolons.csv": _CHINESE,
    "utx.utx": {"en:lathe:preferred", "zh:车床:preferred", "zh:旋床:forbidden"},
    "weblate.tbx": {
        "en:dashboard:preferred",
        "zh-Hans:仪表板:preferred",
        "en:Quaybase:preferred",
        "en:log in:preferred",
        "en:logon:forbidden",
        "en:login to:forbidden",
    },
    "worded_header.csv": {"en:spool:preferred", "de:Spule:preferred", "de:Rolle:forbidden"},
    "xlsxwriter_wide.xlsx": {
        "en:ledger:preferred",
        "zh-Hans:账簿:preferred",
        "en:accrual:preferred",
        "en:accrued item:admitted",
        "zh-Hans:应计项目:preferred",
        "en:write-off:preferred",
        "zh-Hans:核销:preferred",
    },
}
TERMS |= {"rdflib.ttl": TERMS["rdflib.rdf"], "rdflib_flat.rdf": TERMS["rdflib.rdf"]}


def read(name: str, findings: Findings | None = None) -> dict[str, Concept]:
    path = FILES / name
    return {concept.uid: concept for concept in read_glossary(path, name, findings)}


def test_every_file_is_expected_here_and_there_are_enough() -> None:
    assert {
        path.name for path in FILES.iterdir() if path.suffix not in (".py", ".rng") and path.is_file()
    } == set(TERMS)
    assert len(TERMS) >= 30


@pytest.mark.parametrize("name", TERMS)
def test_a_file_is_read_as_what_it_says(name: str) -> None:
    concepts = read(name).values()

    assert {f"{t.lang}:{t.text}:{t.status}" for c in concepts for t in c.terms} == TERMS[name]


@pytest.mark.parametrize("format_", EXPORTS)
@pytest.mark.parametrize("name", TERMS)
def test_nothing_of_a_file_is_lost_by_exporting_it(tmp_path: Path, name: str, format_: str) -> None:
    made = list(read_glossary(FILES / name, name))

    def again() -> Iterator[Concept]:
        return iter(made)

    path = tmp_path / f"again{EXPORTS[format_].suffix}"
    path.write_bytes(b"".join(EXPORTS[format_].write(again)))

    assert list(read_glossary(path, path.name)) == made


def test_what_tbx_files_say_beside_is_kept() -> None:
    rotor = read("basic_dca_draft.tbx")["c1"]

    assert (rotor.subject_field, rotor.source, rotor.note) == ("wind power", "handbook 2", "Seen at sea.")
    assert rotor.extra["tbx"] == (
        '<transacGrp><transac type="transactionType">origination</transac><date>2026-02-03</date>'
        '<transacNote target="p1" type="responsibility">Ann</transacNote></transacGrp>',
        '<xref target="https://words.example/rotor.png" type="xGraphic">rotor.png</xref>',
    )
    assert rotor.terms[0].extra == {"grammaticalGender": ("neuter",), "source": ("log book",)}
    assert rotor.terms[0].contexts == ("The rotor turns slowly.",)
    iate = read("iate_v2.tbx")["IATE-900001"]
    assert iate.terms[0].extra == {"reliabilityCode": ("9",)}
    assert read("min_v1.tbx")["C1"].terms[0].extra == {"customer": ("SAP2",)}
    assert read("weblate.tbx")["w2"].terms[0].do_not_translate


def test_what_tables_say_beside_is_kept() -> None:
    memoq = read("memoq.csv")
    first = memoq["1"]
    assert (first.subject_field, first.note) == ("finance payments", "Agreed in May")
    assert first.definitions == {"en": "An order to pay later."}
    assert [term.match for term in first.terms[:2]] == ["inflect", "exact"]
    assert first.terms[0].contexts == ("A standing order was set up.",)
    assert first.terms[0].extra == {"Term_Info": ("CasePermissive;HalfPrefix",)}
    assert memoq["2"].terms[0].case_sensitive
    assert read("worded_header.csv")["G1"].note == "=SUM(A1)"
    assert next(iter(read("chinese_header.txt").values())).extra == {"负责人": ("王",)}
    assert read("long.tsv")["T1"].terms[0].contexts == ("It runs.", "It stops.")


def test_a_workbook_gives_merged_cells_numbers_and_values_of_formulas() -> None:
    findings = Findings()
    merged = read("openpyxl_merged.xlsx", findings)

    assert [merged["B-1"].subject_field, merged["B-2"].subject_field] == ["shipping", "shipping"]
    assert [term.extra for term in merged["B-1"].terms] == [{"Year": ("2020",)}, {"Year": ("2021",)}, {}]
    assert merged["B-2"].terms[0].extra == {"Year": ("1.5",)}
    assert (findings.sheet.formulas, findings.sheet.formulas_without_value) == (1, 1)
    assert read("xlsxwriter_wide.xlsx")["A-3"].extra == {"Owner": ("Cy",)}


def test_rdf_gives_wider_concepts_and_keeps_what_else_it_says() -> None:
    for name in ("rdflib.ttl", "rdflib.rdf", "rdflib_flat.rdf"):
        concepts = read(name)
        assert set(concepts) == {"vessel", "tanker"}
        assert concepts["tanker"].broader == ("vessel",)
        assert concepts["vessel"].extra == {
            "uri": (_HOUSE + "vessel",),
            "inScheme": (f"<{_HOUSE}all>",),
            "http://purl.org/dc/terms/created": ("2026-01-02",),
        }
        assert concepts["vessel"].definitions == {"en": 'What floats, and "carries".'}
    hand = read("skos_hand.ttl")
    assert hand["tree"].broader == ("plant",)
    assert hand["tree"].definitions == {"en": "A tall plant with a trunk. It lives long."}
    assert hand["plant"].terms[0].contexts == ("The plant needs light.",)
    assert hand["plant"].extra["https://words.example/v#weight"] == ("3.5",)
    assert hand["tree"].extra["https://words.example/v#parts"] == ("root; stem",)
    assert hand["tree"].extra["https://words.example/v#seen"] == ("by: Ann; at: place: wood",)
    xl = read("skos_xl.rdf")
    assert xl["sail"].broader == ("rig",)
    assert xl["sail"].definitions == {"en": "Cloth that takes the wind."}


def test_a_memory_gives_candidates_with_sentences() -> None:
    findings = Findings()
    (concept,) = read("memory_utf16.tmx", findings).values()

    assert concept.extra == {"x-domain": ("banking",)}
    assert [term.extra for term in concept.terms] == [{"candidate": ("tmx",)}] * 2
    assert concept.terms[1].contexts == ("春季提高了授信额度。",)
    assert findings.unread == {"sentences": 1}


def test_a_sheet_and_columns_may_be_chosen(tmp_path: Path) -> None:
    mapping = TableMapping(sheet="Terms", columns={"Year": "ignore", "#5": "concept_extra:Kept"})
    path = FILES / "openpyxl_merged.xlsx"

    concepts = list(read_glossary(path, path.name, mapping=mapping))

    assert [concept.extra for concept in concepts] == [{"Kept": ("shipping",)}, {"Kept": ("shipping",)}]
    assert not any(term.extra for concept in concepts for term in concept.terms)
