"""What a project's home shows, read in a fixed number of queries."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from jobs.models import Job, JobEvent, Node
from jobs.states import ACTIVE, HELD, TERMINAL, JobState
from protocol.evaluation import Metric
from studio.datasets import uploads
from studio.datasets.models import DatasetVersion, StoredFile
from studio.deployments.models import Deployment
from studio.evaluations.models import Evaluation, ScoreRow
from studio.glossaries.models import Glossary, GlossaryVersion
from studio.projects.models import Project
from studio.registry.models import ModelVersion

SHOWN = 6
FAILED_FOR = timedelta(days=7)
#: A node that has not said anything for longer is shown as away.
NODE_SILENT = timedelta(seconds=30)
#: Job kind -> the page of the list its result appears in.
PLACES = {
    **dict.fromkeys(("prepare_glossary", "apply_import", "coverage", "mine_terms"), "glossaries"),
    **dict.fromkeys(("prepare_dataset", "validate_dataset", "sample_dataset"), "datasets"),
    **dict.fromkeys(("generate_rows", "generate_pairs", "count_tokens"), "datasets"),
    **dict.fromkeys(("replay_recipe", "augment_dataset", "diff_versions", "resplit_dataset"), "datasets"),
    **dict.fromkeys(("mix_datasets", "measure_mix", "clean_dataset", "undo_cleaning"), "datasets"),
    "train": "runs",
    "evaluate": "evaluations",
    "serve": "deployments",
}


@dataclass(frozen=True)
class Work:
    """A job that is not over."""

    job: Job
    href: str
    #: Payload of its newest `step` or `progress` event.
    step: dict[str, Any] | None
    progress: dict[str, Any] | None

    @property
    def done(self) -> int | None:
        """Steps or units that are done, where the job has said so."""
        return self.step["step"] if self.step else self.progress["done"] if self.progress else None

    @property
    def total(self) -> int | None:
        """Of how many."""
        return self.step["steps"] if self.step else self.progress["total"] if self.progress else None

    @property
    def share(self) -> float | None:
        """Done of total."""
        return self.done / self.total if self.done is not None and self.total else None


@dataclass(frozen=True)
class Dumbbell:
    """Before and after of a share on a line 120 units wide, with the interval of the change around the second."""

    before: float
    after: float
    low: float
    high: float


def dumbbell(score: ScoreRow) -> Dumbbell:
    """Where a share's points lie."""

    def place(share: float) -> float:
        return round(6 + 108 * min(max(share, 0.0), 1.0), 1)

    low = score.change if score.ci_low is None else score.ci_low
    high = score.change if score.ci_high is None else score.ci_high
    return Dumbbell(
        place(score.before), place(score.after), place(score.before + low), place(score.before + high)
    )


@dataclass(frozen=True)
class Served:
    """A deployment, and what its model was last measured at."""

    deployment: Deployment
    score: ScoreRow | None


@dataclass(frozen=True)
class Measured:
    """An evaluation that is over, and its figure for terms."""

    evaluation: Evaluation
    score: ScoreRow | None

    @property
    def drawing(self) -> Dumbbell | None:
        """The figure as a line."""
        return dumbbell(self.score) if self.score else None


@dataclass(frozen=True)
class Behind:
    """A deployed model whose glossary has a newer version."""

    deployment: Deployment
    trained_on: GlossaryVersion
    newest: int


@dataclass(frozen=True)
class Pool:
    """Slots of a node for one sort of work."""

    name: str
    slots: int
    used: int

    @property
    def marks(self) -> list[bool]:
        """One for each slot: whether it is taken."""
        return [number < self.used for number in range(self.slots)]


@dataclass(frozen=True)
class Machine:
    """A node and its pools."""

    node: Node
    pools: list[Pool]
    is_away: bool


@dataclass(frozen=True)
class FirstStep:
    """One step to a new project's first model."""

    name: str
    href: str
    done: bool
    #: The first that is not done.
    is_next: bool


@dataclass(frozen=True)
class Board:
    """Everything on a project's home."""

    work: list[Work]
    served: list[Served]
    measured: list[Measured]
    failed: list[tuple[Job, str]]
    refused: list[StoredFile]
    behind: list[Behind]
    machines: list[Machine]
    waiting: int
    #: Empty once all were taken.
    first_steps: list[FirstStep]

    @property
    def needs_somebody(self) -> bool:
        """Whether anything is wrong or out of date."""
        return bool(self.failed or self.refused or self.behind)


def of(project: Project) -> Board:
    """The board of a project as it stands now."""
    deployments = list(
        Deployment.objects.filter(project=project)
        .exclude(job__state__in=TERMINAL)
        .select_related("job", "model_version__base", "model_version__glossary_version__glossary")[:SHOWN]
    )
    return Board(
        work=work_of(project),
        served=served_of(deployments),
        measured=measured_in(project),
        failed=failed_in(project),
        refused=list(StoredFile.objects.filter(project=project, status=StoredFile.Status.ERROR)[:SHOWN]),
        behind=behind_of(deployments),
        machines=machines(),
        waiting=Job.objects.filter(state=JobState.QUEUED).count(),
        first_steps=first_steps_of(project),
    )


