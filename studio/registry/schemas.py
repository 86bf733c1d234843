"""Models as /api shows them."""

from datetime import datetime
from typing import Any, Literal

from ninja import Schema

from studio.registry.lineage import LineageNode, lineage
from studio.registry.models import ModelVersion


class NodeOut(Schema):
    """One thing in the making or the use of a model."""

    kind: str
    id: str
    label: str
    sha256: str
    detail: str
    by: str
    at: datetime | None
    sources: list["NodeOut"]
    uses: list["NodeOut"]


class LineageOut(Schema):
    """What a model is made of and used by, with its manifest."""

    object: Literal["model.lineage"] = "model.lineage"
    model: str
    weights_sha256: str
    size_bytes: int
    metrics: dict[str, float]
    manifest: dict[str, Any]
    lineage: NodeOut


class VerifiedOut(Schema):
    """That every file of a model still has the hash of its manifest."""

    object: Literal["model.verification"] = "model.verification"
    model: str
    files: int
    verified: bool = True


def lineage_out(version: ModelVersion) -> LineageOut:
    """The model's lineage as it is sent."""
    return LineageOut(
        model=version.model_id,
        weights_sha256=version.weights_sha256,
        size_bytes=version.size_bytes,
        metrics=version.metrics,
        manifest=version.manifest,
        lineage=node_out(lineage(version)),
    )


def node_out(node: LineageNode) -> NodeOut:
    """A node with everything below it."""
    return NodeOut(
        kind=node.kind,
        id=node.id,
        label=node.label,
        sha256=node.sha256,
        detail=node.detail,
        by=node.by,
        at=node.at,
        sources=[node_out(source) for source in node.sources],
        uses=[node_out(use) for use in node.uses],
    )
