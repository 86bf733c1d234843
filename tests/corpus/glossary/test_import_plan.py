"""What an import would do: changes field by field, and every kind of conflict with each of its choices."""

from pathlib import Path
from typing import Any

import pytest

from protocol.jobs import ExitCode
from tests.corpus.jobs import JobRun, run_job

HEADER = "concept,lang,term,status,definition,broader\n"
BASE = HEADER + "c1,en,ledger,preferred,A book.,\nc2,en,audit,preferred,,\nc3,en,asset,preferred,,\n"


def plan(folder: Path, text: str, base: str = "") -> JobRun:
    """The plan of a table against a base."""
    spec: dict[str, Any] = {"file": ("g.csv", text.encode()), "mode": "plan"}
    if base:
        made = run_job(folder, "prepare_glossary", file=("base.csv", base.encode()))
        spec["base"] = ("concepts.jsonl", (made.workdir / "output" / "concepts.jsonl").read_bytes())
    return run_job(folder, "prepare_glossary", **spec)


def accept(
    folder: Path, planned: JobRun, base: str = "", *, rules: dict[str, str] | None = None, **spec: Any
) -> JobRun:
    """The version that the plan becomes with these choices."""
    for name in ("concepts", "conflicts"):
        spec[name] = (f"{name}.jsonl", (planned.workdir / "output" / f"{name}.jsonl").read_bytes())
    if base:
        made = run_job(folder, "prepare_glossary", file=("base.csv", base.encode()))
        spec["base"] = ("concepts.jsonl", (made.workdir / "output" / "concepts.jsonl").read_bytes())
    return run_job(folder, "apply_import", rules=rules or {}, **spec)


def terms(job: JobRun) -> dict[str, list[tuple[str, str, str]]]:
    """Concept -> its terms."""
    return {
        row["uid"]: [(t["lang"], t["text"], t["status"]) for t in row["terms"]]
        for row in job.rows("concepts.jsonl")
    }


def test_a_plan_counts_and_shows_each_field_that_changes(tmp_path: Path) -> None:
    text = (
        HEADER
        + "c1,en,ledger,preferred,A bound book.,\nc1,en,book,admitted,,\nc2,en,audit,preferred,,\nc4,en,tax,,,\n"
    )

    job = plan(tmp_path, text, BASE)

    assert job.exit_code == ExitCode.OK
    counts = job.json("stats.json")["plan"]
    assert {name: counts[name] for name in ("new", "changed", "unchanged", "missing", "conflicts")} == {
        "new": 1,
        "changed": 1,
        "unchanged": 1,
        "missing": 1,
        "conflicts": 0,
    }
    rows = {row["uid"]: row for row in job.rows("changes.jsonl")}
    assert {uid: row["kind"] for uid, row in rows.items()} == {"c1": "changed", "c4": "new", "c3": "missing"}
    changed = {(f["kind"], f["term"]): (f["before"], f["after"]) for f in rows["c1"]["fields"]}
    assert changed["definition_changed", ""] == ("A book.", "A bound book.")
    assert ("term_added", "book") in changed


def test_what_the_file_lacks_is_kept_or_removed(tmp_path: Path) -> None:
    planned = plan(tmp_path, HEADER + "c4,en,tax,,,\n", BASE)

    assert list(terms(accept(tmp_path, planned, BASE, missing="keep"))) == ["c4", "c1", "c2", "c3"]
    assert list(terms(accept(tmp_path, planned, BASE, missing="remove"))) == ["c4"]


