"""Deployments as /api takes and shows them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import StringConstraints

from studio.deployments import services
from studio.deployments.models import Deployment


class DeploymentIn(Schema):
    """Which tuned model, under what name; the name is the model's id where none is given."""

    model: str
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)] | None = None


class DeploymentOut(Schema):
    """A deployment; `live` says whether requests are answered now."""

    object: Literal["deployment"] = "deployment"
    id: str
    name: str
    model: str
    base: str
    state: str
    live: bool
    error: dict[str, Any] | None
    job: str
    job_url: str
    created_by: str
    created_at: datetime


def deployment_out(deployment: Deployment) -> DeploymentOut:
    """The deployment as it is sent. Where its server listens is the gateway's affair."""
    version = deployment.model_version
    return DeploymentOut(
        id=services.public_id(deployment),
        name=deployment.name,
        model=version.model_id,
        base=version.base.model_id,
        state=deployment.job.state,
        live=services.is_live(deployment),
        error=deployment.job.error,
        job=str(deployment.job_id),
        job_url=f"/api/jobs/{deployment.job_id}",
        created_by=deployment.created_by,
        created_at=deployment.created_at,
    )
