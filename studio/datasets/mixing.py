"""Mixing dataset versions to a composition: start the job, and say what a version is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import transaction
from pydantic import ValidationError

from jobs import queue
from jobs.models import Job
from jobs.states import ACTIVE
from protocol.specs.datasets import MeasureMixSpec, MixDatasetsSpec, MixSource
from protocol.specs.files import FileRef
from studio.datasets import services, versions
from studio.datasets.models import DatasetVersion, StoredFile
from studio.errors import InvalidRequest, NotFound
from studio.projects.models import Project

LANGUAGE = "language"
MAX_SOURCES = 32


@dataclass(frozen=True)
class Source:
    """A version that goes into a mix, and its weight among the others."""

    version: DatasetVersion
    weight: float | None = None


def start(
    project: Project,
    sources: Sequence[Source],
    numbers: Mapping[str, Any],
    *,
    name: str,
    base_model: str = "",
    by: str,
) -> Job:
    """Start the job that makes the next version of the dataset `name` (else of the first source's) as a mix.

    `numbers` are fields of `protocol.specs.datasets.MixDatasetsSpec`; `base_model` is whose tokens are counted. Raises
    InvalidRequest, NotFound.
    """
    if not 1 <= len(sources) <= MAX_SOURCES:
        raise InvalidRequest(f"A mix has 1 to {MAX_SOURCES} sources.", "sources")
    for source in sources:
        versions.of_project(project, source.version)
    tokenizer = keep_tokenizer(project, base_model, by) if numbers.get("measure") == "tokens" else None
    check(sources, numbers, tokenizer)
    name = services.name_for(name, sources[0].version.dataset.name)
    payload = {
        "sources": [{"version": str(source.version.id), "weight": source.weight} for source in sources],
        "numbers": dict(numbers),
        "tokenizer": str(tokenizer.id) if tokenizer else None,
        "name": name,
    }
    return queue.enqueue("mix_datasets", scope=project.id, payload=payload, title=name, created_by=by)


def check(sources: Sequence[Source], numbers: Mapping[str, Any], tokenizer: StoredFile | None) -> None:
    """Raise InvalidRequest for numbers that make no spec."""
    nothing = FileRef(path="", filename="", sha256="")
    try:
        MixDatasetsSpec(
            sources=tuple(MixSource(name="", train=nothing, weight=source.weight) for source in sources),
            tokenizer=nothing if tokenizer else None,
            **numbers,
        )
    except ValidationError as error:
        raise refused(error) from error


def refused(error: ValidationError) -> InvalidRequest:
    """What a spec says of a wrong request, with the field."""
    first = error.errors()[0]
    param = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return InvalidRequest(
        f"{param}: {message}" if param else f"{message[:1].upper()}{message[1:]}.", param or None
    )


@transaction.atomic
def keep_tokenizer(project: Project, base_model: str, by: str) -> StoredFile:
    """The tokenizer of a base model as a file of the project, so that a recipe can name it. Raises NotFound."""
    base = apps.get_model("registry", "BaseModel").objects.filter(model_id=base_model).first()
    path = Path(settings.MODELS_HOME) / base.folder / "tokenizer.json" if base else None
    if path is None or not path.is_file():
        raise NotFound(what="base model with a tokenizer", id=base_model)
    stored = services.keep(project, path, f"{base_model}.tokenizer.json"[:255], "tokenizer", by)
    same = StoredFile.objects.filter(project=project, purpose="tokenizer", sha256=stored.sha256)
    first = same.exclude(id=stored.id).order_by("created_at").first()
    if first is None:
        return stored
    stored.delete()
    return first


def spec_of(job: Job) -> MixDatasetsSpec:
    """The spec of a mix job. Raises NotFound."""
    named = job.payload["sources"]
    sources = []
    for source, version in zip(named, sources_of(job), strict=True):
        sources.append(
            MixSource(
                name=str(version),
                train=services.file_ref(version.train),
                validation=services.file_ref(version.validation) if version.validation else None,
                prompts=services.file_ref(version.prompts) if version.prompts else None,
                weight=source["weight"],
            )
        )
    tokenizer = job.payload["tokenizer"]
    file = services.file_ref(StoredFile.objects.get(id=tokenizer)) if tokenizer else None
    return MixDatasetsSpec(sources=tuple(sources), tokenizer=file, **job.payload["numbers"])


def sources_of(job: Job) -> list[DatasetVersion]:
    """The versions that a mix job draws from, in order. Raises NotFound."""
    return [version_of(source["version"]) for source in job.payload["sources"]]


def version_of(id_: str) -> DatasetVersion:
    """The version with that uuid. Raises NotFound."""
    joined = ("dataset__project", "train", "validation", "prompts", "source")
    version = DatasetVersion.objects.select_related(*joined).filter(id=id_).first()
    if version is None:
        raise NotFound(what="dataset version", id=id_)
    return version


def common_glossary(parents: Sequence[DatasetVersion]) -> UUID | None:
    """The glossary version that all parents come from."""
    found = {parent.glossary_version_id for parent in parents}
    return found.pop() if len(found) == 1 else None


def measure(version: DatasetVersion, by_key: str, by: str) -> Job:
    """Start the job that says what a version is made of; one that is at work is given instead."""
    payload = {"version": str(version.id), "by": by_key}
    project = version.dataset.project_id
    running = Job.objects.filter(scope=project, kind="measure_mix", state__in=ACTIVE, payload=payload).first()
    if running is not None:
        return running
    nothing = FileRef(path="", filename="", sha256="")
    try:
        MeasureMixSpec(train=nothing, by=by_key)
    except ValidationError as error:
        raise refused(error) from error
    return queue.enqueue("measure_mix", scope=project, payload=payload, title=str(version), created_by=by)


def take_composition(version: DatasetVersion, composition: dict[str, Any]) -> None:
    """Keep what a version is made of beside its other figures."""
    with transaction.atomic():
        row = DatasetVersion.objects.select_for_update().get(id=version.id)
        known = row.stats.get("composition", {})
        row.stats = row.stats | {"composition": known | {composition["by"]: composition}}
        row.save(update_fields=["stats"])


def composition_of(version: DatasetVersion, by_key: str = LANGUAGE) -> dict[str, Any] | None:
    """What a version is made of, if it was measured."""
    found: dict[str, Any] | None = version.stats.get("composition", {}).get(by_key)
    return found
