"""Datasets as /api shows them."""

from datetime import datetime
from typing import Any, Literal

from ninja import Schema

from studio.datasets import services
from studio.datasets.models import Dataset, DatasetVersion
from studio.datasets.shapes import is_trainable, shape_of


class Files(Schema):
    """Ids of the files of a version's splits: to download, or to train on."""

    train: str
    validation: str | None
    prompts: str | None


class VersionOut(Schema):
    """Rows ready for training."""

    object: Literal["dataset.version"] = "dataset.version"
    id: str
    dataset: str
    number: int
    content_hash: str
    #: The uploaded file, or nothing for rows made from a glossary.
    source: str | None
    files: Files
    #: The dataset version mixed in.
    parent: str | None
    #: Rows of each split.
    rows: dict[str, int]
    #: What the rows are for (corpus.records.Shape), and whether a run can be started on them now.
    shape: str
    is_trainable: bool
    #: The counts of the job that made them; `rows` are those of training and validation together.
    stats: dict[str, Any]
    #: {"operations": [...]}: enough to make the rows again, see docs/datasets.md.
    recipe: dict[str, Any]
    label: str
    note: str
    created_by: str
    created_at: datetime


class VersionWithRowsOut(VersionOut):
    """A version with its first rows."""

    preview: list[dict[str, Any]]


class DatasetOut(Schema):
    """A dataset and its newest version."""

    object: Literal["dataset"] = "dataset"
    id: str
    name: str
    newest: VersionOut
    created_by: str
    created_at: datetime
    updated_at: datetime


class DatasetWithRowsOut(DatasetOut):
    """A dataset, its newest version with first rows, and the numbers of all versions."""

    newest: VersionWithRowsOut
    versions: list[int]


def version_out(version: DatasetVersion) -> VersionOut:
    """The version as it is sent."""
    return VersionOut(**_fields_of(version))


def version_with_rows_out(version: DatasetVersion) -> VersionWithRowsOut:
    """The version with its first rows as it is sent."""
    return VersionWithRowsOut(**_fields_of(version), preview=version.preview)


def _fields_of(version: DatasetVersion) -> dict[str, Any]:
    rows = rows_by_split(version.stats)
    return {
        "id": services.version_public_id(version),
        "dataset": services.dataset_public_id(version.dataset),
        "number": version.number,
        "content_hash": version.content_hash,
        "source": services.public_id(version.source) if version.source else None,
        "files": Files(
            train=services.public_id(version.train),
            validation=services.public_id(version.validation) if version.validation else None,
            prompts=services.public_id(version.prompts) if version.prompts else None,
        ),
        "parent": services.version_public_id(version.parent) if version.parent else None,
        "rows": rows,
        "shape": shape_of(version),
        "is_trainable": is_trainable(version),
        "stats": version.stats | {"rows": rows.get("train", 0) + rows.get("validation", 0)},
        "recipe": version.recipe,
        "label": version.label,
        "note": version.note,
        "created_by": version.created_by,
        "created_at": version.created_at,
    }


def rows_by_split(stats: dict[str, Any]) -> dict[str, int]:
    """Rows of each split that the counts name."""
    rows = {}
    for split in ("train", "validation", "prompts"):
        counted = stats.get(split)
        if isinstance(counted, dict):
            rows[split] = int(counted.get("rows", 0))
        elif isinstance(counted, int):
            rows[split] = counted
    return rows


def dataset_out(dataset: Dataset, newest: DatasetVersion) -> DatasetOut:
    """The dataset as a list shows it."""
    return DatasetOut(**_dataset_fields(dataset), newest=version_out(newest))


def dataset_with_rows_out(dataset: Dataset, newest: DatasetVersion, numbers: list[int]) -> DatasetWithRowsOut:
    """The dataset by itself."""
    return DatasetWithRowsOut(
        **_dataset_fields(dataset), newest=version_with_rows_out(newest), versions=numbers
    )


def _dataset_fields(dataset: Dataset) -> dict[str, Any]:
    return {
        "id": services.dataset_public_id(dataset),
        "name": dataset.name,
        "created_by": dataset.created_by,
        "created_at": dataset.created_at,
        "updated_at": dataset.updated_at,
    }
