"""A page of faults in Chinese has no English sentence left, whatever is wrong with the file."""

import json
import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils.html import strip_tags
from django.utils.translation import override

from corpus import fixes as corpus_fixes
from corpus.errors import CorpusError
from corpus.glossary.check import Fault
from corpus.glossary.formats.read import Findings
from corpus.glossary.parse import read_glossary
from studio.accounts.models import User
from studio.dashboard.next_steps import NEXT_STEPS
from studio.dashboard.templatetags.studio import next_step, refusal
from studio.datasets.models import StoredFile
from studio.intake.models import Validation
from studio.projects.models import Project
from studio.wording.faults import FAULTS
from tests import factories
from tests.corpus.jobs import run_job

#: Three words of small letters behind one another; names of files, fields and codes stand alone.
ENGLISH = re.compile(r"\b[A-Za-z']{2,}[ ,;:]+[a-z']+[ ,;:]+[a-z']{2,}\b")
USER = '{"role": "user", "content": "a"}'
ANSWER = '{"role": "assistant", "content": "b"}'
GOOD = f'{{"messages": [{USER}, {ANSWER}]}}'
ROWS = {
    "broken.jsonl": f'{GOOD}\n{{"messages": [\n{GOOD}\n'.encode(),
    "twice.jsonl": f'{GOOD}\n{{"messages": [{USER}], "messages": []}}\n'.encode(),
    "role.jsonl": f'{GOOD}\n{{"messages": [{{"role": "human", "content": "a"}}, {ANSWER}]}}\n'.encode(),
    "number.jsonl": f'{GOOD}\n{{"messages": [{{"role": "user", "content": 7}}, {ANSWER}]}}\n7\n'.encode(),
    "silent.jsonl": f'{GOOD}\n{{"messages": [{USER}]}}\n{{"messages": [{USER}, {ANSWER}, {USER}]}}\n'.encode(),
    "weight.jsonl": f'{GOOD}\n{{"messages": [{USER}, {{"role": "assistant", "content": "b", "weight": 0}}]}}\n'.encode(),
    "tool.jsonl": f'{GOOD}\n{{"messages": [{USER}, {{"role": "tool", "content": "b", "tool_call_id": "q"}}, {ANSWER}]}}\n'.encode(),
    "latin.jsonl": f"{GOOD}\n".encode() + '{"prompt": "Gr\xfc\xdfe", "completion": "b"}\n'.encode("latin-1"),
    "nul.jsonl": f'{GOOD}\n{{"prompt": "a\\u0000", "completion": "b"}}\n'.encode(),
    "mixed.jsonl": f'{GOOD}\n{GOOD}\n{GOOD}\n{{"prompt": "a", "completion": "b"}}\n{{"text": "c"}}\n{{"x": 1}}\n'.encode(),
    "ragged.csv": b"prompt,completion\na,b\nc\n",
    "quote.csv": b'prompt,completion\na,b\nc,"d\n',
    "twice.csv": b"prompt,prompt\na,b\n",
}  # fmt: skip
GLOSSARIES = {
    "encoding.csv": "term,lang\nGr\xfc\xdfe,de\n".encode("latin-1"),
    "column.csv": b"term,status\nnet profit,preferred\n",
    "status.csv": b"term,lang,status\nnet profit,en,fine\n",
    "language.csv": b"term,lang\nnet profit,!!\n",
    "preferred.csv": b"id,term,lang,status\nc1,net profit,en,preferred\nc1,profit,en,preferred\n",
    "forbidden.csv": b"id,term,lang,status\nc1,net profit,en,preferred\nc2,net profit,en,forbidden\n",
    "twice.csv": b"id,term,lang,status\nc1,net profit,en,preferred\nc1,net profit,en,forbidden\n",
    "hidden.csv": "id,term,lang\nc1,net\u202eprofit,en\n".encode(),
    "long.csv": f"id,term,lang\nc1,{'n' * 300},en\n".encode(),
    "empty.tbx": b'<tbx type="TBX-Basic" xml:lang="en"><text><body/></text></tbx>',
    "cut.tbx": b'<tbx type="TBX-Basic" xml:lang="en"><text><body>',
    "other.tbx": b"<html><body/></html>",
    "entity.tbx": b'<!DOCTYPE x [<!ENTITY a "b">]><tbx><text><body>&a;</body></text></tbx>',
    "no.tbx": b"term,lang\n",
    "broken.json": b'{"concepts": [',
}


