"""Glossaries as other programs really write them: what they say in their own words is read as what it means."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook

from corpus.errors import WorkbookInvalid
from corpus.formats.sniff import Purpose, sniff
from corpus.glossary.errors import ConceptDuplicate, StatusInvalid
from corpus.glossary.formats.propose import propose
from corpus.glossary.formats.read import Findings, read_drafts
from corpus.glossary.formats.rows import open_table
from corpus.glossary.formats.write import EXPORTS
from corpus.glossary.import_plan import ImportPlan
from corpus.glossary.parse import read_glossary
from corpus.glossary.terms import Concept

_MARTIF = '<martif type="TBX" xml:lang="en"><martifHeader/><text><body>{}</body></text></martif>'
_PHRASE_TBX = _MARTIF.format(
    '<termEntry id="c1"><descrip type="subjectField">law</descrip><langSet xml:lang="en">'
    '<tig><term>lease</term><termNote type="forbidden">false</termNote><termNote type="preferred">true</termNote>'
    '<termNote type="status">Approved</termNote><termNote type="caseSensitive">false</termNote></tig>'
    '<tig><term>hire</term><termNote type="forbidden">true</termNote><termNote type="exactMatch">true</termNote></tig>'
    '</langSet><langSet xml:lang="zh_cn"><tig><term>租赁</term></tig></langSet></termEntry>'
)
_WITHOUT_IDS = _MARTIF.format(
    '<termEntry><langSet xml:lang="en"><tig><term>bond</term></tig></langSet></termEntry>'
    '<termEntry><langSet xml:lang="en"><tig><term>share</term></tig></langSet></termEntry>'
)
_MULTITERM = (
    '<?xml version="1.0" encoding="UTF-16"?><mtf><conceptGrp><concept>1</concept><descripGrp><descrip type="Note">'
    'See <xref Tlink="English:debt">debt</xref>, then<br/>go on</descrip></descripGrp>'
    '<languageGrp><language type="English" lang="EN"/><termGrp><term>bond</term><descripGrp><descrip type="Status">'
    'preferred</descrip></descripGrp></termGrp><termGrp><term>loan note</term><descripGrp><descrip type="Status">'
    "Do not use</descrip></descripGrp></termGrp></languageGrp></conceptGrp></mtf>"
)
_TMX = (
    '<tmx version="1.4"><header srclang="en"/><body><tu><tuv xml:lang="en"><seg><bpt i="1">&lt;b&gt;</bpt>net '
    '<hi>profit</hi><ept i="1">&lt;/b&gt;</ept><ph x="2">&lt;br/&gt;</ph></seg></tuv></tu></body></tmx>'
)
_AGROVOC = (
    "@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
    '<http://x/c_1> a skos:Concept ; skos:prefLabel "maize"@en ; skos:definition <http://x/d> .\n'
    '<http://x/d> rdf:value "A cereal."@en .\n'
)
_MEMOQ = (
    "Entry_ID,English,Term_Info,Term_Example,English,Term_Info,Term_Example,Chinese_PRC_Def,Chinese_PRC,Term_Info,Term_Example\n"
    "1,bond,CasePermissive,ex1,loan note,Forbidden,ex2,一种,债券,CasePermissive;Exact,\n"
)
_TBX_MIN = (
    '<TBX dialect="TBX-Min"><header><languages source="de" target="en"/></header><body><entry id="C2"><langGroup xml:lang="de">'
    "<termGroup><term>Hund</term><termStatus>preferred</termStatus></termGroup></langGroup></entry></body></TBX>"
)

#: File name -> its text, and its terms as "language:text:status".
FILES: dict[str, tuple[str | bytes, set[str]]] = {
    "phrase.tbx": (_PHRASE_TBX, {"en:lease:preferred", "en:hire:forbidden", "zh-CN:租赁:preferred"}),
    "without_ids.tbx": (_WITHOUT_IDS, {"en:bond:preferred", "en:share:preferred"}),
    "min_groups.tbx": (_TBX_MIN, {"de:Hund:preferred"}),
    "gb2312.tbx": (
        ('<?xml version="1.0" encoding="GB2312"?>' + _WITHOUT_IDS.replace("bond", "债券")).encode("gb2312"),
        {"en:债券:preferred", "en:share:preferred"},
    ),
    "latin1.tbx": (
        ('<?xml version="1.0" encoding="ISO-8859-1"?>' + _WITHOUT_IDS.replace("bond", "Börse")).encode(
            "latin-1"
        ),
        {"en:Börse:preferred", "en:share:preferred"},
    ),
    "utf8_that_says_utf16.xml": (_MULTITERM, {"en:bond:preferred", "en:loan note:forbidden"}),
    "utf16_that_says_utf8.tbx": (
        ('<?xml version="1.0" encoding="UTF-8"?>' + _WITHOUT_IDS).encode("utf-16"),
        {"en:bond:preferred", "en:share:preferred"},
    ),
    "codes.tmx": (_TMX, {"en:net profit:admitted"}),
    "agrovoc.ttl": (_AGROVOC, {"en:maize:preferred"}),
    "memoq.csv": (_MEMOQ, {"en:bond:preferred", "en:loan note:forbidden", "zh-Hans:债券:preferred"}),
    "phrase.csv": (
        "Concept ID;en;en Status;en Forbidden;en Preferred;zh_cn\n1;lease;Approved;false;true;租赁\n2;hire;New;true;false;\n",
        {"en:lease:preferred", "zh-CN:租赁:preferred", "en:hire:forbidden"},
    ),
    "smartling.csv": (
        "UID,Term,Definition,Do Not Translate,Exact Match,en-US,en-US Notes,zh-CN\nid1,bond,a debt,No,No,bond,n,债券\n",
        {"en-US:bond:preferred", "zh-CN:债券:preferred"},
    ),
    "lokalise.csv": (
        "term;description;casesensitive;translatable;forbidden;tags;en;zh_CN\nbond;a debt;no;yes;no;fin;bond;债券\n"
        "Folio;a name;yes;no;no;fin;Folio;\nold bond;bad;no;yes;yes;;;\n",
        {"en:bond:preferred", "zh-CN:债券:preferred", "en:Folio:preferred", "en:old bond:forbidden"},
    ),
    "excel_de.csv": (
        'sep=;\r\nEnglisch;Deutsch;Bemerkung\r\nbond;Anleihe;x\r\n\r\nshare;Aktie;"mehr\r\nzeilig"\r\n',
        {"en:bond:preferred", "de:Anleihe:preferred", "en:share:preferred", "de:Aktie:preferred"},
    ),
    "comments.csv": ("# ours\nterm,lang,status\n\n# section A\nbond,en,preferred\n", {"en:bond:preferred"}),
    "numbered.csv": ("No,English,Chinese\n1,bond,债券\n", {"en:bond:preferred", "zh:债券:preferred"}),
    "norwegian.csv": ("en,no\nbond,obligasjon\n", {"en:bond:preferred", "no:obligasjon:preferred"}),
    "chinese.csv": (
        "中文术语,英文术语,英文缩写,中文定义,英文定义,禁用译法,备注\n"
        "首次公开募股,initial public offering,IPO,一种,a way,上市首发；首发,记\n",
        {
            "zh:首次公开募股:preferred",
            "en:initial public offering:preferred",
            "en:IPO:admitted",
            "zh:上市首发:forbidden",
            "zh:首发:forbidden",
        },
    ),
    "chinese_short.csv": (
        "\ufeff术语,英文,禁用词\n债券,bond,公债券\n",
        {"zh:债券:preferred", "en:bond:preferred", "zh:公债券:forbidden"},
    ),
    "big5.csv": (
        "術語,英文,備註\n債券,bond,公司發行\n淨利潤,net profit,\n資產負債表,balance sheet,財務\n".encode(
            "big5"
        ),
        {f"zh:{zh}:preferred" for zh in ("債券", "淨利潤", "資產負債表")}
        | {f"en:{en}:preferred" for en in ("bond", "net profit", "balance sheet")},
    ),
    "regions.csv": (
        "German (Germany),German (Austria),English (Canada)\nSahne,Obers,cream\n",
        {"de-DE:Sahne:preferred", "de-AT:Obers:preferred", "en-CA:cream:preferred"},
    ),
    "words.csv": (
        "term,language,status,synonyms,forbidden\nbond,English,New,debenture,no\nloan note,English,banned,,\n债券,中文,草稿,,是\n",
        {"en:bond:preferred", "en:debenture:admitted", "en:loan note:forbidden", "zh:债券:forbidden"},
    ),
    "objects.json": (
        '[{"en": {"term": "bond", "definition": "a debt"}, "zh": ["债券"], "forbidden": {"zh": ["公债券"]}}]',
        {"en:bond:preferred", "zh:债券:preferred", "zh:公债券:forbidden"},
    ),
    "pairs.json": (
        '[{"source": "bond", "target": "债券", "source_lang": "en", "target_lang": "zh"}]',
        {"en:bond:preferred", "zh:债券:preferred"},
    ),
    "translations.json": (
        '[{"id": 1, "term": "bond", "lang": "en", "synonyms": ["loan"], "translations": {"zh": "债券"}}]',
        {"en:bond:preferred", "en:loan:admitted", "zh:债券:preferred"},
    ),
    "flags.json": (
        '{"concepts": [{"id": "c1", "definition": "a debt", "terms": [{"term": "bond", "language": "English", "pos": "noun"},'
        ' {"term": "bill", "language": "en", "forbidden": true}, {"term": "note", "lang": "en", "forbidden": false}]}]}',
        {"en:bond:preferred", "en:bill:forbidden", "en:note:admitted"},
    ),
}


def _written(folder: Path, name: str) -> Path:
    text = FILES[name][0]
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_as_what_it_says_and_goes_through_every_export(tmp_path: Path, name: str) -> None:
    concepts = list(read_glossary(_written(tmp_path, name), name))

    assert {f"{t.lang}:{t.text}:{t.status}" for c in concepts for t in c.terms} == FILES[name][1]
    for export in EXPORTS.values():

        def again() -> Iterator[Concept]:
            return iter(concepts)

        path = tmp_path / f"again{export.suffix}"
        path.write_bytes(b"".join(export.write(again)))
        assert list(read_glossary(path, path.name)) == concepts


def test_what_they_say_beside_is_read(tmp_path: Path) -> None:
    def first(name: str) -> Concept:
        return next(iter(read_glossary(_written(tmp_path, name), name)))

    assert first("utf8_that_says_utf16.xml").note == "See debt, then go on"
    assert first("agrovoc.ttl").definitions == {"en": "A cereal."}
    assert first("chinese.csv").definitions == {"en": "a way", "zh": "一种"}
    assert first("objects.json").definitions == first("flags.json").definitions == {"en": "a debt"}
    assert first("phrase.tbx").terms[1].match == "exact"
    assert [term.match for term in first("memoq.csv").terms] == ["inflect", "inflect", "exact"]
    assert first("words.csv").terms[0].extra == {"status": ("New",)}
    (_, folio, _) = read_glossary(_written(tmp_path, "lokalise.csv"), "lokalise.csv")
    assert (folio.terms[0].do_not_translate, folio.terms[0].case_sensitive) == (True, True)


@pytest.mark.parametrize(
    ("text", "guess", "has_header"),
    [
        ("bond,债券\nshare,股票\n", ["term:en", "term:zh"], False),
        ("Source,Target,Owner\nbond,债券,Ann\n", ["term:en", "term:zh", "concept_extra:Owner"], True),
        ("术语,译文,禁用词\n债券,bond,公债券\n", ["term:zh", "term:en", "term:zh:forbidden"], True),
        ("原文,译文\nbond,债券\n", ["term:en", "term:zh"], True),
        ("Wort,Begriff\nbond,Anleihe\n", ["concept_extra:Wort", "concept_extra:Begriff"], True),
    ],
)
def test_columns_without_telling_names_are_proposed_by_their_script(
    tmp_path: Path, text: str, guess: list[str], has_header: bool
) -> None:
    path = tmp_path / "g.csv"
    path.write_text(text, encoding="utf-8")

    with open_table(path, sniff(path, "g.csv", Purpose.GLOSSARY), None) as table:
        assert not table.columns.are_sure
        meanings, header = propose(table, [cells for _, cells in table.rows] or [list(table.header)])

    assert ([str(each) for each in meanings], header) == (guess, has_header)


def test_what_one_row_says_wrongly_is_one_conflict_and_not_the_end_of_the_import(tmp_path: Path) -> None:
    path = tmp_path / "g.csv"
    path.write_text(
        "en,zh,status\nbond,债券,preferred\nshare,股票,houseword\n,,preferred\nloan,贷款,\n", encoding="utf-8"
    )
    plan = ImportPlan()

    admitted = [plan.admit(draft) for draft in read_drafts(path, "g.csv", Findings())]

    assert [concept is not None for concept, _ in admitted] == [True, False, False, True]
    assert [(row.code, row.line, row.error) for _, rows in admitted for row in rows] == [
        ("invalid", 3, "status_invalid"),
        ("invalid", 4, "term_invalid"),
    ]
    with pytest.raises(StatusInvalid, match="Line 3: 'houseword' is not a status"):
        list(read_glossary(path, "g.csv"))


def test_entries_without_ids_that_are_the_same_are_told(tmp_path: Path) -> None:
    path = tmp_path / "g.tbx"
    path.write_text(_WITHOUT_IDS.replace("share", "bond"), encoding="utf-8")

    with pytest.raises(ConceptDuplicate):
        list(read_glossary(path, "g.tbx"))


def _saved(folder: Path, sheets: dict[str, list[list[object]]], merged: tuple[str, ...] = ()) -> Path:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for area in merged:
            sheet.merged_cells.add(area)
    path = folder / "g.xlsx"
    book.save(path)
    return path


def test_a_header_of_two_rows_is_read_as_one(tmp_path: Path) -> None:
    rows: list[list[object]] = [["序号", "中文", None, "英文", None], [None, "术语", "定义", "术语", "定义"]]
    path = _saved(
        tmp_path, {"S": [*rows, [1, "债券", "一种证券", "bond", "a debt"]]}, ("A1:A2", "B1:C1", "D1:E1")
    )

    (concept,) = read_glossary(path, path.name)

    assert [(term.lang, term.text) for term in concept.terms] == [("zh", "债券"), ("en", "bond")]
    assert (concept.uid, concept.definitions) == ("1", {"en": "a debt", "zh": "一种证券"})


def test_what_is_not_read_of_a_workbook_is_told(tmp_path: Path) -> None:
    table: list[list[object]] = [
        ["en", "zh"],
        ["bond", "债券", None, "ask Ann"],
        [None, None, "alone"],
        ["share", "股票"],
    ]
    path = _saved(
        tmp_path, {"Read me": [["About this file"]], "Bank": table, "Insurance": [["en"], ["policy"]]}
    )
    findings = Findings()

    concepts = list(read_glossary(path, path.name, findings))

    assert [concept.terms[0].text for concept in concepts] == ["bond", "share"]
    assert (findings.sheet.outside, findings.sheet.other_sheets) == (2, ("Insurance",))


def test_merged_ranges_that_fill_billions_of_cells_are_refused(tmp_path: Path) -> None:
    rows: list[list[object]] = [["en", "note"], *([f"term {number}", "x"] for number in range(2000))]
    path = _saved(tmp_path, {"S": rows}, ("B2:XFD1048576",))

    with pytest.raises(WorkbookInvalid, match="its merged ranges fill more than 20000000 cells"):
        list(read_glossary(path, path.name))
