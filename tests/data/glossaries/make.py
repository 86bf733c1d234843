"""Writes the glossary files that cannot be written by hand as text: encodings, workbooks, RDF by another program.

`python tests/data/glossaries/make.py` writes them anew beside itself. All words are the project's own.
"""

from pathlib import Path

HERE = Path(__file__).parent

CSV_ZH = "术语,语言,状态,定义,备注\n净利润,zh-Hans,首选,扣除全部费用后的剩余。,财务部用语\n纯利,zh-Hans,禁用,,口语\nnet profit,en,preferred,What is left after all costs.,\n"
TABLE = [
    ["Concept ID", "English", "Chinese (Simplified)", "Definition", "Subject Field", "Owner"],
    ["A-1", "ledger", "账簿", "The book in which accounts are kept.", "accounting", "Ann"],
    ["A-2", "accrual; accrued item", "应计项目", "What is owed and not yet billed.", "accounting", "Bo"],
]
TMX = """<?xml version="1.0" encoding="UTF-16"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header creationtool="hand" segtype="sentence" srclang="en" datatype="plaintext" o-tmf="x" adminlang="en"/>
<body>
<tu tuid="t1"><prop type="x-domain">banking</prop><tuv xml:lang="en-US"><seg>credit line</seg></tuv><tuv xml:lang="zh-CN"><seg>授信额度</seg></tuv></tu>
<tu><tuv xml:lang="en-US"><seg>The <bpt i="1">&lt;b&gt;</bpt>credit line<ept i="1">&lt;/b&gt;</ept> was raised in spring.</seg></tuv><tuv xml:lang="zh-CN"><seg>春季提高了授信额度。</seg></tuv></tu>
</body></tmx>
"""


def main() -> None:
    """Write all files."""
    (HERE / "gb18030.csv").write_bytes(CSV_ZH.encode("gb18030"))
    (HERE / "utf16_excel.txt").write_bytes(CSV_ZH.replace(",", "\t").encode("utf-16"))
    (HERE / "utf16_without_mark.csv").write_bytes(CSV_ZH.encode("utf-16-le"))
    (HERE / "utf8_mark_semicolons.csv").write_bytes(b"\xef\xbb\xbf" + CSV_ZH.replace(",", ";").encode())
    (HERE / "memory_utf16.tmx").write_bytes(TMX.encode("utf-16"))
    write_openpyxl()
    write_xlsxwriter()
    write_rdflib()


def write_openpyxl() -> None:
    """A workbook with a title above the header, merged cells, a number, a formula and a sheet of notes."""
    from openpyxl import Workbook

    book = Workbook()
    notes = book.active
    notes.title = "Read me"
    notes.append(["This sheet is not a glossary."])
    sheet = book.create_sheet("Terms")
    sheet.append(["House glossary"])
    sheet.merge_cells("A1:F1")
    sheet.append(["ID", "Term", "Language", "Status", "Domain", "Year"])
    for row in (
        ["B-1", "bill of lading", "en", "preferred", "shipping", 2020],
        [None, "waybill", "en", "admitted", None, 2021],
        [None, "提单", "zh-Hans", "preferred", None, "=1+1"],
        ["B-2", "demurrage", "en", "preferred", "shipping", 1.5],
    ):
        sheet.append(row)
    for area in ("A3:A5", "E3:E5"):
        sheet.merge_cells(area)
    book.save(HERE / "openpyxl_merged.xlsx")


def write_xlsxwriter() -> None:
    """A workbook as xlsxwriter writes it: shared strings, rich text, a formula with a value."""
    import xlsxwriter

    book = xlsxwriter.Workbook(HERE / "xlsxwriter_wide.xlsx")
    sheet = book.add_worksheet("Glossary")
    bold = book.add_format({"bold": True})
    for number, row in enumerate(TABLE):
        for place, cell in enumerate(row):
            sheet.write_string(number, place, cell)
    sheet.write_rich_string(3, 1, "write", bold, "-off")
    sheet.write_string(3, 0, "A-3")
    sheet.write_string(3, 2, "核销")
    sheet.write_formula(3, 5, '="C"&"y"', None, "Cy")
    book.close()


def write_rdflib() -> None:
    """SKOS by rdflib: the same graph as Turtle and as RDF/XML."""
    from rdflib import Graph, Literal, Namespace
    from rdflib.namespace import DCTERMS, RDF, SKOS

    graph = Graph()
    house = Namespace("https://words.example/concept/")
    graph.bind("skos", SKOS)
    graph.bind("house", house)
    scheme = house["all"]
    graph.add((scheme, RDF.type, SKOS.ConceptScheme))
    graph.add((scheme, SKOS.prefLabel, Literal("All words", lang="en")))
    for name, english, other, chinese in (
        ("vessel", "vessel", "craft", "船舶"),
        ("tanker", "tanker", "tank ship", "油轮"),
    ):
        node = house[name]
        graph.add((node, RDF.type, SKOS.Concept))
        graph.add((node, SKOS.prefLabel, Literal(english, lang="en")))
        graph.add((node, SKOS.altLabel, Literal(other, lang="en")))
        graph.add((node, SKOS.prefLabel, Literal(chinese, lang="zh-hans")))
        graph.add((node, SKOS.inScheme, scheme))
    graph.add((house["tanker"], SKOS.broader, house["vessel"]))
    graph.add((house["tanker"], SKOS.hiddenLabel, Literal("tancker", lang="en")))
    graph.add((house["vessel"], SKOS.definition, Literal('What floats, and "carries".', lang="en")))
    graph.add((house["vessel"], SKOS.scopeNote, Literal("Ships and boats.", lang="en")))
    graph.add((house["vessel"], DCTERMS.created, Literal("2026-01-02")))
    graph.serialize(HERE / "rdflib.ttl", format="turtle")
    graph.serialize(HERE / "rdflib.rdf", format="pretty-xml")
    graph.serialize(HERE / "rdflib_flat.rdf", format="xml")


if __name__ == "__main__":
    main()
