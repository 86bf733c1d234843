"""What a job of the corpus left, as rows of a dataset version."""

import json
from dataclasses import dataclass
from itertools import islice
from typing import Any

from corpus.recipe import content_hash_of
from jobs import events
from jobs.models import Artifact, Job
from jobs.states import JobState
from studio.datasets.errors import ArtifactMissing
from studio.datasets.models import DatasetVersion

PREVIEW_ROWS = 50
#: A preview is for looking at: longer texts and conversations are cut.
PREVIEW_CHARS = 2000
PREVIEW_TURNS = 20


@dataclass(frozen=True)
class Split:
    """Rows that a job left: the artifact, and what the file is to be called and be for."""

    artifact: Artifact
    filename: str
    purpose: str


@dataclass(frozen=True)
class Splits:
    """The files of rows a job left for a dataset version."""

    train: Split
    validation: Split | None
    prompts: Split | None

    @property
    def content_hash(self) -> str:
        """sha256 over the hashes of the splits: same rows, same hash."""
        return content_hash_of(self.hashes)

    @property
    def hashes(self) -> dict[str, str]:
        """Split -> sha256 of its file, as a recipe's outputs name them."""
        splits = {"train": self.train, "validation": self.validation, "prompts": self.prompts}
        return {name: split.artifact.sha256 for name, split in splits.items() if split}


@dataclass(frozen=True)
class Rows:
    """Everything a job left for a dataset version."""

    splits: Splits
    stats: dict[str, Any]
    #: First rows, as shown on the page.
    preview: list[dict[str, Any]]


def artifacts_of(job: Job) -> dict[str, Artifact]:
    """The artifacts of the attempt that ended well, by name."""
    return {artifact.name: artifact for artifact in job.artifacts.filter(attempt=job.attempt)}


def needed(job: Job, name: str) -> Artifact:
    """The artifact of that name. Raises ArtifactMissing."""
    artifact = artifacts_of(job).get(name)
    if artifact is None:
        raise ArtifactMissing(job=str(job.id), name=name)
    return artifact


def stats_of(job: Job) -> dict[str, Any]:
    """The counts in stats.json."""
    text = events.artifact_path(needed(job, "stats")).read_text("utf-8")
    stats: dict[str, Any] = json.loads(text)
    return stats


def json_of(artifact: Artifact) -> dict[str, Any]:
    """What a file of JSON says."""
    value: dict[str, Any] = json.loads(events.artifact_path(artifact).read_text("utf-8"))
    return value


def splits_of(job: Job, name: str) -> Splits:
    """The files of rows a job left for the dataset called `name`; an empty one is none, but for training."""
    found = artifacts_of(job)

    def split(part: str, purpose: str) -> Split | None:
        artifact = found.get(part)
        if artifact is None or artifact.size_bytes == 0:
            return None
        return Split(artifact, filename_of(name, part), purpose)

    return Splits(
        train=Split(needed(job, "train"), filename_of(name, "train"), "fine-tune"),
        validation=split("validation", "fine-tune"),
        prompts=split("prompts", "evals"),
    )


def filename_of(name: str, part: str) -> str:
    """What a split's file is called."""
    return f"{name}.{part}.jsonl"


def rows_of(job: Job, name: str, *, preview: str) -> Rows:
    """Everything a job left for the dataset called `name`; its first rows are those of the artifact `preview`."""
    return Rows(splits_of(job, name), stats_of(job), preview_of(needed(job, preview)))


def preview_of(artifact: Artifact) -> list[dict[str, Any]]:
    """The first rows of a file of rows, short enough for a page."""
    with events.artifact_path(artifact).open(encoding="utf-8") as lines:
        return [shortened(json.loads(line)) for line in islice(lines, PREVIEW_ROWS)]


def shortened(row: dict[str, Any]) -> dict[str, Any]:
    """A row of any shape with its long texts and long conversations cut."""
    return {name: _shortened_part(name, value) for name, value in row.items()}


def _shortened_part(name: str, value: Any) -> Any:
    if name in _TURNS and isinstance(value, list):
        return [{key: cut(part) for key, part in turn.items()} for turn in value[:PREVIEW_TURNS]]
    if name == "input" and isinstance(value, dict):
        return {key: _shortened_part(key, part) for key, part in value.items()}
    return cut(value)


#: Members of a row that are turns: of a chat, and of a preference row.
_TURNS = ("messages", "preferred_output", "non_preferred_output")


def cut(value: Any) -> Any:
    """A text cut to its beginning; anything else whole, unless it is long when written out."""
    if isinstance(value, str):
        return value if len(value) <= PREVIEW_CHARS else value[:PREVIEW_CHARS] + "…"
    written = json.dumps(value, ensure_ascii=False)
    return value if len(written) <= PREVIEW_CHARS else written[:PREVIEW_CHARS] + "…"


def version_made_by(job: Job) -> DatasetVersion | None:
    """The dataset version a job made, or found to be there already."""
    if job.state != JobState.SUCCEEDED:
        return None
    splits = splits_of(job, job.payload["name"])
    versions = DatasetVersion.objects.filter(
        dataset__project_id=job.scope,
        dataset__name=job.payload["name"],
        content_hash=splits.content_hash,
    )
    if job.kind == "generate_rows":
        versions = versions.filter(glossary_version_id=job.payload["version"])
    return versions.select_related("dataset").first()
