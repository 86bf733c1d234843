"""Tokens of rows: look at one now, count those of a file by a job, and know what was counted."""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction

from corpus.errors import NoTrainableTokens
from jobs import events, queue
from jobs.models import Artifact, Job
from jobs.states import JobState
from studio.datasets import services as datasets
from studio.datasets.models import DatasetVersion, StoredFile
from studio.errors import InvalidRequest
from studio.projects.models import Project
from studio.registry import services as registry
from studio.registry.models import BaseModel
from studio.tokens.errors import RowNoChat, RowUnknown, TokensUnready
from studio.tokens.models import TokenCount

if TYPE_CHECKING:
    from corpus.tokens.model import ModelTokens
    from corpus.tokens.neighbours import Neighbours
    from corpus.tokens.xray import XRay

KIND = "count_tokens"
#: Rows of one look, and how far into a file is read where no index says where a row begins.
ROWS_LIMIT = 50
UNCOUNTED_LIMIT = 20_000
#: Characters of one row that a page or an answer shows tokens of.
ROW_CHARS = 200_000


def split_file(version: DatasetVersion, split: str) -> StoredFile:
    """The file of a version's split. Raises InvalidRequest where there is none."""
    found = {"train": version.train, "validation": version.validation}.get(split)
    if found is None:
        raise InvalidRequest(f"The version has no {split} rows.", "split")
    return found


def base_of(model_id: str) -> BaseModel:
    """The base model of that id. Raises InvalidRequest for none, and for one whose files are not here."""
    base = BaseModel.objects.filter(model_id=model_id).first()
    if base is None or not registry.is_present(base):
        raise InvalidRequest(f"There is no base model {model_id!r}.", "base_model")
    return base


def tokens_of(base: BaseModel) -> "ModelTokens":
    """A base model's tokenizer and template. Raises TokenizerInvalid, TemplateUnusable."""
    return _load(registry.base_ref(base).path, base.revision)


@lru_cache(maxsize=2)
def _load(path: str, revision: str) -> "ModelTokens":
    # Loaded by the first look: a web process that nobody asks for tokens stays small.
    from corpus.tokens.model import ModelTokens

    del revision  # part of the key: other files are another model
    return ModelTokens.load(Path(path))


def look(row: Any, base: BaseModel, max_length: int) -> "list[XRay]":
    """A decoded row as tokens. Raises RowNoChat, TokenizerInvalid, TemplateUnusable."""
    from corpus.tokens.xray import look_through

    if not isinstance(row, dict):
        raise RowNoChat(reason="it is not an object")
    if len(json.dumps(row, ensure_ascii=False)) > ROW_CHARS:
        raise RowNoChat(reason=f"it has more than {ROW_CHARS} characters")
    try:
        return look_through(row, tokens_of(base), max_length)
    except (KeyError, TypeError, ValueError) as error:
        reason = f"it has no {error}" if isinstance(error, KeyError) else str(error).splitlines()[0]
        raise RowNoChat(reason=reason) from error


def row_at(stored: StoredFile, number: int, counted: TokenCount | None) -> dict[str, Any]:
    """Row `number` of a file, counted from 1. Raises RowUnknown, TokensUnready, ContentGone."""
    from corpus.tokens.count import line_at

    index = index_of(counted) if counted else None
    if index is None and number > UNCOUNTED_LIMIT:
        raise TokensUnready(row=number, limit=UNCOUNTED_LIMIT)
    line = line_at(datasets.blob_path(stored), index, number)
    if line is None:
        raise RowUnknown(row=number)
    row: dict[str, Any] = json.loads(line)
    return row


def neighbours(
    counted: TokenCount, numbers: Iterable[int], *, batch_tokens: int, seed: int, epoch: int
) -> "dict[int, Neighbours]":
    """The packs that rows stand in; rows that are left out have none, and none has where the index is gone."""
    from corpus.tokens.count import entries
    from corpus.tokens.neighbours import neighbours_of

    index = index_of(counted)
    if index is None:
        return {}
    return neighbours_of(
        entries(index), numbers, max_length=counted.max_length, limit=batch_tokens, seed=seed, epoch=epoch
    )


def index_of(counted: TokenCount) -> Path | None:
    """The index that the counting job left, where it is still there."""
    if counted.totals is None or counted.job is None:
        return None
    artifact = Artifact.objects.filter(job=counted.job, attempt=counted.job.attempt, name="index").first()
    path = events.artifact_path(artifact) if artifact else None
    return path if path is not None and path.is_file() else None


def counted(project: Project, stored: StoredFile, base: BaseModel, max_length: int) -> TokenCount | None:
    """What is known of a file's tokens, be it counted or being counted."""
    rows = TokenCount.objects.filter(project=project, rows_sha256=stored.sha256, revision=base.revision)
    return rows.filter(max_length=max_length).select_related("job", "base").first()


@transaction.atomic
def count(project: Project, stored: StoredFile, base: BaseModel, max_length: int, *, by: str) -> TokenCount:
    """Have a file's tokens counted, unless they are or are being. Raises QuotaExceeded."""
    found, _ = TokenCount.objects.get_or_create(
        project=project,
        rows_sha256=stored.sha256,
        revision=base.revision,
        max_length=max_length,
        defaults={"base": base},
    )
    row = TokenCount.objects.select_for_update().get(id=found.id)
    if row.totals is not None or (row.job is not None and row.job.state not in _ENDED_BADLY):
        return row
    row.job = queue.enqueue(
        KIND,
        scope=project.id,
        payload={"count": str(row.id), "file": str(stored.id)},
        title=f"{stored.filename}"[: datasets.TITLE_LIMIT],
        created_by=by,
    )
    row.save(update_fields=["job"])
    return row


_ENDED_BADLY = (JobState.FAILED, JobState.CANCELLED)


def check_trainable(project: Project, version: DatasetVersion, base: BaseModel, max_length: int) -> None:
    """Raise NoTrainableTokens where it is known that a run could not learn a single token."""
    known = counted(project, version.train, base, max_length)
    if known is not None and known.totals is not None and known.totals["trained"] == 0:
        raise NoTrainableTokens(rows=known.totals["rows"], max_length=max_length)


def base_models() -> Sequence[BaseModel]:
    """The base models whose files are here."""
    return [base for base in BaseModel.objects.all() if registry.is_present(base)]


def count_of(job: Job) -> TokenCount | None:
    """What a job counts."""
    return TokenCount.objects.filter(id=job.payload["count"]).select_related("base", "project").first()
