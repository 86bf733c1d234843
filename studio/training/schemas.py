"""Runs as /api shows them."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from jobs import series
from jobs.series import METRICS
from protocol.training import LoraConfig
from studio.datasets import services as datasets
from studio.training import services
from studio.training.estimates import Estimate, left_s
from studio.training.models import Run


class RangeOut(Schema):
    """A figure with the interval around it; without one where a single run is known."""

    low: float | None
    middle: float
    high: float | None


class EstimateIn(Schema):
    """A run that is thought of: by a base model's id and a dataset version's, with the config's fields that matter."""

    model: str
    dataset_version: str
    epochs: float = Field(LoraConfig().epochs, gt=0, le=100)
    layers: int = Field(LoraConfig().layers, ge=0, le=512)
    max_length: int = Field(LoraConfig().max_length, ge=16, le=8192)


class EstimateOut(Schema):
    """What a run should take, by the finished runs of its base model and layers; nulls where there are none yet."""

    object: Literal["run.estimate"] = "run.estimate"
    rests_on: int
    #: The share of further runs that the intervals should hold.
    holds: float | None
    trained_tokens: int | None
    seconds: RangeOut | None
    memory_bytes: RangeOut | None
    disk_bytes: RangeOut | None


def estimate_out(estimate: Estimate) -> EstimateOut:
    """The estimate as it is sent."""
    return EstimateOut(**asdict(estimate))


class RunOut(Schema):
    """A run: what was asked, and how far its job is."""

    object: Literal["run"] = "run"
    id: str
    job: str
    job_url: str
    state: str
    step: int
    steps: int
    suffix: str
    base: str
    dataset_version: str
    glossary_version: str | None
    config: dict[str, Any]
    seed: int
    #: Why it was trained although its rows hold evaluation rows.
    despite_contamination: str
    model: str | None
    error: dict[str, Any] | None
    #: Of a running run: until its last step, by its own pace.
    seconds_left: RangeOut | None
    created_by: str
    created_at: datetime


def run_out(run: Run) -> RunOut:
    """The run as it is sent."""
    return RunOut(
        id=services.public_id(run),
        job=str(run.job_id),
        job_url=f"/api/jobs/{run.job_id}",
        state=run.job.state,
        step=run.job.step,
        steps=run.job.steps,
        suffix=run.suffix,
        base=run.base.model_id,
        dataset_version=datasets.version_public_id(run.dataset_version),
        glossary_version=str(run.glossary_version_id) if run.glossary_version_id else None,
        config=run.config,
        seed=run.seed,
        despite_contamination=run.despite_contamination,
        model=run.model_version.model_id if run.model_version else None,
        error=run.job.error,
        seconds_left=RangeOut(**asdict(left)) if (left := left_s(run.job)) else None,
        created_by=run.created_by,
        created_at=run.created_at,
    )


class SeriesIn(Schema):
    """Which part of the curves, and in about how many points."""

    resolution: int = Field(series.USUAL_POINTS, ge=series.FEWEST_POINTS, le=series.MOST_POINTS)
    from_: int | None = Field(None, alias="from", ge=1, lt=2**31)
    to: int | None = Field(None, ge=1, lt=2**31)


class CurveOut(Schema):
    """One measure: its lowest, mean and highest value within each point."""

    low: list[float]
    mean: list[float]
    high: list[float]


class SeriesOut(Schema):
    """The curves of a run. A point stands for `width` steps; no spike within it is lost."""

    object: Literal["series"] = "series"
    #: First and last step there is.
    first: int
    last: int
    width: int
    steps: list[int]
    train_loss: CurveOut
    lr: CurveOut
    grad_norm: CurveOut
    tokens_per_s: CurveOut
    evaluated: list[int]
    valid_loss: CurveOut
    #: Events up to this number are in it: a socket goes on after it.
    last_seq: int


def series_out(read: series.Series) -> SeriesOut:
    """The curves as they are sent."""
    return SeriesOut(
        first=read.first,
        last=read.last,
        width=read.width,
        steps=[point.step for point in read.steps],
        evaluated=[point.step for point in read.evaluations],
        train_loss=curve_out(read.steps, METRICS.index("train_loss")),
        lr=curve_out(read.steps, METRICS.index("lr")),
        grad_norm=curve_out(read.steps, METRICS.index("grad_norm")),
        tokens_per_s=curve_out(read.steps, METRICS.index("tokens_per_s")),
        valid_loss=curve_out(read.evaluations, 0),
        last_seq=read.last_seq,
    )


def curve_out(points: list[series.Point], index: int) -> CurveOut:
    """One measure of the points."""
    return CurveOut(
        low=[brief(point.lowest[index]) for point in points],
        mean=[brief(point.mean[index]) for point in points],
        high=[brief(point.highest[index]) for point in points],
    )


def brief(value: float) -> float:
    """Six digits: a picture shows no more, and the answer is half as long."""
    return float(f"{value:.6g}")
