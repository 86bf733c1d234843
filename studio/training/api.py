"""/api/runs: a run beside its OpenAI shape under /v1/fine_tuning/jobs, which is where runs are started."""

from typing import Literal

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from jobs import series
from protocol.training import LoraConfig
from studio.datasets import services as datasets
from studio.errors import InvalidRequest
from studio.projects.access import ApiRequest
from studio.projects.idempotency import once
from studio.projects.models import Role
from studio.projects.pagination import NEWEST, Listed, PageIn, cut, page
from studio.registry import services as registry
from studio.registry.models import BaseModel
from studio.training import estimates, services
from studio.training.models import Run
from studio.training.schemas import (
    EstimateIn,
    EstimateOut,
    RunOut,
    SeriesIn,
    SeriesOut,
    estimate_out,
    run_out,
    series_out,
)

router = Router(tags=["runs"])


class RestartFrom(Schema):
    """The step of the checkpoint to begin from, or null for the very beginning."""

    step: int | None = Field(ge=1, le=2**31 - 1)


class CheckpointIn(Schema):
    """The step of a checkpoint that lies on the disk; null for the newest."""

    step: int | None = Field(None, ge=1, le=2**31 - 1)


class CheckpointModelOut(Schema):
    """A model made from a checkpoint; deploy it by its id."""

    object: Literal["run.checkpoint_model"] = "run.checkpoint_model"
    model: str
    weights_sha256: str


@router.get("/runs", response=Listed[RunOut])
def list_runs(request: ApiRequest, where: Query[PageIn]) -> Listed[RunOut]:
    """The project's runs, newest first."""
    project = request.auth.require(Role.VIEWER)
    rows = Run.objects.filter(project=project).select_related(
        "job", "base", "model_version", "dataset_version"
    )
    after = services.by_public_id(project, where.after) if where.after else None
    return page(cut(rows, after=after, limit=where.limit, order=NEWEST), run_out, services.public_id)


@router.get("/runs/estimate", response=EstimateOut)
def estimate(request: ApiRequest, where: Query[EstimateIn]) -> EstimateOut:
    """What a run would take, learnt from the runs that finished in this house."""
    project = request.auth.require(Role.VIEWER)
    base = registry.resolve(project, where.model)
    if not isinstance(base, BaseModel):
        raise InvalidRequest("Runs start from base models; this one is tuned already.", "model")
    version = datasets.version_by_public_id(project, where.dataset_version)
    config = LoraConfig(epochs=where.epochs, layers=where.layers, max_length=where.max_length)
    return estimate_out(estimates.of(base, version, config))


@router.get("/runs/{run_id}", response=RunOut)
def retrieve(request: ApiRequest, run_id: str) -> RunOut:
    """One run."""
    return run_out(services.by_public_id(request.auth.require(Role.VIEWER), run_id))


@router.get("/runs/{run_id}/series", response=SeriesOut)
def read_series(request: ApiRequest, run_id: str, where: Query[SeriesIn]) -> SeriesOut:
    """The curves of a run in about `resolution` points, from step `from` to step `to`."""
    run = services.by_public_id(request.auth.require(Role.VIEWER), run_id)
    return series_out(series.read(run.job, start=where.from_, end=where.to, points=where.resolution))


@router.post("/runs/{run_id}/retry", response={202: RunOut})
def retry(request: ApiRequest, run_id: str) -> HttpResponse:
    """A failed or cancelled run once more, as a run of its own, from its newest checkpoint."""
    run = services.by_public_id(request.auth.require(Role.EDITOR), run_id)
    return once(request, lambda: run_out(services.retry(run, by=request.auth.by)), status=202)


@router.post("/runs/{run_id}/model", response=CheckpointModelOut)
def keep_checkpoint(request: ApiRequest, run_id: str, payload: CheckpointIn) -> CheckpointModelOut:
    """Make a checkpoint a model of its own, which can be deployed while the run rests or goes on; again, the same one."""
    run = services.by_public_id(request.auth.require(Role.EDITOR), run_id)
    version = services.model_at(run, payload.step, by=request.auth.by)
    return CheckpointModelOut(model=version.model_id, weights_sha256=version.weights_sha256)


@router.post("/runs/{run_id}/restart", response={202: RunOut})
def restart(request: ApiRequest, run_id: str, payload: RestartFrom) -> HttpResponse:
    """A run that is not at work once more, as a run of its own, from one of its checkpoints or from the beginning."""
    run = services.by_public_id(request.auth.require(Role.EDITOR), run_id)

    def act() -> RunOut:
        return run_out(services.restart(run, step=payload.step, by=request.auth.by))

    return once(request, act, status=202)
