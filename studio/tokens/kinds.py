"""What a count_tokens job is for."""

from jobs.kinds import JobKind
from jobs.models import Job
from protocol.specs.models import CountTokensSpec
from studio.datasets import results
from studio.datasets import services as datasets
from studio.datasets.errors import SourceGone
from studio.datasets.models import StoredFile
from studio.registry import services as registry
from studio.tokens import services
from studio.tokens.models import TokenCount


class CountTokens(JobKind):
    """Counts the tokens of a file of rows under a base model; its result is their totals."""

    pool = "data"

    def spec(self, job: Job) -> CountTokensSpec:
        """The file and the model, by their hashes. Raises SourceGone, ContentGone."""
        counted = _count_of(job)
        stored = StoredFile.objects.filter(id=job.payload["file"], project_id=job.scope).first()
        if stored is None:
            raise SourceGone(file=job.payload["file"])
        return CountTokensSpec(
            rows=datasets.file_ref(stored),
            base=registry.base_ref(counted.base),
            max_length=counted.max_length,
        )

    def command(self) -> list[str]:
        """The corpus counts, in a process of its own."""
        return ["corpus", "prepare"]

    def on_success(self, job: Job) -> None:
        """Keep the totals."""
        counted = _count_of(job)
        counted.totals, counted.job = results.stats_of(job), job
        counted.save(update_fields=["totals", "job"])


def _count_of(job: Job) -> TokenCount:
    counted = services.count_of(job)
    if counted is None:
        raise SourceGone(file=job.payload["count"])
    return counted
