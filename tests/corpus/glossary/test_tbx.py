"""TBX in and out."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.errors import NestingTooDeep, XmlEntityForbidden
from corpus.glossary.errors import TbxInvalid
from corpus.glossary.formats.read import Findings
from corpus.glossary.formats.tbx import read_tbx
from corpus.glossary.formats.tbx_write import to_tbx
from corpus.glossary.formats.xml_nodes import MAX_ELEMENTS
from corpus.glossary.parse import read_glossary
from corpus.glossary.terms import Concept, MatchPolicy, Status
from tests.corpus.glossary.strategies import concepts
from tests.corpus.glossary.strategies import terms_text as uids_

DCA = """<?xml version='1.0'?>
<!-- written by hand -->
<tbx style="dca" type="TBX-Basic" xml:lang="en" xmlns="urn:iso:std:iso:30042:ed-2"><tbxHeader/><text><body>
<conceptEntry id="c1">
 <descrip type="subjectField">finance</descrip>
 <admin type="source">IFRS</admin>
 <note>First.</note><note>Second.</note>
 <transacGrp><transac type="transactionType">origination</transac></transacGrp>
 <langSec xml:lang="en">
  <descripGrp><descrip type="definition">What is   left
    after <hi>all</hi> costs.</descrip></descripGrp>
  <termSec>
   <termNote type="administrativeStatus">preferredTerm-admn-sts</termNote>
   <term>net profit</term>
   <termNote type="partOfSpeech">noun</termNote>
   <termNote type="termType">fullForm</termNote>
   <descrip type="context">Net profit rose.</descrip>
   <note>House word.</note>
  </termSec>
  <termSec><term>bottom line</term>
   <termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote>
   <termNote type="x-forbidden">true</termNote>
  </termSec>
 </langSec>
 <langSec xml:lang="zh-hans"><termSec><term>\u51c0\u5229\u6da6</term></termSec></langSec>
</conceptEntry>
</body></text></tbx>
"""

DCT = """<tbx style="dct" type="TBX-Basic" xml:lang="en" xmlns="urn:iso:std:iso:30042:ed:3.0"
 xmlns:min="http://www.tbxinfo.net/ns/min" xmlns:basic="http://www.tbxinfo.net/ns/basic"><text><body>
<conceptEntry id="c1">
 <min:subjectField>finance</min:subjectField>
 <basic:source>IFRS</basic:source>
 <note>First. Second.</note>
 <langSec xml:lang="en">
  <basic:definition>What is left after all costs.</basic:definition>
  <termSec>
   <term>net profit</term>
   <min:administrativeStatus>preferredTerm-admn-sts</min:administrativeStatus>
   <min:partOfSpeech>noun</min:partOfSpeech>
   <basic:termType>fullForm</basic:termType>
   <basic:context>Net profit rose.</basic:context>
   <note>House word.</note>
  </termSec>
  <termSec><term>bottom line</term><min:administrativeStatus>forbidden</min:administrativeStatus></termSec>
 </langSec>
 <langSec xml:lang="zh-Hans"><termSec><term>\u51c0\u5229\u6da6</term></termSec></langSec>
</conceptEntry>
</body></text></tbx>
"""

V2 = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE martif SYSTEM "TBXcoreStructV02.dtd">
<martif type="TBX" xml:lang="en"><martifHeader><fileDesc/></martifHeader><text><body>
<termEntry id="c1">
 <descripGrp><descrip type="subjectField">finance</descrip><admin type="source">IFRS</admin></descripGrp>
 <note>First. Second.</note>
 <descrip type="definition">What is left after all costs.</descrip>
 <langSet xml:lang="en">
  <ntig><termGrp><term>net profit</term>
   <termNote type="partOfSpeech">noun</termNote>
   <termNoteGrp><termNote type="termType">fullForm</termNote></termNoteGrp>
   <termNote type="normativeAuthorization">preferredTerm</termNote></termGrp>
   <descripGrp><descrip type="context">Net profit rose.</descrip></descripGrp>
   <note>House word.</note>
  </ntig>
  <tig><term>bottom line</term><termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote>
   <termNote type="x-forbidden">true</termNote></tig>
 </langSet>
 <langSet xml:lang="zh-Hans"><tig><term>\u51c0\u5229\u6da6</term></tig></langSet>
</termEntry>
</body></text></martif>
"""


def _read(folder: Path, text: str, encoding: str = "utf-8") -> tuple[list[Concept], Findings]:
    path = folder / "glossary"
    path.write_bytes(text.encode(encoding))
    findings = Findings()
    return list(read_glossary(path, "g.tbx", findings)), findings