def english_in(page: str) -> list[str]:
    """English sentences of the page's main part; what the user wrote stands in `code`, links and the heading."""
    main = page.split('id="check"')[-1] if 'id="check"' in page else page.split("<main")[-1]
    shown = re.sub(r"<code.*?</code>|<script.*?</script>|<dialog.*?</dialog>", " ", main, flags=re.DOTALL)
    return ENGLISH.findall(strip_tags(shown))


def chinese(client: Client, user: User) -> Client:
    client.force_login(user)
    client.post("/language", {"language": "zh-hans", "next": "/"})
    return client


@pytest.mark.parametrize("filename", ROWS)
def test_what_is_wrong_with_rows_is_told_in_chinese(
    client: Client, bob: User, project: Project, tmp_path: Path, filename: str
) -> None:
    job = run_job(tmp_path, "validate_dataset", file=(filename, ROWS[filename]))
    found = job.rows("problems.jsonl")
    stored = factories.stored_file(project, filename=filename)
    check = Validation.objects.create(file=stored, rows=1, bad_rows=1, n_problems=len(found), problems=found)

    page = chinese(client, bob).get(f"/p/{project.slug}/files/{check.file_id}/problems").content.decode()

    assert found
    assert english_in(page) == []


@pytest.mark.parametrize("filename", GLOSSARIES)
def test_what_is_wrong_with_a_glossary_is_told_in_chinese(
    client: Client, bob: User, project: Project, tmp_path: Path, filename: str
) -> None:
    path = tmp_path / "glossary"
    path.write_bytes(GLOSSARIES[filename])
    with pytest.raises(CorpusError) as raised:
        list(read_glossary(path, filename, Findings()))
    problem = json.loads(json.dumps(raised.value.as_dict(), default=str))
    factories.stored_file(
        project, filename=filename, purpose="glossary", status=StoredFile.Status.ERROR, problem=problem
    )
    reader = chinese(client, bob)

    pages = [reader.get(f"/p/{project.slug}/{where}").content.decode() for where in ("glossaries", "")]

    for page in pages:
        told = re.findall(
            r'<div class="notice" data-kind="error">.*?</div>|<p class="small break">.*?</p>', page, re.DOTALL
        )
        assert told
        assert english_in("<main" + "".join(told)) == []


def test_every_fault_of_a_made_row_has_words() -> None:
    assert {fault.value for fault in Fault} == set(FAULTS)


def test_why_rows_were_refused_is_told_in_chinese() -> None:
    with override("zh-hans"):
        said = [
            refusal("definition_to_term: number_changed"),
            refusal("use_term: answer lacks the preferred term"),
        ]

    assert said == ["由定义到术语：数字被改动", "含术语的句子：回答缺少首选术语"]


@pytest.mark.parametrize("code", sorted({*corpus_fixes.FIXES, *NEXT_STEPS}))
def test_what_to_do_is_told_in_chinese(code: str) -> None:
    with override("zh-hans"):
        assert re.search(r"[\u4e00-\u9fff]", next_step(code))


def test_no_page_says_an_error_as_it_is_stored() -> None:
    pages = [*Path("templates").rglob("*.html"), *Path("studio").rglob("*views.py")]
    plain = re.compile(r"\b(error|problem|refused|fault)\.message\b|, str\(error\)\)")

    found = [
        str(page) for page in pages if "gateway" not in page.parts and plain.search(page.read_text("utf-8"))
    ]

    assert found == []
