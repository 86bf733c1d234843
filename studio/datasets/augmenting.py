"""Augmentation of dataset versions: start it, preview it, and take what it made."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.apps import apps
from pydantic import ValidationError

from corpus.recipe import recipe_of
from jobs import queue
from jobs.models import Job
from jobs.states import JobState
from protocol.specs.datasets import GENERATOR_KEY, AugmentDatasetSpec
from protocol.specs.files import FileRef
from studio.datasets import generators, results, services, versions
from studio.datasets.adding import Origin, add_version
from studio.datasets.mixing import refused
from studio.datasets.models import DatasetVersion
from studio.errors import InvalidRequest, NotFound
from studio.projects.models import Project

PREVIEW_ROWS = 10


def start(
    project: Project,
    version: DatasetVersion,
    numbers: Mapping[str, Any],
    *,
    generator: str = "",
    glossary_version: UUID | None = None,
    name: str = "",
    preview: bool = False,
    by: str,
) -> Job:
    """Start the job that makes the next version of the dataset `name`, else of the same; or only a preview.

    `numbers` are fields of `protocol.specs.datasets.AugmentDatasetSpec`. The terms of the glossary version, else of the one the rows
    came from, are protected. Raises InvalidRequest, NotFound.
    """
    versions.of_project(project, version)
    is_asked = numbers.get("method", "synonyms") != "synonyms"
    if is_asked != bool(generator):
        message = "Choose a generator." if is_asked else "Synonyms need no generator."
        raise InvalidRequest(message, "generator")
    if generator:
        generators.check(project, generator)
    check(numbers)
    glossary_id = glossary_version or version.glossary_version_id
    if glossary_id is not None:
        concepts_of(project.id, glossary_id)
    name = services.name_for(name, version.dataset.name)
    payload = {
        "version": str(version.id),
        "numbers": dict(numbers) | {"preview": PREVIEW_ROWS if preview else None},
        "generator": generator,
        "glossary_version": str(glossary_id) if glossary_id else None,
        "name": name,
    }
    return queue.enqueue("augment_dataset", scope=project.id, payload=payload, title=name, created_by=by)


def check(numbers: Mapping[str, Any]) -> None:
    """Raise InvalidRequest for numbers that make no spec."""
    try:
        AugmentDatasetSpec(train=FileRef(path="", filename="", sha256=""), **numbers)
    except ValidationError as error:
        raise refused(error) from error


def concepts_of(project_id: UUID, glossary_version: UUID) -> Any:
    """The concepts file of a glossary version of the project. Raises NotFound."""
    rows = apps.get_model("glossaries", "GlossaryVersion").objects.select_related("concepts_file")
    found = rows.filter(id=glossary_version, glossary__project_id=project_id).first()
    if found is None:
        raise NotFound(what="glossary version", id=str(glossary_version))
    return found.concepts_file


def spec_of(job: Job) -> AugmentDatasetSpec:
    """The spec of an augmentation. Raises NotFound."""
    version, payload = versions.version_in(job), job.payload
    project = version.dataset.project
    glossary = payload["glossary_version"]
    return AugmentDatasetSpec(
        train=services.file_ref(version.train),
        validation=services.file_ref(version.validation) if version.validation else None,
        prompts=services.file_ref(version.prompts) if version.prompts else None,
        concepts=services.file_ref(concepts_of(project.id, UUID(glossary))) if glossary else None,
        generator=generators.ref(project, payload["generator"]) if payload["generator"] else None,
        **payload["numbers"],
    )


def secrets_of(job: Job) -> dict[str, str]:
    """The generator's key, for the environment of the process that asks it. Raises NotFound, SecretUnreadable."""
    if not job.payload["generator"]:
        return {}
    project = versions.version_in(job).dataset.project
    return {GENERATOR_KEY: generators.key(project, job.payload["generator"])}


def take(job: Job) -> None:
    """Make the version, unless the dataset has these rows already; a preview makes none.

    What a generator said becomes a file that the recipe reads, so that it can be done again without the generator, and
    without its key.
    """
    spec = spec_of_ended(job)
    if spec.preview is not None:
        return
    version = versions.version_in(job)
    project, name = version.dataset.project, job.payload["name"]
    if job.payload["generator"]:
        said = results.needed(job, "proposals")
        kept = services.keep_artifact(project, said, f"{name}.proposals.jsonl", "proposals", job.created_by)
        spec = spec.model_copy(update={"generator": None, "proposals": services.file_ref(kept)})
    glossary = job.payload["glossary_version"]
    origin = Origin(
        recipe=recipe_of(spec),
        glossary_version_id=UUID(glossary) if glossary else version.glossary_version_id,
        parent=version,
    )
    add_version(project, name, results.rows_of(job, name, preview="preview"), origin, job)


def spec_of_ended(job: Job) -> AugmentDatasetSpec:
    """The spec without its generator: a deployment may have ended meanwhile."""
    without = Job(id=job.id, scope=job.scope, payload=job.payload | {"generator": ""})
    return spec_of(without)


def outcome_of(job: Job) -> dict[str, Any] | None:
    """What an augmentation made and refused, with examples; nothing before it ended well."""
    if job.state != JobState.SUCCEEDED:
        return None
    found: dict[str, Any] | None = results.stats_of(job).get("augmentation")
    return found


def last_preview(version: DatasetVersion) -> Job | None:
    """The newest preview of a version."""
    jobs = Job.objects.filter(
        scope=version.dataset.project_id,
        kind="augment_dataset",
        payload__version=str(version.id),
        payload__numbers__preview=PREVIEW_ROWS,
    )
    return jobs.order_by("-created_at").first()
