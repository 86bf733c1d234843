"""What can be done with a version that never changes: do its recipe again, copy it, name it, delete it, see what hangs on it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.db.models import Max, Model, ProtectedError

from corpus.recipe import Recipe
from jobs import queue
from jobs.models import Job
from jobs.states import ACTIVE
from studio.datasets import services
from studio.datasets.errors import FileInUse, RecipeMissing, VersionInUse
from studio.datasets.models import Dataset, DatasetVersion, Descent, RecipeInput, StoredFile
from studio.errors import InvalidRequest, NotFound
from studio.projects.models import Project

LABEL_LIMIT = 60
NOTE_LIMIT = 4000
#: Users of a version that a refusal names.
NAMED = 20
#: How far a line of descent is followed, and how many of each kind are shown.
DEPTH = 6
SHOWN = 50

#: What uses a version, by the model's name, as people say it.
USERS = {
    "DatasetVersion": "dataset version",
    "Descent": "dataset version",
    "Run": "run",
    "ModelVersion": "model",
    "Evaluation": "evaluation",
}


def recipe_of(version: DatasetVersion) -> Recipe:
    """The recipe of a version. Raises RecipeMissing for one that has none, RecipeInvalid."""
    if not version.recipe:
        raise RecipeMissing(version=str(version))
    return Recipe.read(version.recipe)


def replay(version: DatasetVersion, by: str) -> Job:
    """Start the job that does a version's recipe again and compares the content hash. Raises RecipeMissing."""
    recipe_of(version)
    project = version.dataset.project_id
    payload = {"version": str(version.id)}
    return queue.enqueue("replay_recipe", scope=project, payload=payload, title=str(version), created_by=by)


def last_replay(version: DatasetVersion) -> Job | None:
    """The newest job that did the version's recipe again."""
    jobs = Job.objects.filter(kind="replay_recipe", payload__version=str(version.id))
    return jobs.order_by("-created_at").first()


@transaction.atomic
def copy(version: DatasetVersion, name: str, by: str) -> DatasetVersion:
    """The same rows as the newest version of the dataset called `name`, its own or another: a restore, or a copy.

    Nothing is done again: files and recipe are those of the version. The newest version is given where it has these rows.
    """
    project = version.dataset.project
    name = services.name_for(name, version.dataset.name)
    Dataset.objects.get_or_create(project=project, name=name, defaults={"created_by": by})
    dataset = Dataset.objects.select_for_update().get(project=project, name=name)
    newest = dataset.versions.order_by("-number").first()
    if newest is not None and newest.content_hash == version.content_hash:
        return newest
    made = DatasetVersion.objects.create(
        dataset=dataset,
        number=(dataset.versions.aggregate(number=Max("number"))["number"] or 0) + 1,
        content_hash=version.content_hash,
        source=version.source,
        train=version.train,
        validation=version.validation,
        prompts=version.prompts,
        glossary_version_id=version.glossary_version_id,
        parent=version,
        recipe=version.recipe,
        stats=version.stats,
        preview=version.preview,
        job=version.job,
        created_by=by,
    )
    Descent.objects.create(version=made, parent=version)
    for row in version.inputs.all():
        RecipeInput.objects.create(version=made, file_id=row.file_id)
    dataset.save(update_fields=["updated_at"])
    return made


def describe(version: DatasetVersion, *, label: str | None = None, note: str | None = None) -> DatasetVersion:
    """Give a version a label or a note; None leaves what is there. Raises InvalidRequest."""
    changed = []
    if label is not None:
        version.label = " ".join(label.split())
        changed.append("label")
        check_text(version.label, "label", LABEL_LIMIT)
    if note is not None:
        version.note = note.strip()
        changed.append("note")
        check_text(version.note, "note", NOTE_LIMIT)
    version.save(update_fields=changed)
    return version


def check_text(text: str, param: str, limit: int) -> None:
    """Raise InvalidRequest for a text that is too long or holds a NUL."""
    if len(text) > limit:
        raise InvalidRequest(f"A {param} has at most {limit} characters.", param)
    if "\0" in text:
        raise InvalidRequest(f"A {param} holds no NUL character.", param)


@transaction.atomic
def delete(version: DatasetVersion) -> None:
    """Forget a version and the files that only it has; the dataset goes with its last. Raises VersionInUse, NotFound."""
    dataset = Dataset.objects.select_for_update().filter(id=version.dataset_id).first()
    row = DatasetVersion.objects.select_for_update().filter(id=version.id).first()
    if dataset is None or row is None:
        raise NotFound(what="dataset version", id=services.version_public_id(version))
    name, users = str(version), users_of(version)
    if users:
        raise VersionInUse(version=name, users=users)
    files = [file for file in (version.train, version.validation, version.prompts) if file]
    StoredFile.objects.filter(version_id=row.id).update(version_id=None)
    try:
        row.delete()
    except ProtectedError as error:
        raise VersionInUse(version=name, users=named(error.protected_objects)) from error
    for file in files:
        forget_unless_used(file)
    if not dataset.versions.exists():
        dataset.delete()


