"""The train job: what its process is told, and what becomes of what it leaves."""

import pytest

from jobs import kinds
from protocol.specs.models import TrainSpec
from protocol.training import LoraConfig
from studio.datasets import services as datasets
from studio.evaluations.models import Evaluation
from studio.projects.models import Project
from studio.registry.models import ModelVersion
from studio.training.errors import RunMissing
from studio.training.models import Run
from tests import factories, model_files


def trained_run(project: Project, **fields: object) -> Run:
    """A run whose process has left its model."""
    base = model_files.base_model()
    run = factories.run(
        project, job=factories.job(project, "train", attempt=1), base=base, created_by="bob", **fields
    )
    model_files.trained(run.job, base)
    return run


def test_the_trainer_is_told_files_by_hash_and_the_config(project: Project) -> None:
    run = factories.run(
        project, base=model_files.base_model(), config=LoraConfig(rank=4).model_dump(mode="json"), seed=11
    )

    spec = kinds.get("train").spec(run.job)

    assert isinstance(spec, TrainSpec)
    assert spec.train == datasets.file_ref(run.dataset_version.train)
    assert run.dataset_version.validation is not None
    assert spec.validation == datasets.file_ref(run.dataset_version.validation)
    assert (spec.base.model_id, spec.base.revision) == ("tiny-llama", run.base.revision)
    assert (spec.config, spec.seed) == (LoraConfig(rank=4), 11)
    assert kinds.get("train").command() == ["forge", "train"]


def test_a_named_validation_set_replaces_the_datasets_own(project: Project) -> None:
    other = factories.dataset_version(project, train=factories.stored_file(project, factories.chat_lines(5)))
    run = factories.run(project, base=model_files.base_model(), validation_version=other)

    spec = kinds.get("train").spec(run.job)

    assert isinstance(spec, TrainSpec)
    assert spec.validation == datasets.file_ref(other.train)


def test_a_dataset_without_validation_rows_trains_without_them(project: Project) -> None:
    version = factories.dataset_version(project, validation=None)
    run = factories.run(project, base=model_files.base_model(), dataset_version=version)

    spec = kinds.get("train").spec(run.job)

    assert isinstance(spec, TrainSpec)
    assert spec.validation is None


def test_a_job_without_a_run_says_so(project: Project) -> None:
    with pytest.raises(RunMissing, match=r"No run belongs to the job"):
        kinds.get("train").spec(factories.job(project, "train"))


def test_a_finished_run_gives_a_model_and_a_metrics_file(project: Project) -> None:
    run = trained_run(project, suffix="house")

    kinds.get("train").on_success(run.job)

    run.refresh_from_db()
    assert run.model_version is not None
    assert run.model_version.model_id.startswith(f"ft:tiny-llama:{project.slug}:house:")
    assert run.model_version.dataset_version == run.dataset_version
    assert run.model_version.created_by == "bob"
    assert run.result_file is not None
    assert (run.result_file.purpose, run.result_file.filename) == ("fine-tune-results", "step_metrics.csv")
    assert datasets.blob_path(run.result_file).read_bytes() == model_files.CSV


def test_taking_the_result_twice_makes_one_model(project: Project) -> None:
    run = trained_run(project)

    kinds.get("train").on_success(run.job)
    kinds.get("train").on_success(run.job)

    assert ModelVersion.objects.count() == 1


def test_a_model_of_a_dataset_with_prompts_is_evaluated_by_itself(project: Project) -> None:
    prompts = factories.stored_file(project, b"{}\n", purpose="prompts", filename="prompts.jsonl")
    run = trained_run(project, dataset_version=factories.dataset_version(project, prompts=prompts))

    kinds.get("train").on_success(run.job)

    evaluation = Evaluation.objects.get()
    run.refresh_from_db()
    assert evaluation.model_version == run.model_version
    assert evaluation.dataset_version == run.dataset_version
    assert (evaluation.job.kind, evaluation.job.created_by) == ("evaluate", "bob")


def test_a_model_of_a_dataset_without_prompts_is_not_evaluated(project: Project) -> None:
    run = trained_run(project)

    kinds.get("train").on_success(run.job)

    assert not Evaluation.objects.exists()
