"""What a model was made of, down to the uploaded files, and what it is used by."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from studio.datasets.models import DatasetVersion, StoredFile
from studio.glossaries.models import GlossaryVersion
from studio.registry.models import BaseModel, ModelVersion

#: Dataset versions made one from the other that are followed from a model; a page cannot show more.
DEPTH = 50


@dataclass(frozen=True)
class LineageNode:
    """One thing in the making or the use of a model, and what it was made from (`sources`) or is used by (`uses`)."""

    #: model, base, run, dataset, file, glossary, evaluation, deployment
    kind: str
    id: str
    label: str
    #: Content hash, where the thing has one.
    sha256: str = ""
    #: A word on its state or number.
    detail: str = ""
    by: str = ""
    at: datetime | None = None
    sources: tuple["LineageNode", ...] = ()
    uses: tuple["LineageNode", ...] = ()


def lineage(version: ModelVersion) -> LineageNode:
    """What the model was made of, down to the uploaded files, and what it is used by."""
    sources = [_base_node(version.base)]
    run = getattr(version, "run", None)
    if run is not None:
        sources.append(
            LineageNode(
                "run", str(run.id), str(run), detail=run.job.state, by=run.created_by, at=run.created_at
            )
        )
    if version.dataset_version is not None:
        sources.append(_dataset_node(version.dataset_version, set()))
    if version.glossary_version is not None:
        sources.append(_glossary_node(version.glossary_version))
    evaluations = version.evaluations.select_related("job", "dataset_version__dataset")
    deployments = version.deployments.select_related("job")
    uses = [
        *(
            _use_node("evaluation", e.id, str(e.dataset_version), e.job.state, e.created_by, e.created_at)
            for e in evaluations
        ),
        *(
            _use_node("deployment", d.id, d.name, d.job.state, d.created_by, d.created_at)
            for d in deployments
        ),
    ]
    return LineageNode(
        "model",
        str(version.id),
        version.model_id,
        sha256=version.weights_sha256,
        by=version.created_by,
        at=version.created_at,
        sources=tuple(sources),
        uses=tuple(uses),
    )


def _use_node(kind: str, id_: uuid.UUID, label: str, state: str, by: str, at: datetime) -> LineageNode:
    return LineageNode(kind, str(id_), label, detail=state, by=by, at=at)


def _base_node(base: BaseModel) -> LineageNode:
    return LineageNode(
        "base", str(base.id), base.model_id, sha256=base.revision, detail=base.licence, at=base.created_at
    )


def _dataset_node(version: DatasetVersion, seen: set[uuid.UUID], depth: int = DEPTH) -> LineageNode:
    """A version with what it was made from; one that `seen` has is named without that again."""
    sources: list[LineageNode] = []
    if depth > 0 and version.id not in seen:
        seen.add(version.id)
        sources = _sources_of(version, seen, depth)
    return LineageNode(
        "dataset",
        str(version.id),
        str(version),
        sha256=version.content_hash,
        by=version.created_by,
        at=version.created_at,
        sources=tuple(sources),
    )


def _sources_of(version: DatasetVersion, seen: set[uuid.UUID], depth: int) -> list[LineageNode]:
    sources = [] if version.source is None else [_file_node(version.source)]
    descents = version.descents.select_related("parent__dataset", "parent__source")
    sources += [_dataset_node(descent.parent, seen, depth - 1) for descent in descents]
    if version.glossary_version_id is not None:
        rows = GlossaryVersion.objects.filter(id=version.glossary_version_id)
        sources += [_glossary_node(found) for found in rows.select_related("glossary", "source")]
    return sources


def _glossary_node(version: GlossaryVersion) -> LineageNode:
    return LineageNode(
        "glossary",
        str(version.id),
        str(version),
        sha256=version.content_hash,
        by=version.published_by,
        at=version.published_at,
        sources=(_file_node(version.source),) if version.source is not None else (),
    )


def _file_node(stored: StoredFile) -> LineageNode:
    return LineageNode(
        "file",
        str(stored.id),
        stored.filename,
        sha256=stored.sha256,
        by=stored.created_by,
        at=stored.created_at,
    )
