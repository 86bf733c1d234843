"""A checkpoint of a run that rests becomes a model, which can be deployed and outlives the checkpoint."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.test import Client

from jobs import events, kinds
from jobs.models import Job
from jobs.states import JobState
from protocol.jobs import Envelope
from studio.accounts.models import User
from studio.projects.models import Project
from studio.registry import services as registry
from studio.registry.errors import ModelDamaged
from studio.registry.models import ModelVersion
from studio.training import services
from studio.training.models import Run
from tests import factories, model_files

Api = Callable[..., httpx.Client]


@pytest.fixture
def paused(project: Project) -> Run:
    """A run that rests at step 25, as the engine and the trainer leave it."""
    job = factories.job(project, "train", JobState.PAUSED, attempt=1)
    run = factories.run(project, job=job, base=model_files.base_model(), suffix="house")
    attempt = events.job_folder(job.id, 1)
    folder = attempt / "checkpoints" / "step-25"
    adapter = [
        model_files.write(folder / "adapter" / "adapter_config.json", b"{}"),
        model_files.write(folder / "adapter" / "adapter_model.safetensors", b"weights"),
    ]
    files = [*adapter, model_files.write(folder / "optimizer.safetensors", b"moments")]
    (folder / "checkpoint.json").write_text(
        json.dumps({"version": 2, "files": [f.model_dump() for f in files]})
    )
    envelope = Envelope(
        job_id=str(job.id), attempt=1, workdir=str(attempt), events="", spec=kinds.get("train").spec(job)
    )
    (attempt / "spec.json").write_text(envelope.model_dump_json())
    job.log("checkpoint", step=25, path="checkpoints/step-25", sha256="0" * 64, size_bytes=7)
    job.events.filter(type="checkpoint").update(step=25)
    run.job.refresh_from_db()
    return run


def test_its_newest_checkpoint_is_deployed(paused: Run, key: str, api_client: Api) -> None:
    client, run = api_client(key), services.public_id(paused)

    model = client.post(f"/api/runs/{run}/model", json={"step": None}).json()["model"]
    again = client.post(f"/api/runs/{run}/model", json={"step": 25}).json()["model"]
    deployed = client.post("/api/deployments", json={"model": model})

    assert model == again
    assert model.endswith(":ckpt-step-25")
    assert deployed.status_code == 202
    assert ModelVersion.objects.get().manifest["files"][0]["path"].startswith("adapter/")


def test_it_outlives_the_checkpoint(paused: Run) -> None:
    version = services.model_at(paused, 25, by="bob")
    shutil.rmtree(events.job_folder(paused.job_id, 1))

    registry.verify(version)
    served = registry.served_adapter(version)
    assert (Path(served.path) / "adapter_model.safetensors").read_bytes() == b"weights"
    assert not (Path(settings.MODELS_HOME) / version.folder / "optimizer.safetensors").exists()
    assert (version.created_by, version.dataset_version) == ("bob", paused.dataset_version)


def test_the_finished_run_still_gets_its_own_model(paused: Run) -> None:
    services.model_at(paused, 25, by="bob")
    Job.objects.update(state=JobState.RUNNING, lease_expires_at=paused.created_at)
    paused.job.refresh_from_db()
    model_files.trained(paused.job, paused.base)

    kinds.get("train").on_success(paused.job)

    assert ModelVersion.objects.count() == 2


def test_a_checkpoint_that_was_changed_is_refused(paused: Run) -> None:
    folder = events.job_folder(paused.job_id, 1) / "checkpoints" / "step-25"
    (folder / "adapter" / "adapter_model.safetensors").write_bytes(b"other")

    with pytest.raises(ModelDamaged):
        services.model_at(paused, 25, by="bob")

    assert not ModelVersion.objects.exists()


def test_a_run_without_one_says_so(project: Project, key: str, api_client: Api) -> None:
    run = factories.run(project, suffix="house")

    answer = api_client(key).post(f"/api/runs/{services.public_id(run)}/model", json={})

    assert answer.status_code == 400
    assert "The run house has no checkpoint on the disk" in answer.json()["error"]["message"]


def test_the_page_keeps_it_and_opens_the_model(
    client: Client, project: Project, alice: User, paused: Run
) -> None:
    client.force_login(alice)
    assert "Keep as a model" in client.get(f"/p/{project.slug}/runs/{paused.id}").content.decode()

    answer = client.post(f"/p/{project.slug}/runs/{paused.id}/keep", {"step": "25"})

    version = ModelVersion.objects.get()
    assert answer.headers["Location"] == f"/p/{project.slug}/models/{version.id}"
    assert version.model_id in client.get(answer.headers["Location"]).content.decode()
