"""What is different between two versions, a page at a time; and a version parted anew."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from corpus.diff.words import Mark, marks
from jobs import events, queue
from jobs.models import Artifact, Job
from jobs.states import ACTIVE, JobState
from protocol.specs.datasets import DiffVersionsSpec, ResplitDatasetSpec
from protocol.specs.files import FileRef, VersionFiles
from studio.datasets import results, services, versions
from studio.datasets.mixing import refused
from studio.datasets.models import DatasetVersion
from studio.errors import InvalidRequest
from studio.projects.models import Project

KINDS = ("changed", "moved", "added", "removed")
#: A line of index.txt: an offset in digits and a line feed.
INDEX_LINE = 20
MAX_PAGE = 100


def against(project: Project, after: DatasetVersion, text: str) -> DatasetVersion:
    """The version of that public id, else the one before. Raises NotFound, InvalidRequest where there is none before."""
    if text:
        return services.version_by_public_id(project, text)
    earlier = after.dataset.versions.filter(number__lt=after.number).order_by("-number").first()
    if earlier is None:
        raise InvalidRequest("There is no version before this one; name the other one.", "against")
    return earlier


def start(before: DatasetVersion, after: DatasetVersion, by: str) -> Job:
    """The job that compares two versions: one that did or does it already, else a new one. Raises InvalidRequest."""
    if before.dataset.project_id != after.dataset.project_id:
        raise InvalidRequest("Both versions must be of this project.", "against")
    known = job_of(before, after)
    if known is not None and (known.state in ACTIVE or is_whole(known)):
        return known
    payload = {"before": str(before.id), "after": str(after.id)}
    title = f"{before} → {after}"
    return queue.enqueue(
        "diff_versions", scope=after.dataset.project_id, payload=payload, title=title[:200], created_by=by
    )


def job_of(before: DatasetVersion, after: DatasetVersion) -> Job | None:
    """The newest job that compared two versions; as they never change, nor does what it found."""
    payload = {"before": str(before.id), "after": str(after.id)}
    jobs = Job.objects.filter(scope=after.dataset.project_id, kind="diff_versions", payload__contains=payload)
    return jobs.order_by("-created_at").first()


def is_whole(job: Job) -> bool:
    """Whether what the job found is still on the disk."""
    if job.state != JobState.SUCCEEDED:
        return False
    return all(
        events.artifact_path(results.needed(job, name)).is_file() for name in ("changes", "index", "diff")
    )


def spec_of(job: Job) -> DiffVersionsSpec:
    """The files of both versions. Raises NotFound."""
    return DiffVersionsSpec(
        before=files_of(versions.version_in(job, "before")), after=files_of(versions.version_in(job, "after"))
    )


def files_of(version: DatasetVersion) -> VersionFiles:
    """The splits of a version."""
    return VersionFiles(
        train=services.file_ref(version.train),
        validation=services.file_ref(version.validation) if version.validation else None,
    )


@dataclass(frozen=True)
class Side:
    """A row of one version: where it stands, and its texts with what is only here marked."""

    split: str
    line: int
    texts: list[list[Mark]]
    row: dict[str, Any]


@dataclass(frozen=True)
class Difference:
    """A row that is different."""

    kind: str
    before: Side | None
    after: Side | None


@dataclass(frozen=True)
class Differences:
    """Some of the differences, and how many there are of each kind."""

    counts: dict[str, int]
    rows: list[Difference]
    #: Where the next page begins, or nothing.
    next: int | None


def page(job: Job, *, kind: str, start_at: int, limit: int) -> Differences:
    """The differences of a kind ("" for all) from a place on. The job has succeeded."""
    counts = json.loads(path_of(job, "diff").read_text("utf-8"))
    first, last = span_of(counts, kind)
    begin = min(first + start_at, last)
    end = min(begin + min(limit, MAX_PAGE), last)
    with path_of(job, "index").open("rb") as index, path_of(job, "changes").open("rb") as file:
        index.seek(begin * INDEX_LINE)
        offsets = [int(index.read(INDEX_LINE)) for _ in range(end - begin)]
        rows = []
        for offset in offsets:
            file.seek(offset)
            rows.append(difference(json.loads(file.readline())))
    return Differences(counts, rows, end - first if end < last else None)


def span_of(counts: dict[str, int], kind: str) -> tuple[int, int]:
    """Where the differences of a kind begin and end in the file: kinds stand one after the other."""
    before = 0
    for each in KINDS:
        if each == kind:
            return before, before + counts[each]
        before += counts[each]
    return 0, before


def path_of(job: Job, name: str) -> Any:
    """Where an artifact of the job lies."""
    artifact: Artifact = results.needed(job, name)
    return events.artifact_path(artifact)


def difference(value: dict[str, Any]) -> Difference:
    """A line of changes.jsonl with the words marked."""
    old, new = value["before"], value["after"]
    before, after = (texts_of(side["row"]) if side else [] for side in (old, new))
    left, right = [], []
    for number in range(max(len(before), len(after))):
        a = before[number] if number < len(before) else ""
        b = after[number] if number < len(after) else ""
        pair = marks(a, b) if old and new else ([Mark("same", a)], [Mark("same", b)])
        left.append(pair[0])
        right.append(pair[1])
    return Difference(
        kind=value["kind"],
        before=Side(old["split"], old["line"], left[: len(before)], old["row"]) if old else None,
        after=Side(new["split"], new["line"], right[: len(after)], new["row"]) if new else None,
    )


def texts_of(row: dict[str, Any]) -> Sequence[str]:
    """What is said in a row, of any shape, each turn with who says it."""
    if "messages" in row:
        return [f"{each['role']}: {each.get('content') or ''}" for each in row["messages"]]
    texts = []
    for key, value in row.items():
        if isinstance(value, str):
            texts.append(f"{key}: {value}")
        elif key in ("input", "preferred_output", "non_preferred_output", "prompt"):
            said = value.get("messages", []) if isinstance(value, dict) else value
            texts += [f"{key}: {each.get('content') or ''}" for each in said if isinstance(each, dict)]
    return texts


def resplit(version: DatasetVersion, numbers: dict[str, Any], *, name: str, by: str) -> Job:
    """Start the job that parts a version anew into training and validation. Raises InvalidRequest."""
    try:
        ResplitDatasetSpec(train=FileRef(path="", filename="", sha256=""), **numbers)
    except ValidationError as error:
        raise refused(error) from error
    name = services.name_for(name, version.dataset.name)
    payload = {"version": str(version.id), "numbers": numbers, "name": name}
    project = version.dataset.project_id
    return queue.enqueue("resplit_dataset", scope=project, payload=payload, title=name, created_by=by)


def resplit_spec_of(job: Job) -> ResplitDatasetSpec:
    """The splits of a version and how they are to be parted. Raises NotFound."""
    version = versions.version_in(job)
    files = files_of(version)
    return ResplitDatasetSpec(
        train=files.train,
        validation=files.validation,
        prompts=services.file_ref(version.prompts) if version.prompts else None,
        **job.payload["numbers"],
    )