def work_of(project: Project) -> list[Work]:
    """Jobs that are not over, without the servers that answer well."""
    jobs = list(
        Job.objects.filter(scope=project.id, state__in=ACTIVE)
        .exclude(kind="serve", state=JobState.RUNNING)
        .select_related("run", "evaluation", "deployment")
        .order_by("-updated_at")[:SHOWN]
    )
    steps = newest_events((job.id for job in jobs), "step")
    progress = uploads.progress_of(job.id for job in jobs)
    return [Work(job, href_of(project, job), steps.get(job.id), progress.get(job.id)) for job in jobs]


def newest_events(job_ids: Iterable[UUID], kind: str) -> dict[UUID, dict[str, Any]]:
    """Payload of the newest event of a kind for each job that has one."""
    rows = JobEvent.objects.filter(job_id__in=list(job_ids), type=kind).order_by("job_id", "-seq")
    return {event.job_id: event.payload for event in rows.distinct("job_id")}


def href_of(project: Project, job: Job) -> str:
    """The page of what a job is for."""
    for name in ("run", "evaluation"):
        if hasattr(job, name):
            return reverse(name, args=[project.slug, getattr(job, name).id])
    return reverse(PLACES[job.kind], args=[project.slug])


def served_of(deployments: list[Deployment]) -> list[Served]:
    """The deployments, each with its model's newest figure for terms."""
    scores = {
        score.evaluation.model_version_id: score
        for score in ScoreRow.objects.filter(
            metric=Metric.TERM_ACCURACY,
            evaluation__model_version__in=[d.model_version_id for d in deployments],
        )
        .select_related("evaluation")
        .order_by("evaluation__created_at")
    }
    return [Served(deployment, scores.get(deployment.model_version_id)) for deployment in deployments]


def measured_in(project: Project) -> list[Measured]:
    """The last evaluations that ended well."""
    rows = (
        Evaluation.objects.filter(project=project, job__state=JobState.SUCCEEDED)
        .select_related("model_version", "dataset_version__dataset")
        .prefetch_related("scores")[:3]
    )
    return [
        Measured(row, next((s for s in row.scores.all() if s.metric == Metric.TERM_ACCURACY), None))
        for row in rows
    ]


def failed_in(project: Project) -> list[tuple[Job, str]]:
    """Jobs that failed lately; a file that was refused is shown as a file."""
    jobs = (
        Job.objects.filter(
            scope=project.id, state=JobState.FAILED, finished_at__gte=timezone.now() - FAILED_FOR
        )
        .exclude(kind__in=["prepare_dataset", "prepare_glossary"])
        .select_related("run", "evaluation", "deployment")[:SHOWN]
    )
    return [(job, href_of(project, job)) for job in jobs]


def behind_of(deployments: list[Deployment]) -> list[Behind]:
    """Deployments whose glossary has moved on since they were trained."""
    trained = {d.id: d.model_version.glossary_version for d in deployments}
    lines = {version.glossary_id for version in trained.values() if version}
    newest = dict(
        GlossaryVersion.objects.filter(glossary__in=lines)
        .order_by()
        .values_list("glossary")
        .annotate(newest=Max("number"))
    )
    found = []
    for deployment in deployments:
        version = trained[deployment.id]
        if version and newest[version.glossary_id] > version.number:
            found.append(Behind(deployment, version, newest[version.glossary_id]))
    return found


def machines() -> list[Machine]:
    """Every node with its slots; work of other projects counts, without saying what it is."""
    held = Job.objects.filter(state__in=HELD, node__isnull=False).values_list("node_id", "pool")
    used = Counter(held)
    limit = timezone.now() - NODE_SILENT
    return [
        Machine(
            node,
            [Pool(name, slots, used[node.name, name]) for name, slots in node.slots.items()],
            is_away=node.seen_at is None or node.seen_at < limit,
        )
        for node in Node.objects.all()
    ]


def first_steps_of(project: Project) -> list[FirstStep]:
    """The five steps to the first model, with how far the project has come; none once all were taken."""
    glossary = Glossary.objects.filter(project=project).first()
    rows = DatasetVersion.objects.filter(dataset__project=project, glossary_version_id__isnull=False).exists()
    make_rows = reverse("glossary", args=[project.slug, glossary.id]) + "?tab=rows" if glossary else ""
    taken = [
        ("glossary", "", glossary is not None),
        ("rows", make_rows, rows),
        (
            "model",
            reverse("train", args=[project.slug]),
            ModelVersion.objects.filter(project=project).exists(),
        ),
        (
            "evaluation",
            reverse("evaluations", args=[project.slug]),
            Evaluation.objects.filter(project=project, job__state=JobState.SUCCEEDED).exists(),
        ),
        (
            "deployment",
            reverse("deployments", args=[project.slug]),
            Deployment.objects.filter(project=project).exists(),
        ),
    ]
    next_name = next((name for name, _, done in taken if not done), None)
    if next_name is None:
        return []
    home = reverse("glossaries", args=[project.slug])
    return [FirstStep(name, href or home, done, name == next_name) for name, href, done in taken]
