"""Rows that a job left, as the next version of a dataset."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from corpus.recipe import Recipe
from jobs.models import Job
from studio.datasets import services
from studio.datasets.models import Dataset, DatasetVersion, Descent, RecipeInput, StoredFile
from studio.datasets.results import Rows, Split
from studio.projects.models import Project


@dataclass(frozen=True)
class Origin:
    """Where the rows of a version come from."""

    #: The operation that made it (`corpus.recipe.recipe_of`); those that made its parents are put before it.
    recipe: dict[str, Any]
    source: StoredFile | None = None
    glossary_version_id: UUID | None = None
    parent: DatasetVersion | None = None
    #: More versions whose rows went in.
    more_parents: tuple[DatasetVersion, ...] = ()

    @property
    def parents(self) -> tuple[DatasetVersion, ...]:
        """All versions whose rows went in, each once."""
        rows = [self.parent, *self.more_parents] if self.parent else [*self.more_parents]
        return tuple({row.id: row for row in rows}.values())


@transaction.atomic
def add_version(project: Project, name: str, rows: Rows, origin: Origin, job: Job) -> DatasetVersion:
    """The next version of the dataset called `name`, which is made where it is missing.

    Rows that the dataset has already make no new version: the one that has them is given.
    """
    Dataset.objects.get_or_create(project=project, name=name, defaults={"created_by": job.created_by})
    dataset = Dataset.objects.select_for_update().get(project=project, name=name)
    same = {"content_hash": rows.splits.content_hash, "glossary_version_id": origin.glossary_version_id}
    known = dataset.versions.filter(**same).first()
    if known is not None:
        return known
    splits = rows.splits
    recipe = Recipe.read(origin.recipe).after(
        (Recipe.read(parent.recipe) for parent in origin.parents if parent.recipe), splits.hashes
    )
    newest = dataset.versions.aggregate(number=Max("number"))["number"] or 0
    version = DatasetVersion.objects.create(
        dataset=dataset,
        number=newest + 1,
        train=_keep_split(project, splits.train, job),
        validation=_keep_split(project, splits.validation, job) if splits.validation else None,
        prompts=_keep_split(project, splits.prompts, job) if splits.prompts else None,
        source=origin.source,
        parent=origin.parent,
        recipe=recipe.as_dict(),
        stats=rows.stats,
        preview=rows.preview,
        job=job,
        created_by=job.created_by,
        **same,
    )
    for position, parent in enumerate(origin.parents):
        Descent.objects.create(version=version, parent=parent, position=position)
    keep_inputs(project, version, recipe.last.inputs)
    dataset.save(update_fields=["updated_at"])
    return version


def keep_inputs(project: Project, version: DatasetVersion, inputs: Iterable[str]) -> None:
    """Hold the files that made a version, so that nothing deletes what its recipe reads."""
    for sha256 in dict.fromkeys(inputs):
        stored = StoredFile.objects.filter(project=project, sha256=sha256)
        file = stored.exclude(status=StoredFile.Status.ERROR).order_by("created_at").first()
        if file is not None:
            RecipeInput.objects.get_or_create(version=version, file=file)


def _keep_split(project: Project, split: Split, job: Job) -> StoredFile:
    return services.keep_artifact(project, split.artifact, split.filename, split.purpose, job.created_by)
