"""The second planted set (strangers.py): what its first look at the held-out half found stands in docs/log.md."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from corpus.cleaning.personal import Found, PersonalKind, personal_data_of_row
from corpus.cleaning.registry import make_step
from corpus.cleaning.step import Change, Drop, Finding, RowStep
from corpus.rowfile import row_of
from protocol.specs.datasets import CleaningStep
from tests.corpus.cleaning import strangers
from tests.corpus.cleaning.strangers import Case
from tests.corpus.jobs import run_job

HALVES = tuple(strangers.HALVES)
ENOUGH = 0.95


def looked(step: str, case: Case) -> Finding | None:
    made = make_step(CleaningStep(name=step))
    assert isinstance(made, RowStep)
    return made.look(row_of(case.as_row()))


def innocent_rows(half: str) -> list[Case]:
    return strangers.clean(half) + strangers.mild(half) + strangers.innocent(half)


def judge(step: str, half: str, planted: list[Case], innocent: list[Case]) -> None:
    """Recall and precision of a step are enough."""
    missed = [case.answer for case in planted if looked(step, case) is None]
    wrong = [case.answer for case in innocent if looked(step, case) is not None]
    hit = len(planted) - len(missed)
    print(
        f"{step}, {half}: recall {hit}/{len(planted)}, wrong {len(wrong)} of {len(innocent)}", missed, wrong
    )
    assert hit >= ENOUGH * len(planted)
    assert hit >= ENOUGH * (hit + len(wrong))


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("step", ["language", "quality", "toxicity"])
def test_rows_of_no_use_are_found_and_others_stay(step: str, half: str) -> None:
    planted = {"language": strangers.foreign, "quality": strangers.bad, "toxicity": strangers.toxic}[step](
        half
    )
    judge(step, half, planted, innocent_rows(half))


@pytest.mark.parametrize("half", HALVES)
def test_misread_characters_are_found_and_what_is_repaired_is_right(half: str) -> None:
    planted = [case for case in strangers.mojibake(half) if case.answer != case.right]
    judge("unicode", half, planted, innocent_rows(half))

    wrong = []
    for case in planted:
        finding = looked("unicode", case)
        if isinstance(finding, Change) and not _is_right(finding.texts[-1], case.right):
            wrong.append((finding.texts[-1], case.right))
    assert len(wrong) <= (1 - ENOUGH) * len(planted), wrong


def _is_right(text: str, right: str) -> bool:
    """Equal but for a sign that the old character set does not have, which the planting left out."""
    return text.replace("\xa0", " ") == right or (len(right) - len(text) <= 3 and set(text) <= set(right))


@pytest.mark.parametrize("half", HALVES)
def test_pages_become_plain_text(half: str) -> None:
    planted = strangers.markup(half)
    judge("markup", half, planted, innocent_rows(half))

    for case in planted:
        finding = looked("markup", case)
        if isinstance(finding, Change):
            assert not re.search(r"</?(?:p|div|span|li|td|script|nav|footer|b)\b", finding.texts[-1], re.I)
            assert "".join(case.right.split())[:20] in "".join(finding.texts[-1].split())


@pytest.mark.parametrize("half", HALVES)
def test_personal_data_is_found_whole_and_nothing_else(half: str) -> None:
    n, missed, wrong = 0, list[str](), list[str]()
    for case in strangers.personal(half) + innocent_rows(half):
        text = case.answer
        found = personal_data_of_row((text,), frozenset(PersonalKind))[0]
        for kind, start, end in case.spans:
            n += 1
            if not _covered(found, text, start, end):
                missed.append(f"{kind} {text[start:end]}")
        allowed = {at for _, start, end in case.spans for at in range(start, end)}
        for one in found:
            if any(at not in allowed and text[at].isalnum() for at in range(one.start, one.end)):
                wrong.append(f"{one.kind} {text[one.start : one.end]}")

    print(f"personal_data, {half}: recall {n - len(missed)}/{n}, wrong {len(wrong)}", missed, wrong)
    assert n - len(missed) >= ENOUGH * n
    assert n - len(missed) >= ENOUGH * (n - len(missed) + len(wrong))


def _covered(found: list[Found], text: str, start: int, end: int) -> bool:
    covered = {at for one in found for at in range(one.start, one.end)}
    return all(at in covered for at in range(start, end) if text[at].isalnum())


def edited(folder: Path, rows: list[dict[str, Any]], step: str, **spec: Any) -> dict[int, dict[str, Any]]:
    """Place -> what the step did there."""
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    ran = run_job(folder, "clean_dataset", train=("rows.jsonl", data), steps=[{"name": step}], **spec)
    assert ran.exit_code == 0, ran.of_type("failed")
    return {entry["row"] - 1: entry["edits"][0] for entry in ran.rows("edits.jsonl")}


@pytest.mark.parametrize("half", HALVES)
def test_rows_with_little_changed_are_one_and_those_of_one_form_are_not(half: str, tmp_path: Path) -> None:
    near, distinct = list(strangers.near_pairs(half)), list(strangers.distinct_pairs(half))
    others = [case for case in strangers.clean(half) if not any(case.answer in a.answer for a, _ in near)]
    rows = [case.as_row() for pair in near + distinct for case in pair] + [c.as_row() for c in others]

    edits = edited(tmp_path, rows, "near_duplicates")

    dropped = {place for place, edit in edits.items() if edit["action"] == "drop"}
    pairs = {2 * i for i in range(len(near))}
    hit = sum(bool({i, i + 1} & dropped) for i in pairs)
    wrong = [rows[place]["messages"][1]["content"] for place in dropped if place >= 2 * len(near)]
    print(
        f"near_duplicates, {half}: recall {hit}/{len(near)}, wrong {len(wrong)} of {len(rows) - 2 * len(near)}",
        wrong,
    )
    assert hit >= ENOUGH * len(near)
    assert hit >= ENOUGH * (hit + len(wrong))


@pytest.mark.parametrize("half", HALVES)
def test_evaluation_rows_are_found_however_they_stand_in_training(half: str, tmp_path: Path) -> None:
    asked = strangers.evaluation(half)
    data = "".join(json.dumps(case.as_row(), ensure_ascii=False) + "\n" for case in asked).encode()
    path = tmp_path / "evaluation.jsonl"
    path.write_bytes(data)
    ref = {"path": str(path), "filename": path.name, "sha256": hashlib.sha256(data).hexdigest()}
    planted = strangers.contaminated(half)
    others = strangers.innocent(half) + strangers.personal(half) + strangers.foreign(half)
    others += [case for pair in strangers.distinct_pairs(half) for case in pair]

    edits = edited(
        tmp_path,
        [case.as_row() for case, _ in planted] + [case.as_row() for case in others],
        "decontaminate",
        evaluation_sets=[{"name": "evaluation", "file": ref}],
    )

    missed = [(way, case.ask) for i, (case, way) in enumerate(planted) if i not in edits]
    wrong = [place for place in edits if place >= len(planted)]
    print(
        f"decontaminate, {half}: recall {len(planted) - len(missed)}/{len(planted)}, wrong {len(wrong)}",
        missed,
    )
    assert len(missed) <= (1 - ENOUGH) * len(planted)
    assert len(wrong) <= (1 - ENOUGH) * len(planted)


@pytest.mark.parametrize(
    ("ask", "answer", "left"),
    [
        ("我叫王建军。", "王建军您好，已经为您登记。", "王建军"),
        (
            "My name is Anita Desmond.",
            "Thank you. Ms Desmond, your order is on its way; Anita, have a nice day.",
            "Anita",
        ),
    ],
)
def test_who_is_named_once_is_masked_wherever_the_row_names_them(ask: str, answer: str, left: str) -> None:
    finding = looked("personal_data", Case(ask, answer))

    assert isinstance(finding, Change)
    assert not any(left in text for text in finding.texts)


@pytest.mark.parametrize(
    "text", ["李白与杜甫是唐代诗人，王安石是宋代人。", "Adam Smith and David Ricardo were economists."]
)
def test_public_names_stay(text: str) -> None:
    assert looked("personal_data", Case("谁？", text)) is None


def test_a_code_of_finance_keeps_no_tags() -> None:
    finding = looked(
        "markup", Case("What is the sort code?", "<p>The sort code of the bank has six digits.</p>")
    )

    assert isinstance(finding, Change)
    assert finding.texts[1] == "The sort code of the bank has six digits."


@pytest.mark.parametrize("dropped", [True, False])
def test_what_is_lost_is_never_passed_off_as_right(dropped: bool) -> None:
    text = "净值型理财不承诺保本保收益。".encode("gbk").decode("latin-1")
    finding = looked("unicode", Case("什么是净值型理财？", text + ("\ufffd" if dropped else "")))

    assert isinstance(finding, Drop if dropped else Change)
