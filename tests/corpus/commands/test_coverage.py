"""What a dataset has of a glossary."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from corpus.glossary.match import Matcher
from corpus.glossary.terms import Concept, Term
from corpus.records import Row
from corpus.rowfile import row_of
from tests.corpus.jobs import JobRun, run_job, stored


def _concept(uid: str, *terms: tuple[str, str, str], definition: str = "") -> Concept:
    made = (
        Term.model_validate({"lang": lang, "text": text, "status": status}) for lang, text, status in terms
    )
    return Concept(uid=uid, terms=tuple(made), definitions={"en": definition} if definition else {})


NET = _concept(
    "c-net",
    ("en", "net turnover", "preferred"),
    ("en", "sales", "forbidden"),
    ("zh-Hans", "营业收入", "preferred"),
    definition="Income from ordinary activities after rebates.",
)
BOND = _concept("c-bond", ("en", "bond", "preferred"))
TIE = _concept("c-tie", ("en", "bond", "preferred"), ("en", "tie", "admitted"))
KIMONO = _concept("c-kimono", ("zh-Hans", "和服", "preferred"))
UNSEEN = _concept("c-unseen", ("en", "amortised cost", "preferred"))
CONCEPTS = [NET, BOND, TIE, KIMONO, UNSEEN]


def _chat(question: str, answer: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}


def _lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _covered(folder: Path, concepts: list[Concept], **splits: list[dict[str, Any]]) -> JobRun:
    refs = [{"name": name, "rows": stored(folder, name, _lines(rows))} for name, rows in splits.items()]
    lines = "".join(concept.model_dump_json() + "\n" for concept in concepts).encode()
    return run_job(folder, "coverage", concepts=("c.jsonl", lines), splits=refs)


def _by_concept(run: JobRun, split: str = "train") -> dict[str, dict[str, int]]:
    return {line["concept"]: line["splits"][split] for line in run.rows("concepts.jsonl")}


@pytest.mark.parametrize(
    ("question", "answer", "concept", "counts"),
    [
        ("How was it?", "Net turnover rose.", "c-net", {"answer": 1, "right": 1}),
        ("How was it?", "Sales rose.", "c-net", {"answer": 1, "wrong": 1}),
        ("How were sales?", "Good.", "c-net", {"prompt": 1, "missing": 1}),
        ("How were sales?", "Net turnover was good.", "c-net", {"prompt": 1, "answer": 1, "right": 1}),
        ("How were sales?", "营业收入上升。", "c-net", {"prompt": 1, "answer": 1, "right": 1}),
        ("What is income from ordinary activities after rebates?", "Gains.", "c-net", {"missing": 1}),
        ("And?", "A bond.", "c-bond", {"ambiguous": 1}),
        ("And?", "A tie.", "c-tie", {"answer": 1, "right": 1}),
        ("A tie?", "A bond.", "c-tie", {"prompt": 1, "ambiguous": 1}),
        ("如何？", "商品和服务都很好。", "c-kimono", {"uncertain": 1}),
        ("如何？", "她穿着和服。", "c-kimono", {"answer": 1, "right": 1}),
    ],
)
def test_a_row_counts_where_it_belongs(
    tmp_path: Path, question: str, answer: str, concept: str, counts: dict[str, int]
) -> None:
    run = _covered(tmp_path, CONCEPTS, train=[_chat(question, answer)])

    found = _by_concept(run)[concept]

    occurrences = counts.get("prompt", 0) + counts.get("answer", 0)
    assert {k: n for k, n in found.items() if n} == counts | (
        {"occurrences": occurrences} if occurrences else {}
    )


def test_the_summary_has_bars_splits_and_the_curve(tmp_path: Path) -> None:
    rows = [_chat("Hm?", "Nothing."), *(_chat(f"{i}?", "Net turnover, net turnover.") for i in range(10))]

    run = _covered(tmp_path, CONCEPTS, train=rows, validation=[_chat("A tie?", "A tie.")])
    summary = run.json("summary.json")

    assert run.exit_code == 0
    assert summary["splits"]["train"]["bars"] == {"0": 4, "1": 0, "5": 0, "20": 1}
    assert summary["splits"]["validation"]["bars"] == {"0": 4, "1": 1, "5": 0, "20": 0}
    assert summary["all"]["bars"] == {"0": 3, "1": 1, "5": 0, "20": 1}
    assert summary["splits"]["train"]["curve"] == [[0, 0], [2, 1], [11, 1]]
    assert summary["all"]["rows"] == 12


def test_a_wrong_term_says_what_to_write_instead(tmp_path: Path) -> None:
    run = _covered(tmp_path, CONCEPTS, train=[_chat("How?", "Sales rose, sales fell.")])

    (line,) = (line for line in run.rows("concepts.jsonl") if line["concept"] == "c-net")

    assert line["wrong_terms"] == [{"lang": "en", "text": "sales", "count": 2, "instead": "net turnover"}]


def test_each_number_leads_to_its_rows(tmp_path: Path) -> None:
    rows = [_chat("一？", "没有。"), _chat("二？", "Sales rose."), _chat("三？", "Net turnover, sales.")]
    data = _lines(rows)

    run = _covered(tmp_path, CONCEPTS, train=rows)
    index = {(line["concept"], line["kind"]): line for line in run.rows("index.jsonl")}

    wrong = index["c-net", "wrong"]
    assert wrong["rows"] == 2
    assert [number for number, _ in wrong["places"]] == [2, 3]
    assert [json.loads(data[offset:].split(b"\n")[0]) for _, offset in wrong["places"]] == rows[1:]


def test_more_rows_than_are_kept_are_counted_all_the_same(tmp_path: Path) -> None:
    run = _covered(tmp_path, [NET], train=[_chat(f"{i}?", "Sales.") for i in range(230)])

    (wrong,) = (line for line in run.rows("index.jsonl") if line["kind"] == "wrong")

    assert wrong["rows"] == 230
    assert len(wrong["places"]) == 200


def test_rows_of_all_shapes_are_read(tmp_path: Path) -> None:
    rows = [
        {"text": "Net turnover rose."},
        {"source": "Sales rose.", "target": "营业收入上升。", "source_lang": "en", "target_lang": "zh"},
        {"prompt": [{"role": "user", "content": "Hm?"}], "completion": "Sales.", "label": False},
    ]

    counts = _by_concept(_covered(tmp_path, CONCEPTS, train=rows))["c-net"]

    assert counts["occurrences"] == 4
    assert counts["wrong"] == 1


def test_counts_are_those_of_reading_row_by_row(tmp_path: Path) -> None:
    rng = random.Random(3)
    words = ["net turnover", "sales", "tie", "nothing", "the", "营业收入", "资产"]
    rows = [_chat(" ".join(rng.choices(words, k=4)), " ".join(rng.choices(words, k=4))) for _ in range(300)]

    counts = _by_concept(_covered(tmp_path, [NET], train=rows))["c-net"]

    matcher = Matcher([NET])
    parts: list[Row] = [row_of(row) for row in rows]
    in_answers = [matcher.find(row.answer_texts()[0]) for row in parts]
    in_prompts = [matcher.find(row.prompt_texts()[0]) for row in parts]
    assert counts["occurrences"] == sum(map(len, in_answers)) + sum(map(len, in_prompts))
    assert counts["right"] == sum(any(hit.status.is_allowed for hit in hits) for hits in in_answers)
    assert counts["missing"] == sum(
        bool(asked) and not any(hit.status.is_allowed for hit in given)
        for asked, given in zip(in_prompts, in_answers, strict=True)
    )
