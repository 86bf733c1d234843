"""What the jobs are for that measure something of a glossary."""

from jobs.kinds import JobKind
from jobs.models import Job
from protocol.specs.glossaries import CoverageSpec, MineTermsSpec
from studio.glossaries import candidates, coverage


class MeasureCoverage(JobKind):
    """Counts what a dataset version has of a glossary version."""

    pool = "data"

    def spec(self, job: Job) -> CoverageSpec:
        """The concepts and the splits. Raises NotFound, ContentGone."""
        return coverage.spec_of(job)

    def command(self) -> list[str]:
        """The corpus counts, in a process of its own."""
        return ["corpus", "coverage"]

    def on_success(self, job: Job) -> None:
        """Keep the summary; the files stay with the job."""
        coverage.take(job)


class MineTerms(JobKind):
    """Looks for candidates for terms."""

    pool = "data"

    def spec(self, job: Job) -> MineTermsSpec:
        """The texts and what the glossary has. Raises NotFound, ContentGone."""
        return candidates.spec_of(job)

    def command(self) -> list[str]:
        """The corpus looks, in a process of its own."""
        return ["corpus", "mine_terms"]

    def on_success(self, job: Job) -> None:
        """Keep what was found."""
        candidates.take(job)
