"""Evaluation sets of a project, and whether a dataset version holds rows of them."""

from corpus.cleaning.held_out import refuse_contaminated
from studio.datasets import blobs
from studio.datasets import services as datasets
from studio.datasets.models import DatasetVersion, StoredFile
from studio.projects.models import Project

#: Of uploads and of held-out prompts alike.
PURPOSE = "evals"
#: So many bytes are looked through within a request, about half a second; more are by the run's process, as its first step.
READ_AT_ONCE_BYTES = 1024**2


def sets_of(project: Project) -> list[StoredFile]:
    """The evaluation sets of a project whose bytes are there, each content once, oldest first."""
    rows = StoredFile.objects.filter(project=project, purpose=PURPOSE, status=StoredFile.Status.PROCESSED)
    first: dict[str, StoredFile] = {}
    for stored in rows.order_by("created_at", "id"):
        if blobs.path_of(stored.sha256).is_file():
            first.setdefault(stored.sha256, stored)
    return list(first.values())


def check(project: Project, version: DatasetVersion) -> None:
    """Raise TrainingContaminated now where that is quickly seen; the run's first step looks through what is larger."""
    train = version.train
    sets = [stored for stored in sets_of(project) if stored.sha256 != train.sha256]
    if not sets or train.size_bytes + sum(stored.size_bytes for stored in sets) > READ_AT_ONCE_BYTES:
        return
    refuse_contaminated(
        datasets.blob_path(train), [(stored.filename, datasets.blob_path(stored)) for stored in sets]
    )
