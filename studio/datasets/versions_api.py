"""/api/datasets/{id}/versions/{n}/...: replay, lineage, labels, copies, deletion."""

from datetime import datetime
from typing import Literal

from django.http import HttpResponse
from ninja import Schema
from pydantic import Field

from studio.datasets import services, versions
from studio.datasets.api import Number, router
from studio.datasets.models import DatasetVersion
from studio.datasets.schemas import VersionOut, version_out
from studio.errors import NotFound
from studio.projects.access import ApiRequest
from studio.projects.idempotency import once
from studio.projects.models import Project, Role
from studio.projects.schemas import JobStarted, started

__all__ = ["router"]

VERSION = "/datasets/{dataset_id}/versions/{number}"


class DescriptionIn(Schema):
    """What a version is called and what is to be known of it; what is left out stays."""

    label: str | None = Field(None, max_length=versions.LABEL_LIMIT)
    note: str | None = Field(None, max_length=versions.NOTE_LIMIT)


class CopyIn(Schema):
    """Where the copy goes: another dataset's name, or nothing for a newest version of the same dataset."""

    name: str = Field("", max_length=services.NAME_LIMIT)


class NodeOut(Schema):
    """A thing in a line of descent, with what comes behind it."""

    kind: Literal["dataset_version", "file", "glossary_version", "model", "run"]
    id: str
    name: str
    operation: str
    at: datetime | None
    next: "list[NodeOut]"


class LineageOut(Schema):
    """What a version was made from, and what was made from it."""

    object: Literal["dataset.lineage"] = "dataset.lineage"
    version: NodeOut
    made_from: list[NodeOut]
    used_by: list[NodeOut]


class Deleted(Schema):
    """What was deleted."""

    object: Literal["dataset.version.deleted"] = "dataset.version.deleted"
    id: str
    deleted: Literal[True] = True


def version_at(project: Project, dataset_id: str, number: int) -> DatasetVersion:
    """The version of that number. Raises NotFound."""
    dataset = services.dataset_by_public_id(project, dataset_id)
    joined = ("dataset__project", "source", "train", "validation", "prompts", "parent")
    version = dataset.versions.select_related(*joined).filter(number=number).first()
    if version is None:
        raise NotFound(what=f"version of {dataset_id}", id=number)
    return version


@router.post(VERSION + "/replay", response={202: JobStarted})
def replay(request: ApiRequest, dataset_id: str, number: Number) -> HttpResponse:
    """Do the version's recipe again. The job succeeds when the rows are the same, else it fails with `replay_differs`."""
    version = version_at(request.auth.require(Role.EDITOR), dataset_id, number)
    return once(request, lambda: started(versions.replay(version, request.auth.by)), status=202)


@router.post(VERSION + "/copy", response={201: VersionOut})
def copy(request: ApiRequest, dataset_id: str, number: Number, payload: CopyIn) -> HttpResponse:
    """The same rows as a new version: of this dataset (a restore), or of the one that is named (a copy)."""
    version = version_at(request.auth.require(Role.EDITOR), dataset_id, number)
    return once(
        request, lambda: version_out(versions.copy(version, payload.name, request.auth.by)), status=201
    )


@router.patch(VERSION, response=VersionOut)
def describe(request: ApiRequest, dataset_id: str, number: Number, payload: DescriptionIn) -> VersionOut:
    """Give a version a label or a note; its rows stay as they are."""
    version = version_at(request.auth.require(Role.EDITOR), dataset_id, number)
    return version_out(versions.describe(version, label=payload.label, note=payload.note))


@router.delete(VERSION, response=Deleted)
def delete(request: ApiRequest, dataset_id: str, number: Number) -> Deleted:
    """Delete a version that nothing was made from; else `object_in_use`, with who uses it."""
    version = version_at(request.auth.require(Role.EDITOR), dataset_id, number)
    id_ = services.version_public_id(version)
    versions.delete(version)
    return Deleted(id=id_)


@router.get(VERSION + "/lineage", response=LineageOut)
def lineage(request: ApiRequest, dataset_id: str, number: Number) -> LineageOut:
    """What the version was made from, and which versions, models and runs were made from it."""
    found = versions.lineage_of(version_at(request.auth.require(Role.VIEWER), dataset_id, number))
    return LineageOut(
        version=node_out(found.version),
        made_from=[node_out(node) for node in found.made_from],
        used_by=[node_out(node) for node in found.used_by],
    )


def node_out(node: versions.Node) -> NodeOut:
    """The node as it is sent."""
    return NodeOut.model_validate(
        {
            "kind": node.kind,
            "id": node.id,
            "name": node.name,
            "operation": node.operation,
            "at": node.at,
            "next": [node_out(each) for each in node.next],
        }
    )
