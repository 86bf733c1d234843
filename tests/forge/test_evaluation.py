"""Terms, perplexity and the bootstrap, against references written here."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from forge.evaluation.answers import greedy
from forge.evaluation.bootstrap import ratio_score
from forge.evaluation.compare import judged, term_scores
from forge.evaluation.perplexity import item_losses, text_rows
from forge.evaluation.terms import Judge
from forge.models.hub import Base
from protocol.evaluation import Metric, TermPrompt, Verdict
from protocol.specs.models import EvaluateSpec


def prompt(expected: tuple[str, ...], forbidden: tuple[str, ...]) -> TermPrompt:
    return TermPrompt(
        id="1", concept="c", lang="en", generator="g", prompt="?", expected=expected, forbidden=forbidden
    )


@pytest.mark.parametrize(
    ("answer", "correct", "forbidden"),
    [
        ("It is net turnover.", True, False),
        ("NET TURNOVER", True, False),
        ("net turnovers", True, False),
        ("cabinet turnover", False, False),
        ("We call it sales.", False, True),
        ("net turnover, not sales", True, True),
        ("", False, False),
    ],
)
def test_an_answer_is_judged_by_whole_terms(answer: str, correct: bool, forbidden: bool) -> None:
    asked = prompt(("net turnover",), ("sales",))

    judgement = Judge([asked])(asked, answer)

    assert (judgement.correct, judgement.forbidden) == (correct, forbidden)


def test_a_forbidden_form_inside_the_right_one_does_not_count() -> None:
    asked = prompt(("net profit attributable to shareholders",), ("net profit",))

    judgement = Judge([asked])(asked, "Net profit attributable to shareholders.")

    assert (judgement.correct, judgement.forbidden) == (True, False)


@pytest.mark.parametrize(
    ("answer", "correct", "forbidden"),
    [
        ("这是和服。", True, False),
        ("我们提供商品和服务。", False, False),
        ("她穿和服，商品和服务都好。", True, False),
        ("价格包括商品和服饰。", False, False),
    ],
)
def test_a_short_chinese_form_that_a_word_runs_across_does_not_count(
    answer: str, correct: bool, forbidden: bool
) -> None:
    asked = prompt(("和服",), ()).model_copy(update={"lang": "zh"})

    judgement = Judge([asked])(asked, answer)

    assert (judgement.correct, judgement.forbidden) == (correct, forbidden)


def test_a_forbidden_form_by_chance_does_not_count_either() -> None:
    asked = prompt(("浴衣",), ("和服",)).model_copy(update={"lang": "zh"})

    assert not Judge([asked])(asked, "商品和服务").forbidden
    assert Judge([asked])(asked, "一件和服").forbidden


def spec(**fields: Any) -> EvaluateSpec:
    return EvaluateSpec.model_construct(resamples=500, seed=7, **fields)


def test_concepts_held_out_are_measured_apart() -> None:
    prompts = [
        TermPrompt(
            id=str(n), concept=f"c{n // 2}", lang="en", generator="g", prompt="?", expected=("sales",),
            unseen=n >= 40,
        )
        for n in range(60)
    ]  # fmt: skip
    items = judged(prompts, ["nothing"] * 60, ["sales" if n < 36 or n == 50 else "no" for n in range(60)])

    said = {each.metric: each for each in term_scores(items, spec())}

    taught, unseen = said[Metric.TERM_ACCURACY_TAUGHT], said[Metric.TERM_ACCURACY_UNSEEN]
    assert (taught.n, taught.clusters, taught.after) == (40, 20, 36 / 40)
    assert (unseen.n, unseen.clusters, unseen.after) == (20, 10, 1 / 20)
    assert (taught.verdict, unseen.verdict) == (Verdict.BETTER, Verdict.NO_DIFFERENCE)
    assert said[Metric.TERM_ACCURACY].after == 37 / 60
    assert [item.unseen for item in items] == [n >= 40 for n in range(60)]


def test_without_concepts_held_out_nothing_is_told_apart() -> None:
    items = judged([prompt(("sales",), ())], ["sales"], ["sales"])

    assert [each.metric for each in term_scores(items, spec())] == [
        Metric.TERM_ACCURACY,
        Metric.FORBIDDEN_RATE,
    ]


def score(before: list[float], after: list[float], clusters: list[str], seed: int = 1):
    return ratio_score(
        Metric.TERM_ACCURACY, before=before, after=after, weights=[1.0] * len(before), clusters=clusters,
        cluster="concept", resamples=2000, seed=seed,
    )  # fmt: skip


def test_the_interval_is_that_of_a_plain_loop() -> None:
    generator = np.random.default_rng(3)
    clusters = [str(n // 3) for n in range(90)]
    before = list((generator.random(90) < 0.2).astype(float))
    after = list((generator.random(90) < 0.6).astype(float))

    found = score(before, after, clusters)

    changes = np.subtract(after, before).reshape(30, 3).sum(axis=1)
    draws = np.random.default_rng(9).integers(0, 30, size=(4000, 30))
    low, high = np.percentile(changes[draws].sum(axis=1) / 90, [2.5, 97.5])
    assert found.change == pytest.approx(np.mean(after) - np.mean(before))
    assert found.ci_low == pytest.approx(low, abs=0.02)
    assert found.ci_high == pytest.approx(high, abs=0.02)
    assert (found.n, found.clusters, found.verdict) == (90, 30, Verdict.BETTER)


def test_answers_of_one_concept_count_as_one_witness() -> None:
    """Copying each answer four times within its concept must not make the interval narrower."""
    before, after = [0.0] * 40, [1.0, 0.0] * 20
    once = score(before, after, [str(n) for n in range(40)])
    copied = score(before * 4, after * 4, [str(n) for n in range(40)] * 4)

    assert copied.ci_low == pytest.approx(once.ci_low, abs=1e-9)


def test_no_difference_is_said_when_the_interval_holds_zero() -> None:
    assert (
        score([0.0, 1.0] * 10, [1.0, 0.0] * 10, [str(n) for n in range(20)]).verdict is Verdict.NO_DIFFERENCE
    )


def test_the_same_seed_gives_the_same_interval() -> None:
    data = ([0.0] * 20, [1.0, 0.0] * 10, [str(n) for n in range(20)])

    assert score(*data, seed=4) == score(*data, seed=4)


def test_perplexity_is_that_of_the_model_by_itself(base: Base, tmp_path: Path) -> None:
    text = tmp_path / "general.txt"
    text.write_text("The river runs to the sea.\n\nBirds fly south before winter comes.\n")

    losses = item_losses(base, text_rows(base, text))

    for paragraph, item in zip(text.read_text().strip().split("\n\n"), losses, strict=True):
        ids = torch.tensor([base.tokenizer(paragraph)["input_ids"]])
        with torch.no_grad():
            reference = base.model(ids, labels=ids).loss
        assert math.isclose(item.nats / item.tokens, float(reference), rel_tol=1e-4)


def test_answers_in_a_batch_are_those_of_one_at_a_time(base: Base) -> None:
    prompts = ["Short?", "A somewhat longer question about ledgers and tenors?", "Why"]

    together = greedy(base, prompts, max_new_tokens=6, batch_size=3)
    alone = [greedy(base, [each], max_new_tokens=6, batch_size=1)[0] for each in prompts]

    assert together == alone
