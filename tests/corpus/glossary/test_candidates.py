"""Candidates for terms: planted ones come first, known ones not at all."""

import random
from pathlib import Path

import pytest

from corpus.glossary.candidates.mine import Candidate, mine, sentences
from corpus.glossary.terms import Concept, Term
from tests.corpus.jobs import run_job, stored

GENERAL = Path(__file__).parents[3] / "samples" / "general.txt"

ENGLISH = """lease liability;impairment loss;deferred tax asset;goodwill;hedge accounting;fair value hierarchy;trade receivable
contingent consideration;right-of-use asset;net investment hedge;segment margin;credit spread;covenant breach;bond issuer
actuarial gain;working capital cycle;dividend yield;revenue recognition;onerous contract;biological asset;joint arrangement
share-based payment;cost of sales;weighted average cost;liquidity buffer;expected credit loss;repo agreement;collateral haircut
swap curve;basis point""".replace("\n", ";").split(";")
CHINESE = """商誉减值;递延所得税资产;套期会计;公允价值层次;应收账款周转率;或有对价;使用权资产;境外经营净投资;分部毛利;信用利差
精算利得;营运资金周期;股息率;收入确认时点;亏损合同;生物资产;合营安排;股份支付费用;加权平均成本;流动性缓冲
预期信用损失;回购协议;质押折扣率;互换曲线;套保有效性""".replace("\n", ";").split(";")
FRAMES_EN = (
    "The board reviewed the {} before the meeting.", "Nobody had expected that {} to matter so much.",
    "In our view the {} is too high.", "Changes in the {} were explained to the auditors.",
    "Why does the {} differ from last year?", "They disclosed each {} in a separate note.",
    "She asked whether a {} must be measured again.", "Without the {} we would have lost money.",
)  # fmt: skip
FRAMES_ZH = (
    "董事会审阅了{}的变动。", "我们认为{}过高。", "审计师要求说明{}。", "为什么{}与去年不同？", "管理层单独披露{}，并作了解释。",
    "如果没有{}，公司就会亏损。", "请重新计量{}。", "附注列示了{}和其他项目。",
)  # fmt: skip


def planted(seed: int) -> list[str]:
    """General text with each planted term in five to eight sentences."""
    rng = random.Random(seed)
    lines = GENERAL.read_text("utf-8").splitlines()
    for terms, frames in ((ENGLISH, FRAMES_EN), (CHINESE, FRAMES_ZH)):
        for term in terms:
            lines += [frame.format(term) for frame in rng.sample(frames, rng.randint(5, 8))]
    rng.shuffle(lines)
    return lines


def _concept(lang: str, text: str) -> Concept:
    return Concept(uid=text, terms=(Term.model_validate({"lang": lang, "text": text}),))


def _first(found: list[Candidate], lang: str, count: int) -> list[str]:
    return [each.text for each in found if each.lang == lang][:count]


def test_of_the_first_fifty_most_are_planted() -> None:
    lines = planted(1)
    found = mine(lambda: lines, [], least=3, limit=200)

    first = [each.text for each in found[:50]]
    right = sum(text in ENGLISH or text in CHINESE for text in first)

    assert right / 50 >= 0.8, (right, [t for t in first if t not in ENGLISH and t not in CHINESE])


@pytest.mark.parametrize(("lang", "terms"), [("en", ENGLISH), ("zh-Hans", CHINESE)])
def test_most_of_what_is_planted_is_found(lang: str, terms: list[str]) -> None:
    lines = planted(2)
    found = mine(lambda: lines, [], least=3, limit=100)

    assert sum(text in terms for text in _first(found, lang, 2 * len(terms))) / len(terms) >= 0.8


def test_what_the_glossary_has_is_left_out_in_any_form_and_script() -> None:
    lines = planted(1)
    known = [_concept("en", "impairment loss"), _concept("zh-Hant", "公允價值層次")]

    texts = {each.text for each in mine(lambda: lines, known, least=3, limit=200)}

    assert not {"impairment loss", "impairment losses", "公允价值层次"} & texts
    assert "lease liability" in texts


def test_a_candidate_has_sentences_that_have_it() -> None:
    lines = planted(1)
    found = {each.text: each for each in mine(lambda: lines, [], least=3, limit=200)}

    assert len(found["lease liability"].examples) == 3
    assert all("lease liability" in sentence for sentence in found["lease liability"].examples)
    assert found["lease liability"].frequency >= 5


def test_singular_and_plural_are_one_candidate() -> None:
    lines = ["A swap curve is here.", "Two swap curves are here.", "Swap curve!", "swap curves?"] * 2

    (candidate,) = (c for c in mine(lambda: lines, [], least=3, limit=9) if "swap curve" in c.text)

    assert (candidate.text, candidate.frequency) == ("swap curve", 8)


def test_sentences_end_at_their_marks() -> None:
    assert list(sentences("One v1.2 is. Two!\nThree")) == ["One v1.2 is.", "Two!", "Three"]


def test_no_text_has_no_candidates() -> None:
    assert mine(list, [], least=3, limit=10) == []


def test_the_job_reads_rows_and_plain_text(tmp_path: Path) -> None:
    rows = "".join(
        f'{{"messages": [{{"role": "user", "content": "Is the swap curve {word}?"}}]}}\n'
        for word in ("flat", "lower", "known")
    )
    text = "The swap curve is steep.\nThat swap curve again.\n"
    concepts = _concept("en", "bond").model_dump_json() + "\n"

    texts = [stored(tmp_path, "rows.jsonl", rows.encode()), stored(tmp_path, "more.txt", text.encode())]
    run = run_job(tmp_path, "mine_terms", texts=texts, concepts=("c.jsonl", concepts.encode()))

    assert run.exit_code == 0
    assert run.rows("candidates.jsonl")[0]["text"] == "swap curve"
    assert run.rows("candidates.jsonl")[0]["frequency"] == 5
