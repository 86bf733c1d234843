"""Endpoints that say texts otherwise: those a project has named, and the deployments of the studio itself."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, transaction

from protocol.addresses import url_fault
from protocol.specs.datasets import GeneratorRef
from studio.datasets.models import Generator
from studio.errors import InvalidRequest, NotFound
from studio.projects import ids
from studio.projects.models import Project

PREFIX = "gen_"
#: Before the model's id, for a deployment.
DEPLOYED = "deployment:"


@dataclass(frozen=True)
class Choice:
    """A generator that can be chosen: what it is called in a request, and by people."""

    value: str
    name: str


def create(project: Project, *, name: str, base_url: str, model: str, api_key: str, by: str) -> Generator:
    """A named endpoint of a project. Raises InvalidRequest."""
    name, base_url, model = name.strip(), base_url.strip().rstrip("/"), model.strip()
    for param, text in (("name", name), ("model", model)):
        if not text or not text.isprintable():
            raise InvalidRequest(f"A {param} is at least one printable character.", param)
    if not api_key.isascii() or not api_key.isprintable():
        raise InvalidRequest("A key holds printable ASCII characters only.", "api_key")
    fault = url_fault(base_url)
    if fault is not None:
        raise InvalidRequest(f"The address is not valid: {fault}.", "base_url")
    try:
        with transaction.atomic():
            return Generator.objects.create(
                project=project, name=name, base_url=base_url, model=model, api_key=api_key, created_by=by
            )
    except IntegrityError as error:
        raise InvalidRequest(f"A generator is called {name!r} already.", "name") from error


def public_id(generator: Generator) -> str:
    """ "gen_<32 hex>"."""
    return ids.public(PREFIX, generator.id)


def by_public_id(project: Project, text: str) -> Generator:
    """The project's generator of that id. Raises NotFound."""
    return ids.find(Generator.objects.filter(project=project), PREFIX, text, what="generator")


def choices(project: Project) -> list[Choice]:
    """All that can be asked."""
    named = [Choice(public_id(each), f"{each.name} ({each.model})") for each in project.generators.all()]
    deployed = [
        Choice(DEPLOYED + row.model_version.model_id, row.model_version.model_id) for row in _live(project)
    ]
    return [*named, *deployed]


def check(project: Project, value: str) -> None:
    """Raise NotFound for a generator that is not there, or a model that is not deployed."""
    ref(project, value)


def ref(project: Project, value: str) -> GeneratorRef:
    """The endpoint a job is told of. Raises NotFound."""
    if value.startswith(DEPLOYED):
        model_id = value.removeprefix(DEPLOYED)
        deployment = _deployed(project, model_id)
        # The house's own server on loopback: the one private address that is right.
        return GeneratorRef(base_url=f"{deployment.url}/v1", model=model_id, allow_private=True)
    found = by_public_id(project, value)
    return GeneratorRef(base_url=found.base_url, model=found.model, allow_private=settings.GENERATORS_PRIVATE)


def key(project: Project, value: str) -> str:
    """What the endpoint wants to be sent; empty where it wants nothing. Raises NotFound, SecretUnreadable."""
    if not value.startswith(DEPLOYED):
        return by_public_id(project, value).api_key
    token: str = _deployed(project, value.removeprefix(DEPLOYED)).token
    return token


def _deployed(project: Project, model_id: str) -> Any:
    """The server of a model. Raises NotFound."""
    found = next((row for row in _live(project) if row.model_version.model_id == model_id), None)
    if found is None:
        raise NotFound(what="deployed model", id=model_id)
    return found


def _live(project: Project) -> list[Any]:
    """Deployments that answer; their app stands above this one."""
    rows = apps.get_model("deployments", "Deployment").objects.filter(project=project).exclude(url="")
    return list(rows.select_related("model_version"))