def forget_unless_used(file: StoredFile) -> None:
    """Delete a split's file that no other version has."""
    try:
        with transaction.atomic():
            services.delete(file)
    except FileInUse:
        # A copy of the version, or a version made from it, has the same file.
        return


def users_of(version: DatasetVersion) -> list[dict[str, str]]:
    """What hangs on a version: versions made from it, runs, models, evaluations, and jobs that are about to read it."""
    found: list[Model] = [
        descent.version for descent in version.heirs.select_related("version__dataset")[:NAMED]
    ]
    for relation in ("runs", "models", "evaluations"):
        related = getattr(version, relation, None)
        found += list(related.all()[:NAMED]) if related is not None else []
    users = named(found)
    active = Job.objects.filter(scope=version.dataset.project_id, state__in=ACTIVE).exclude(
        kind="replay_recipe"
    )
    users += [
        {"kind": "job", "id": str(job.id), "name": job.title}
        for job in active
        if str(version.id) in json.dumps(job.payload)
    ]
    return users[:NAMED]


def named(rows: Iterable[Any]) -> list[dict[str, str]]:
    """Kind, id and name of rows."""
    users = []
    for row in rows:
        kind = USERS.get(type(row).__name__, str(type(row)._meta.verbose_name))
        users.append({"kind": kind, "id": str(row.pk), "name": str(row)})
    return users[:NAMED]


@dataclass(frozen=True)
class Node:
    """A thing in a line of descent."""

    kind: str
    #: Its uuid.
    id: str
    name: str
    #: The operation that led here, or nothing.
    operation: str = ""
    at: datetime | None = None
    #: What it was made from, or what was made from it.
    next: tuple["Node", ...] = ()


@dataclass(frozen=True)
class Lineage:
    """A version between what it was made from and what was made from it."""

    version: Node
    made_from: tuple[Node, ...]
    used_by: tuple[Node, ...]


def lineage_of(version: DatasetVersion) -> Lineage:
    """Parents, files and glossary on one side; versions, models and runs on the other."""
    return Lineage(version_node(version), made_from(version, DEPTH), used_by(version, DEPTH))


def version_node(version: DatasetVersion, *, next_: tuple[Node, ...] = ()) -> Node:
    """A version as a node."""
    operations = version.recipe.get("operations") or [{}]
    operation = str(operations[-1].get("op", ""))
    return Node("dataset_version", str(version.id), str(version), operation, version.created_at, next_)


def made_from(version: DatasetVersion, depth: int) -> tuple[Node, ...]:
    """What a version was made from, and so on."""
    nodes = []
    for descent in version.descents.select_related("parent__dataset", "parent__source")[:SHOWN]:
        parents = made_from(descent.parent, depth - 1) if depth > 1 else ()
        nodes.append(version_node(descent.parent, next_=parents))
    if version.source is not None:
        source = version.source
        nodes.append(Node("file", str(source.id), source.filename, at=source.created_at))
    if version.glossary_version_id is not None:
        nodes += glossary_node(version.glossary_version_id)
    return tuple(nodes)


def glossary_node(id_: UUID) -> list[Node]:
    """The glossary version, if it is still there; the app of glossaries stands above this one."""
    glossaries = apps.get_model("glossaries", "GlossaryVersion").objects.select_related("glossary")
    found = glossaries.filter(id=id_).first()
    return [Node("glossary_version", str(found.pk), str(found), at=found.published_at)] if found else []


def used_by(version: DatasetVersion, depth: int) -> tuple[Node, ...]:
    """What was made from a version, and so on."""
    nodes = []
    for descent in version.heirs.select_related("version__dataset")[:SHOWN]:
        heirs = used_by(descent.version, depth - 1) if depth > 1 else ()
        nodes.append(version_node(descent.version, next_=heirs))
    for relation, kind in (("models", "model"), ("runs", "run")):
        related = getattr(version, relation, None)
        rows = related.order_by("-created_at")[:SHOWN] if related is not None else ()
        nodes += [Node(kind, str(row.pk), str(row), at=row.created_at) for row in rows]
    return tuple(nodes)


def files_of(recipe: Recipe, project_id: UUID) -> list[StoredFile]:
    """The stored files of a project that a recipe reads or made."""
    hashes = {sha for op in recipe.operations for sha in (*op.inputs, *op.outputs.values())}
    rows = StoredFile.objects.filter(project_id=project_id, sha256__in=hashes)
    return list(rows.exclude(status=StoredFile.Status.ERROR).order_by("sha256").distinct("sha256"))


def version_in(job: Job, key: str = "version") -> DatasetVersion:
    """The dataset version a job works on. Raises NotFound."""
    joined = ("dataset__project", "train", "validation", "prompts", "source")
    version = DatasetVersion.objects.select_related(*joined).filter(id=job.payload[key]).first()
    if version is None:
        raise NotFound(what="dataset version", id=job.payload[key])
    return version


def of_project(project: Project, version: DatasetVersion) -> None:
    """Raise NotFound for a version of another project."""
    if version.dataset.project_id != project.id:
        raise NotFound(what="dataset version", id=services.version_public_id(version))