@pytest.mark.parametrize("text", [DCA, DCT, V2], ids=["v3 dca", "v3 dct", "v2"])
def test_the_three_dialects_say_the_same(tmp_path: Path, text: str) -> None:
    (concept,), _ = _read(tmp_path, text)

    assert (concept.uid, concept.subject_field, concept.source) == ("c1", "finance", "IFRS")
    assert concept.note == "First. Second."
    assert concept.definitions == {"en": "What is left after all costs."}
    net, bottom, chinese = concept.terms
    assert (net.lang, net.text, net.status) == ("en", "net profit", Status.PREFERRED)
    assert (net.part_of_speech, net.term_type, net.note) == ("noun", "fullForm", "House word.")
    assert net.contexts == ("Net profit rose.",)
    assert (bottom.text, bottom.status) == ("bottom line", Status.FORBIDDEN)
    assert (chinese.lang, chinese.status, chinese.match) == ("zh-Hans", Status.PREFERRED, MatchPolicy.INFLECT)


def test_what_means_nothing_here_is_kept_as_it_is(tmp_path: Path) -> None:
    (concept,), findings = _read(tmp_path, DCA)

    assert concept.extra == {
        "tbx": ('<transacGrp><transac type="transactionType">origination</transac></transacGrp>',)
    }
    assert not findings.unread


def test_utf_16_is_read(tmp_path: Path) -> None:
    (concept,), _ = _read(tmp_path, "\ufeff" + V2.replace("UTF-8", "UTF-16"), "utf-16-le")

    assert concept.terms[2].text == "\u51c0\u5229\u6da6"


@pytest.mark.parametrize("style", ["dca", "dct"])
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_exported_is_imported_again(tmp_path: Path, style: str, data: st.DataObject) -> None:
    uids = data.draw(st.lists(uids_, min_size=1, max_size=3, unique=True))
    made = [data.draw(concepts(uid, rich=True)) for uid in uids]
    path = tmp_path / "out.tbx"
    path.write_text("".join(to_tbx(made, style=style)), encoding="utf-8", newline="")

    again = [draft.build() for draft in read_tbx(path, Counter())]

    assert again == made


def test_the_sample_glossary_survives_its_export(tmp_path: Path) -> None:
    made = list(read_glossary(Path("samples/finance.tbx"), "finance.tbx"))

    again, findings = _read(tmp_path, "".join(to_tbx(made)))

    assert again == made
    assert not findings.unread


@pytest.mark.parametrize("value", ["&lol;", "a"], ids=["used", "unused"])
def test_entities_are_refused_before_they_grow(tmp_path: Path, value: str) -> None:
    bomb = '<!ENTITY lol "lol">' + "".join(f'<!ENTITY lol{i} "{"&lol;" * 10}">' for i in range(9))
    text = f"<!DOCTYPE tbx [{bomb}]><tbx>{value}</tbx>"

    with pytest.raises(XmlEntityForbidden, match="declares or uses the entity 'lol'; entities are not read"):
        _read(tmp_path, text)


def test_the_predefined_entities_are_text(tmp_path: Path) -> None:
    (concept,), _ = _read(tmp_path, V2.replace("net profit", "R&amp;D &lt;&#x4e00;&gt;"))

    assert concept.terms[0].text == "R&D <\u4e00>"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<term>net profit</term>", "", "Line 9, column 3: .* a ntig has 0 term elements instead of one"),
        (' xml:lang="zh-Hans"', "", "Line 19, column 2: .* a langSet has no xml:lang"),
        ("<martif ", "<glossary ", "Line 3, column 1: .* its root is glossary, not tbx or martif"),
    ],
)
def test_what_is_not_tbx_says_where(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(TbxInvalid, match=message):
        _read(tmp_path, V2.replace(old, new))


def test_a_concept_of_any_size_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    text = V2.replace("</termEntry>", "<note/>" * MAX_ELEMENTS + "</termEntry>")

    with pytest.raises(TbxInvalid, match="a concept has more than 20000 elements"):
        _read(tmp_path, text)


def test_depth_is_limited(tmp_path: Path) -> None:
    with pytest.raises(NestingTooDeep, match="the nesting is deeper than 64"):
        _read(tmp_path, "<tbx>" + "<p>" * 64)


def test_sentences_with_links_in_them_are_definitions_and_contexts_and_come_back(tmp_path: Path) -> None:
    path = tmp_path / "g.tbx"
    path.write_text(
        '<tbx type="TBX-Basic" style="dca" xml:lang="en"><text><body><conceptEntry id="c">'
        '<descrip type="definition">See <xref target="x">this</xref>, now.</descrip><langSec xml:lang="en"><termSec>'
        '<term>bond</term><descrip type="context">A <xref target="y">bond</xref> pays.</descrip></termSec></langSec>'
        "</conceptEntry></body></text></tbx>",
        encoding="utf-8",
    )

    (concept,) = read_glossary(path, path.name)

    assert concept.definitions == {"en": "See this, now."}
    assert concept.extra == {
        "tbx": ('<descrip type="definition">See <xref target="x">this</xref>, now.</descrip>',)
    }
    assert concept.terms[0].contexts == ("A bond pays.",)
    path.write_text("".join(to_tbx([concept])), encoding="utf-8")
    assert list(read_glossary(path, path.name)) == [concept]