#: Conflict -> rows of the file, the choice, and what the concepts are with it.
SETTLED = [
    ("preferred_twice", "c1,en,a,preferred\nc1,en,b,preferred\n", "2", {"c1": ["a admitted", "b preferred"]}),
    ("form_twice", "c1,en,a,preferred\nc1,en,A,forbidden\n", "1", {"c1": ["a preferred"]}),
    ("form_twice", "c1,en,a,preferred\nc1,en,A,forbidden\n", "2", {"c1": ["A forbidden"]}),
    (
        "preferred_forbidden",
        "c1,en,a,preferred\nc2,en,b,preferred\nc2,en,a,forbidden\n",
        "unforbid",
        {"c1": ["a preferred"], "c2": ["b preferred", "a deprecated"]},
    ),
    (
        "preferred_forbidden",
        "c1,en,a,preferred\nc2,en,b,preferred\nc2,en,a,forbidden\n",
        "unprefer",
        None,
    ),
    (
        "preferred_forbidden",
        "c1,en,a,preferred\nc2,en,b,preferred\nc2,en,a,forbidden\n",
        "leave_out",
        {"c1": ["a preferred"], "c2": ["b preferred"]},
    ),
    (
        "fold_duplicate",
        "c1,en,cash flow,preferred\nc1,en,cash-flow,admitted\n",
        "1",
        {"c1": ["cash flow preferred"]},
    ),
    (
        "fold_duplicate",
        "c1,en,cash flow,preferred\nc1,en,cash-flow,admitted\n",
        "both",
        {"c1": ["cash flow preferred", "cash-flow admitted"]},
    ),
    (
        "script_pair",
        "c1,zh,净利润,preferred\nc1,zh,淨利潤,admitted\n",
        "retag",
        {"c1": ["净利润 preferred", "淨利潤 admitted zh-Hant"]},
    ),
    ("script_pair", "c1,zh,净利润,preferred\nc1,zh,淨利潤,admitted\n", "1", {"c1": ["净利润 preferred"]}),
    (
        "invalid",
        "c1,en,a,preferred\nc2,en," + "b" * 300 + ",preferred\n",
        "leave_out",
        {"c1": ["a preferred"]},
    ),
]


@pytest.mark.parametrize(("code", "rows", "choice", "expected"), SETTLED, ids=lambda value: str(value)[:20])
def test_a_choice_settles_its_conflict(
    tmp_path: Path, code: str, rows: str, choice: str, expected: dict[str, list[str]] | None
) -> None:
    planned = plan(tmp_path, "concept,lang,term,status\n" + rows)

    (conflict,) = planned.rows("conflicts.jsonl")
    assert conflict["code"] == code
    assert conflict["line"] >= 2
    assert choice in conflict["choices"]
    settled = accept(tmp_path, planned, choices={conflict["id"]: choice})
    by_rule = accept(tmp_path, planned, rules={code: choice})
    assert settled.exit_code == by_rule.exit_code == ExitCode.OK
    shown = {
        uid: [f"{text} {status}" + (f" {lang}" if lang == "zh-Hant" else "") for lang, text, status in some]
        for uid, some in terms(settled).items()
    }
    assert shown == (expected or {"c1": ["a admitted"], "c2": ["b preferred", "a forbidden"]})
    assert terms(by_rule) == terms(settled)


@pytest.mark.parametrize(
    ("choice", "uids"),
    [("first", ["c1"]), ("last", ["c1"]), ("rename", ["c1", "c1-2"]), ("join", ["c1"])],
)
def test_a_concept_that_comes_twice_is_settled(tmp_path: Path, choice: str, uids: list[str]) -> None:
    planned = run_job(
        tmp_path,
        "prepare_glossary",
        file=("g.csv", b"id,en,de\nc1,ledger,\nc1,book,Buch\n"),
        mode="plan",
    )

    (conflict,) = planned.rows("conflicts.jsonl")
    assert (conflict["code"], conflict["choices"]) == ("concept_twice", ["join", "first", "last", "rename"])
    settled = terms(accept(tmp_path, planned, rules={"concept_twice": choice}))
    assert sorted(settled) == uids
    if choice == "join":
        assert settled["c1"] == [
            ("en", "ledger", "preferred"),
            ("en", "book", "admitted"),
            ("de", "Buch", "preferred"),
        ]


def test_a_circle_of_wider_concepts_is_cut_where_somebody_says(tmp_path: Path) -> None:
    text = HEADER + "c1,en,a,,,c2\nc2,en,b,,,c3\nc3,en,c,,,c1\n"
    planned = plan(tmp_path, text)

    (conflict,) = planned.rows("conflicts.jsonl")
    assert conflict["code"] == "broader_cycle"
    assert [(p["concept"], p["text"]) for p in conflict["parties"]] == [
        ("c1", "c2"),
        ("c2", "c3"),
        ("c3", "c1"),
    ]
    settled = accept(tmp_path, planned, choices={conflict["id"]: "2"})
    assert {row["uid"]: row["broader"] for row in settled.rows("concepts.jsonl")} == {
        "c1": ["c2"],
        "c2": [],
        "c3": ["c1"],
    }


