"""What an evaluate job is for."""

import hashlib
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from pydantic import BaseModel as Schema
from pydantic import ValidationError

from jobs import events
from jobs.kinds import JobKind
from jobs.models import Job
from protocol.evaluation import ItemResult, Score
from protocol.specs.files import FileRef
from protocol.specs.models import EvaluateSpec
from studio.datasets import services as datasets
from studio.evaluations import services
from studio.evaluations.errors import EvaluationMissing, GeneralTextMissing, NothingToAsk, ResultInvalid
from studio.evaluations.models import Evaluation
from studio.registry import services as registry

ARTIFACT = "evaluation"
GENERAL_TEXT = "samples/general.txt"


class ScoresFile(Schema):
    """scores.json as the process writes it."""

    scores: tuple[Score, ...]
    meta: dict[str, Any] = {}


class Evaluate(JobKind):
    """Asks base and tuned model the same held-out prompts; its result is an evaluation's rows."""

    pool = "compute"

    def spec(self, job: Job) -> EvaluateSpec:
        """The model, the prompts, the rows and the unrelated text it is measured on."""
        evaluation = _evaluation_of(job)
        version, dataset = evaluation.model_version, evaluation.dataset_version
        if dataset.prompts is None:
            raise NothingToAsk(dataset=str(dataset))
        return EvaluateSpec(
            base=registry.base_ref(version.base),
            adapter=registry.served_adapter(version),
            prompts=datasets.file_ref(dataset.prompts),
            validation=datasets.file_ref(dataset.validation) if dataset.validation else None,
            general_text=general_text(),
            seed=evaluation.seed,
        )

    def command(self) -> list[str]:
        """The GPU half's evaluation."""
        return ["forge", "evaluate"]

    def on_again(self, ended: Job, again: Job) -> None:
        """The other job makes an evaluation like the first."""
        services.copy_for(_evaluation_of(ended), again)

    def on_success(self, job: Job) -> None:
        """Keep scores and answers as rows."""
        folder = events.artifact_path(events.newest_artifact(job, ARTIFACT))
        scores, items = read_result(folder)
        services.ingest(_evaluation_of(job), scores.scores, items, scores.meta)


def general_text() -> FileRef:
    """The text that shows what a model has forgotten. Raises GeneralTextMissing."""
    path = Path(settings.ROOT) / GENERAL_TEXT
    if not path.is_file():
        raise GeneralTextMissing(path=GENERAL_TEXT)
    return FileRef(path=str(path), filename=path.name, sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def read_result(folder: Path) -> tuple[ScoresFile, list[ItemResult]]:
    """Scores and answers in the folder an evaluation left. Raises ResultInvalid."""
    try:
        scores = ScoresFile.model_validate_json((folder / "scores.json").read_bytes())
        with (folder / "items.jsonl").open(encoding="utf-8") as lines:
            # A model may say NUL, which PostgreSQL's text cannot hold: it becomes the replacement character.
            items = [
                ItemResult.model_validate(_without_nul(json.loads(line))) for line in lines if line.strip()
            ]
    except (OSError, ValueError, ValidationError) as error:
        raise ResultInvalid(reason=str(error)[:500]) from error
    return scores, items


def _without_nul(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.replace("\0", "\ufffd") if isinstance(value, str) else value
        for name, value in values.items()
    }


def _evaluation_of(job: Job) -> Evaluation:
    rows = Evaluation.objects.select_related(
        "model_version__base",
        "dataset_version__dataset",
        "dataset_version__prompts",
        "dataset_version__validation",
    )
    evaluation = rows.filter(job=job).first()
    if evaluation is None:
        raise EvaluationMissing(job=str(job.id))
    return evaluation
