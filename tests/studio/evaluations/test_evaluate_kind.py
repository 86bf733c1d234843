"""The evaluate job: what its process is told, and how its result is read."""

import json
from pathlib import Path

import pytest
from django.conf import LazySettings

from jobs import kinds
from jobs.events import job_folder
from jobs.models import Job
from protocol.specs.models import EvaluateSpec
from studio.datasets import services as datasets
from studio.evaluations.errors import EvaluationMissing, GeneralTextMissing, ResultInvalid
from studio.evaluations.models import Evaluation
from studio.projects.models import Project
from tests import factories, model_files

SCORE = {"metric": "term_accuracy", "before": 0.0, "after": 1.0, "change": 1.0, "n": 1, "verdict": "better"}
ITEM = {
    "id": "p1",
    "concept": "c1",
    "prompt": "What?",
    "expected": ["coupon"],
    "forbidden": [],
    "before": "",
    "after": "the coupon\u0000",
    "before_correct": False,
    "after_correct": True,
    "before_forbidden": False,
    "after_forbidden": False,
}


@pytest.fixture
def evaluation(project: Project) -> Evaluation:
    """An evaluation whose model lies in the house."""
    prompts = factories.stored_file(project, b'{"id": "p1"}\n', purpose="prompts")
    return factories.evaluation(
        project,
        job=factories.job(project, "evaluate", attempt=1),
        model_version=model_files.tuned(project),
        dataset_version=factories.dataset_version(project, prompts=prompts),
        seed=11,
    )


def leave(job: Job, scores: str, items: str) -> Path:
    """The folder an evaluation's process leaves."""
    folder = job_folder(job.id, job.attempt) / "output"
    folder.mkdir(parents=True)
    (folder / "scores.json").write_text(scores)
    (folder / "items.jsonl").write_text(items)
    model_files.artifact(job, "evaluation", "output")
    return folder


def test_the_process_is_told_model_prompts_rows_and_unrelated_text(
    evaluation: Evaluation, settings: LazySettings, tmp_path: Path
) -> None:
    settings.ROOT = tmp_path
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "general.txt").write_text("The tide turned at noon.")

    spec = kinds.get("evaluate").spec(evaluation.job)

    assert isinstance(spec, EvaluateSpec)
    assert spec.adapter.model_id == evaluation.model_version.model_id
    assert (spec.base.model_id, spec.seed) == ("tiny-llama", 11)
    dataset = evaluation.dataset_version
    assert dataset.prompts is not None
    assert dataset.validation is not None
    assert spec.prompts == datasets.file_ref(dataset.prompts)
    assert spec.validation == datasets.file_ref(dataset.validation)
    assert spec.general_text is not None
    assert spec.general_text.path == str(tmp_path / "samples" / "general.txt")
    assert spec.general_text.sha256 == model_files.sha256(b"The tide turned at noon.")
    assert kinds.get("evaluate").command() == ["forge", "evaluate"]


def test_without_the_unrelated_text_nothing_is_measured(
    evaluation: Evaluation, settings: LazySettings, tmp_path: Path
) -> None:
    settings.ROOT = tmp_path

    with pytest.raises(GeneralTextMissing, match=r"The text samples/general.txt .* is not there"):
        kinds.get("evaluate").spec(evaluation.job)


def test_a_job_without_an_evaluation_says_so(project: Project) -> None:
    with pytest.raises(EvaluationMissing, match=r"No evaluation belongs to the job"):
        kinds.get("evaluate").spec(factories.job(project, "evaluate"))


def test_the_result_is_kept_as_rows(evaluation: Evaluation) -> None:
    leave(evaluation.job, json.dumps({"scores": [SCORE], "meta": {"device": "cpu"}}), json.dumps(ITEM) + "\n")

    kinds.get("evaluate").on_success(evaluation.job)

    evaluation.refresh_from_db()
    assert evaluation.facts == {"device": "cpu"}
    assert [(row.metric, row.after) for row in evaluation.scores.all()] == [("term_accuracy", 1.0)]
    # NUL, which the database cannot hold, became the replacement character.
    assert [row.after for row in evaluation.items.all()] == ["the coupon\ufffd"]


@pytest.mark.parametrize(
    ("scores", "items"),
    [
        ("{", ""),
        ('{"scores": [{"metric": "guess"}]}', ""),
        (json.dumps({"scores": []}), "{}\n"),
        (json.dumps({"scores": []}), "no json\n"),
    ],
)
def test_a_result_that_cannot_be_read_is_said_to_be_so(
    evaluation: Evaluation, scores: str, items: str
) -> None:
    leave(evaluation.job, scores, items)

    with pytest.raises(ResultInvalid, match=r"The result of the evaluation cannot be read"):
        kinds.get("evaluate").on_success(evaluation.job)

    assert not evaluation.scores.exists()


def test_a_missing_result_is_said_to_be_so(evaluation: Evaluation) -> None:
    (leave(evaluation.job, json.dumps({"scores": []}), "") / "items.jsonl").unlink()

    with pytest.raises(ResultInvalid, match=r"items.jsonl"):
        kinds.get("evaluate").on_success(evaluation.job)