def test_a_homonym_is_a_notice(tmp_path: Path) -> None:
    planned = plan(tmp_path, "concept,lang,term\nc1,en,bank\nc2,en,bank\n")

    counts = planned.json("stats.json")["plan"]
    assert (counts["conflicts"], counts["blocking"], counts["notices"]) == (0, 0, 1)
    assert accept(tmp_path, planned).exit_code == ExitCode.OK


def test_what_only_the_base_has_conflicts_where_it_is_kept(tmp_path: Path) -> None:
    planned = plan(tmp_path, HEADER + "c9,en,book of accounts,,,\nc9,en,ledger,forbidden,,\n", BASE)

    (conflict,) = planned.rows("conflicts.jsonl")
    assert conflict["code"] == "preferred_forbidden"
    assert {party["concept"]: party["row"] for party in conflict["parties"]} == {"c1": None, "c9": 0}
    settled = accept(tmp_path, planned, BASE, rules={"preferred_forbidden": "unprefer"})
    assert terms(settled)["c1"] == [("en", "ledger", "admitted")]


def test_nothing_is_made_while_a_conflict_is_undecided(tmp_path: Path) -> None:
    planned = plan(tmp_path, HEADER + "c1,en,a,preferred,,\nc1,en,b,preferred,,\n")

    job = accept(tmp_path, planned, choices={"another": "1"})

    assert job.exit_code == ExitCode.FAILED
    assert (job.events[-1]["code"], job.events[-1]["data"]["code"]) == ("import_undecided", "preferred_twice")
    assert job.left == []


def test_the_choices_of_one_concept_work_together(tmp_path: Path) -> None:
    text = HEADER + "c1,en,b,preferred,,\nc1,en,a,admitted,,\nc1,en,A,preferred,,\n"
    planned = plan(tmp_path, text)

    job = accept(tmp_path, planned, rules={"form_twice": "1", "preferred_twice": "2"})

    assert job.exit_code == ExitCode.OK
    assert terms(job)["c1"] == [("en", "b", "admitted"), ("en", "a", "admitted")]


def test_a_choice_that_makes_a_new_conflict_is_refused(tmp_path: Path) -> None:
    planned = run_job(
        tmp_path, "prepare_glossary", file=("g.csv", b"id,en\nc1,a\nc1,b\nc1-2,c\n"), mode="plan"
    )

    job = accept(tmp_path, planned, rules={"concept_twice": "rename"})

    assert (job.events[-1]["code"], job.events[-1]["data"]["concept"]) == ("import_undecided", "c1-2")


def test_a_table_nobody_can_guess_asks_for_a_mapping(tmp_path: Path) -> None:
    file = ("g.csv", "Begriff,Wort\ncash flow,现金流\n".encode())

    job = run_job(tmp_path, "prepare_glossary", file=file, mode="plan")
    mapped = run_job(
        tmp_path,
        "prepare_glossary",
        file=file,
        mode="plan",
        mapping={"columns": {"Begriff": "term:en", "#2": "term:zh-Hans"}},
    )

    assert job.json("table.json") == {
        "sheet": None,
        "sheets": [],
        "has_header": True,
        "header": ["Begriff", "Wort"],
        "guess": ["term:en", "term:zh"],
        "rows": [["cash flow", "现金流"]],
    }
    assert [t[1] for t in next(iter(terms(mapped).values()))] == ["cash flow", "现金流"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"Nichts": "term:en"}, "the table has no column 'Nichts'"),
        ({"Begriff": "terms:en"}, "'terms:en' is not a meaning"),
        ({"Begriff": "term:??"}, "'term:\\?\\?' is not a meaning: is not a language tag"),
        ({"Begriff": "note"}, "no column is a term with its language"),
    ],
)
def test_a_mapping_that_does_not_fit_says_why(tmp_path: Path, columns: dict[str, str], message: str) -> None:
    job = run_job(
        tmp_path,
        "prepare_glossary",
        file=("g.csv", b"Begriff,Wort\na,b\n"),
        mode="plan",
        mapping={"columns": columns},
    )

    assert job.events[-1]["code"] == "mapping_invalid"
    assert message.replace("\\", "") in job.events[-1]["message"]
