"""Runs as /api shows them."""

from datetime import datetime
from typing import Any, Literal

from ninja import Schema

from studio.datasets import services as datasets
from studio.training import services
from studio.training.models import Run


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
    model: str | None
    error: dict[str, Any] | None
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
        model=run.model_version.model_id if run.model_version else None,
        error=run.job.error,
        created_by=run.created_by,
        created_at=run.created_at,
    )
