"""Deployments: bring a model up, take it down, find the server that answers for a model."""

import secrets

from django.db import transaction
from django.db.models import Q, QuerySet

from jobs import queue
from jobs.errors import JobFinished
from jobs.models import Job
from jobs.states import ACTIVE, JobState
from studio.deployments.errors import ModelDeployed, ModelNotDeployed, ServerLoading
from studio.deployments.models import Deployment
from studio.errors import NotFound
from studio.projects import ids
from studio.projects.models import Project
from studio.registry import services as registry
from studio.registry.models import BaseModel, ModelVersion

PREFIX = "dep_"
KIND = "serve"
#: A client is asked to wait this long while a server loads.
LOADING_RETRY_S = 2


@transaction.atomic
def deploy(project: Project, model_version: ModelVersion, *, name: str, by: str) -> Deployment:
    """A deployment on its way up. Raises NotFound, BaseChanged."""
    if model_version.project_id != project.id:
        raise NotFound(what="model", id=model_version.model_id)
    registry.served_adapter(model_version)
    deployment = Deployment(
        project=project,
        name=name,
        model_version=model_version,
        token=secrets.token_urlsafe(32),
        created_by=by,
    )
    deployment.job = queue.enqueue(
        KIND, scope=project.id, payload={"deployment": str(deployment.id)}, title=name, created_by=by
    )
    deployment.save(force_insert=True)
    return deployment


def copy_for(deployment: Deployment, job: Job) -> Deployment:
    """The same model served by another job, under a secret of its own."""
    return Deployment.objects.create(
        project=deployment.project,
        name=deployment.name,
        model_version=deployment.model_version,
        token=secrets.token_urlsafe(32),
        job=job,
        created_by=job.created_by,
    )


def stop(deployment: Deployment) -> Deployment:
    """Take it down; one that is down already stays so."""
    try:
        queue.cancel(deployment.job)
    except JobFinished:
        deployment.job.refresh_from_db()
    return deployment


def active(project: Project) -> QuerySet[Deployment]:
    """The project's deployments that are up or on their way, newest first."""
    return Deployment.objects.filter(project=project, job__state__in=ACTIVE).select_related(
        "job", "model_version__base"
    )


def live_for(project: Project, model_id: str) -> Deployment:
    """The server that answers for a model: the newest that has it; a base model is beside each of its tuned ones.

    Raises ModelUnknown, ModelNotDeployed, ServerLoading.
    """
    model = registry.resolve(project, model_id)
    serves = Q(model_version__base=model) if isinstance(model, BaseModel) else Q(model_version=model)
    rows = active(project).filter(serves)
    live = rows.filter(job__state=JobState.RUNNING).exclude(url="").first()
    if live is not None:
        return live
    if rows.exclude(job__state__in=[JobState.CANCELLING, JobState.PAUSING, JobState.PAUSED]).exists():
        raise ServerLoading(model=model_id, retry_after_s=LOADING_RETRY_S)
    raise ModelNotDeployed(model=model_id)


def is_live(deployment: Deployment) -> bool:
    """Whether its server answers requests now."""
    return deployment.job.state == JobState.RUNNING and bool(deployment.url)


def set_url(job: Job, url: str) -> None:
    """The server of a serve job answers at `url`; nothing means that it no longer does."""
    Deployment.objects.filter(job=job).update(url=url)


def forget(model_version: ModelVersion) -> None:
    """Drop the ended deployments of a model that is to be deleted. Raises ModelDeployed while one is not over."""
    rows = Deployment.objects.filter(model_version=model_version)
    up = rows.filter(job__state__in=ACTIVE).first()
    if up is not None:
        raise ModelDeployed(model=model_version.model_id, deployment=up.name)
    rows.delete()


def public_id(deployment: Deployment) -> str:
    """ "dep_<32 hex>": what clients call it."""
    return ids.public(PREFIX, deployment.id)


def by_public_id(project: Project, text: str) -> Deployment:
    """The project's deployment of that public id. Raises NotFound."""
    rows = Deployment.objects.filter(project=project).select_related("job", "model_version__base")
    return ids.find(rows, PREFIX, text, what="deployment")
