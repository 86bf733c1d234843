"""A run whose rows hold evaluation rows is refused with the list, unless somebody says why."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from corpus.cleaning.errors import TrainingContaminated
from corpus.cleaning.held_out import refuse_contaminated
from protocol.training import LoraConfig
from studio.projects.models import Project
from studio.training import held_out, kinds, services
from studio.training.models import Run
from studio.training.services import RunDraft
from tests import factories, model_files
from tests.corpus.cleaning.planting import Planter, chat
from tests.corpus.jobs import run_job

pytestmark = pytest.mark.django_db


def as_file(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


@pytest.fixture(scope="module")
def planter() -> Planter:
    return Planter(31)


@pytest.fixture
def evaluation(planter: Planter) -> list[dict[str, Any]]:
    return planter.evaluation(400)


@pytest.fixture
def start(project: Project, evaluation: list[dict[str, Any]]) -> Callable[..., Run]:
    """Starts a run on these rows in a project that has the evaluation set."""
    factories.stored_file(project, as_file(evaluation), purpose="evals", filename="exam.jsonl")

    def started(rows: list[dict[str, Any]], **more: Any) -> Run:
        train = factories.stored_file(project, as_file(rows))
        draft = RunDraft(
            base=model_files.base_model(),
            dataset_version=factories.dataset_version(project, "Rows", train=train),
            config=LoraConfig(epochs=1),
        )
        return services.start(project, replace(draft, **more), by="bob")

    return started


def test_five_percent_of_the_evaluation_rows_in_training_are_all_named(
    planter: Planter, evaluation: list[dict[str, Any]], start: Callable[..., Run]
) -> None:
    planted = random.Random(4).sample(range(len(evaluation)), len(evaluation) // 20)
    rows = [chat(*planter.clean("zh" if i % 2 else "en")) for i in range(300)]
    places = {}
    for number in planted:
        text = evaluation[number]["messages"][0]["content"]
        rows.append(chat(planter.disguised(text), "An answer of its own."))
        places[len(rows)] = number + 1

    with pytest.raises(
        TrainingContaminated,
        match=r"20 training rows hold rows that models are measured with \(exam\.jsonl\)",
    ) as refused:
        start(rows)

    named = {(one["row"], one["set"]) for one in refused.value.data["found"]}
    assert named == {(row, "exam.jsonl") for row in places}
    assert set(places.items()) <= {(one["row"], one["set_row"]) for one in refused.value.data["found"]}
    assert refused.value.data["rows"] == 20
    assert not Run.objects.exists()


def test_rows_that_ask_something_else_are_trained_on(planter: Planter, start: Callable[..., Run]) -> None:
    run = start([chat(*planter.clean("zh" if i % 2 else "en")) for i in range(300)])

    assert run.despite_contamination == ""


def test_a_reason_lets_it_train_and_is_kept(
    evaluation: list[dict[str, Any]], start: Callable[..., Run]
) -> None:
    run = start(evaluation[:5], despite_contamination="The exam is published; we measure with another.")

    run.refresh_from_db()
    assert run.despite_contamination == "The exam is published; we measure with another."
    spec = kinds.Train().spec(run.job)
    assert spec.despite_contamination == run.despite_contamination
    assert [one.name for one in spec.held_out] == ["exam.jsonl"]


def test_what_is_too_large_for_a_request_is_left_to_the_first_step(
    evaluation: list[dict[str, Any]], start: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_out, "READ_AT_ONCE_BYTES", 100)

    run = start(evaluation[:5])

    assert [one.name for one in kinds.Train().spec(run.job).held_out] == ["exam.jsonl"]


def test_an_evaluation_set_of_another_project_refuses_nothing(
    other_project: Project, project: Project, evaluation: list[dict[str, Any]]
) -> None:
    factories.stored_file(other_project, as_file(evaluation), purpose="evals")
    version = factories.dataset_version(project, train=factories.stored_file(project, as_file(evaluation)))

    held_out.check(project, version)


def test_the_page_shows_the_list_and_asks_for_a_reason(
    project: Project, client: Client, evaluation: list[dict[str, Any]]
) -> None:
    alice = factories.user("anna")
    factories.member(project, alice)
    client.force_login(alice)
    factories.stored_file(project, as_file(evaluation), purpose="evals", filename="exam.jsonl")
    version = factories.dataset_version(
        project, train=factories.stored_file(project, as_file(evaluation[:3]))
    )
    form = {"suffix": "x", "dataset_version": version.id, "base": model_files.base_model().pk, "seed": 7}

    refused = client.post(f"/p/{project.slug}/train", form)
    accepted = client.post(f"/p/{project.slug}/train", form | {"despite_contamination": "A drill."})

    page = refused.content.decode()
    assert refused.status_code == 422
    assert "exam.jsonl" in page
    assert 'name="despite_contamination"' in page
    assert accepted.status_code == 302


def test_the_glossarys_own_held_out_questions_do_not_refuse_the_rows_made_with_them(tmp_path: Path) -> None:
    sample = Path("samples/finance.tbx").read_bytes()
    parsed = run_job(tmp_path, "prepare_glossary", file=("finance.tbx", sample))
    concepts = (parsed.workdir / "output" / "concepts.jsonl").read_bytes()
    for lang in ("en", "zh"):
        made = run_job(tmp_path, "generate_rows", concepts=("concepts.jsonl", concepts), lang=lang)
        assert made.exit_code == 0, made.of_type("failed")
        output = made.workdir / "output"

        refuse_contaminated(output / "train.jsonl", [("prompts", output / "prompts.jsonl")])
