"""Rows for tests, each whole by itself: what is not named is made."""

import hashlib
import itertools
import json
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from jobs import events
from jobs.models import Job
from jobs.states import HELD, JobState
from protocol.events import Step
from studio.accounts import services as accounts
from studio.accounts.models import User
from studio.cleaning.models import Cleaning
from studio.datasets.models import Dataset, DatasetVersion, Descent, StoredFile
from studio.deployments.models import Deployment
from studio.evaluations.models import Evaluation
from studio.glossaries.measured import Candidate, Coverage
from studio.glossaries.models import (
    Concept,
    Glossary,
    GlossaryImport,
    GlossaryVersion,
    Term,
    VersionItem,
)
from studio.projects import services as projects
from studio.projects.models import Membership, Project, Role
from studio.registry.models import BaseModel, ModelVersion
from studio.training.models import Run
from studio.uploads import services as uploads
from studio.uploads.models import Upload

_numbers = itertools.count(1)

CHAT_ROW = {
    "messages": [
        {"role": "user", "content": "What do we call money a customer owes?"},
        {"role": "assistant", "content": "A trade receivable."},
    ]
}


def chat_lines(count: int = 2) -> bytes:
    """A small training file: `count` different rows of one question and one answer."""
    rows = [
        {
            "messages": [
                {"role": "user", "content": f"Question {i}?"},
                {"role": "assistant", "content": f"Answer {i}."},
            ]
        }
        for i in range(count)
    ]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def user(name: str = "", **fields: Any) -> User:
    """A person; without a password, so sign them in by `client.force_login`."""
    return User.objects.create_user(username=name or f"person{next(_numbers)}", **fields)


def project(name: str = "", owner: User | None = None) -> Project:
    """A project; its owner is a member."""
    return projects.create(name or f"Project {next(_numbers)}", owner)


def member(of: Project, who: User, role: Role = Role.EDITOR) -> Membership:
    """A person in a project."""
    return Membership.objects.create(project=of, user=who, role=role.value)


def api_key(of: Project, role: Role = Role.EDITOR, who: User | None = None) -> str:
    """The text of a new key."""
    _key, raw = accounts.create_key(of.id, f"key {next(_numbers)}", role, who)
    return raw


def job(of: Project, kind: str = "train", state: JobState = JobState.QUEUED, **fields: Any) -> Job:
    """A job in any state, with a lease where the state is held."""
    if state in HELD:
        fields.setdefault("lease_owner", "test")
        fields.setdefault("lease_expires_at", timezone.now() + timedelta(minutes=5))
        fields.setdefault("attempt", 1)
    return Job.objects.create(scope=of.id, kind=kind, state=state, **fields)


def steps(of: Job, count: int, losses: dict[int, float] | None = None) -> None:
    """The job has said so many steps, with these losses at some of them."""
    said = [
        Step(
            at=1.0,
            step=number,
            steps=count,
            epoch=number / count,
            train_loss=(losses or {}).get(number, 1 / number),
            train_accuracy=0.5,
            lr=0.1,
            grad_norm=1.0,
            tokens_per_s=10.0,
            tokens=number,
            trained_tokens=number,
            eta_s=0.0,
        )
        for number in range(1, count + 1)
    ]
    events.append(of, of.attempt, said, by_process=False)
    of.refresh_from_db()


def blob(content: bytes) -> str:
    """Bytes in the house's store; their sha256."""
    digest = hashlib.sha256(content).hexdigest()
    path = Path(settings.BLOBS_HOME) / digest[:2] / digest
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return digest


def stored_file(of: Project, content: bytes = b"", **fields: Any) -> StoredFile:
    """A file that was read without complaint."""
    content = content or chat_lines()
    values: dict[str, Any] = {
        "purpose": "fine-tune",
        "filename": "rows.jsonl",
        "status": StoredFile.Status.PROCESSED,
        "size_bytes": len(content),
        "sha256": blob(content),
    }
    return StoredFile.objects.create(project=of, **values | fields)


def upload(of: Project, size_bytes: int = 8, **fields: Any) -> Upload:
    """An open upload without parts."""
    announced: dict[str, Any] = {"filename": "rows.bin", "size_bytes": size_bytes, "purpose": "user_data"}
    return uploads.begin(of, uploads.Announced(**announced | fields), "bob")


def dataset_version(of: Project, name: str = "", **fields: Any) -> DatasetVersion:
    """The next version of a dataset, with training and validation rows."""
    dataset, _ = Dataset.objects.get_or_create(project=of, name=name or f"Dataset {next(_numbers)}")
    values: dict[str, Any] = {
        "number": dataset.versions.count() + 1,
        "content_hash": uuid.uuid4().hex * 2,
        "stats": {"rows": 3, "train": 2, "validation": 1},
        "preview": [CHAT_ROW],
    }
    if "train" not in fields:
        values["train"] = stored_file(of)
    if "validation" not in fields:
        values["validation"] = stored_file(of, chat_lines(1), filename="validation.jsonl")
    made = DatasetVersion.objects.create(dataset=dataset, **values | fields)
    if made.parent is not None:
        Descent.objects.create(version=made, parent=made.parent)
    return made


def cleaning(of: Project, state: JobState = JobState.QUEUED, **fields: Any) -> Cleaning:
    """A cleaning of a dataset version, and its job."""
    values: dict[str, Any] = {"purpose": Cleaning.Purpose.CLEAN}
    if "parent" not in fields:
        values["parent"] = dataset_version(of)
    if "job" not in fields:
        values["job"] = job(of, "clean_dataset", state)
    return Cleaning.objects.create(project=of, **values | fields)


#: A concepts.jsonl of one concept in two languages.
CONCEPT_LINE = b'{"uid": "c1", "terms": [{"lang": "en", "text": "trade receivable"}, {"lang": "de", "text": "Forderung"}]}\n'


def glossary_import(base: GlossaryVersion, **fields: Any) -> GlossaryImport:
    """A file that waits for a decision about a glossary, without its plan's files."""
    project = base.glossary.project
    values: dict[str, Any] = {"name": base.glossary.name, "base": base, "created_by": "alice"}
    if "source" not in fields:
        values["source"] = stored_file(project, purpose="glossary", filename="terms.csv")
    return GlossaryImport.objects.create(project=project, **values | fields)


def coverage(version: GlossaryVersion, rows: DatasetVersion, **fields: Any) -> Coverage:
    """A report on a dataset version that is being made."""
    project = version.glossary.project
    values: dict[str, Any] = {"rules": 1, "job": job(project, "coverage"), "created_by": "alice"}
    values |= {"glossary_hash": version.content_hash, "dataset_hash": rows.content_hash}
    return Coverage.objects.create(project=project, version=version, dataset_version=rows, **values | fields)


def candidate(version: GlossaryVersion, text: str = "bridge loan", **fields: Any) -> Candidate:
    """A phrase that may become a term."""
    values: dict[str, Any] = {"lang": "en", "key": text, "score": 50.0, "frequency": 4}
    return Candidate.objects.create(glossary=version.glossary, text=text, **values | fields)


def glossary_version(of: Project, name: str = "", **fields: Any) -> GlossaryVersion:
    """The next version of a glossary, with one concept of two terms."""
    glossary, _ = Glossary.objects.get_or_create(project=of, name=name or f"Glossary {next(_numbers)}")
    values: dict[str, Any] = {
        "number": glossary.versions.count() + 1,
        "content_hash": uuid.uuid4().hex * 2,
        "stats": {"concepts": 1, "terms": 2},
        "changes": {"added": 1, "removed": 0, "changed": 0},
    }
    if "concepts_file" not in fields:
        values["concepts_file"] = stored_file(
            of, CONCEPT_LINE, purpose="glossary-concepts", filename="concepts.jsonl"
        )
    version = GlossaryVersion.objects.create(glossary=glossary, **values | fields)
    VersionItem.objects.create(version=version, concept=concept(glossary), position=0)
    return version


def concept(of: Glossary) -> Concept:
    """A meaning with a preferred and a forbidden form."""
    number = next(_numbers)
    made = Concept.objects.create(
        glossary=of,
        uid=f"c{number:03}",
        content_hash=uuid.uuid4().hex * 2,
        definitions={"en": "Money owed to us."},
    )
    for position, (text, status) in enumerate([("trade receivable", "preferred"), ("debtor", "forbidden")]):
        Term.objects.create(
            concept=made, position=position, lang="en", text=text, norm_key=text, status=status
        )
    return made


def term(version: GlossaryVersion, lang: str, text: str) -> Term:
    """One more preferred form of the version's first concept."""
    of = VersionItem.objects.select_related("concept").get(version=version, position=0).concept
    return Term.objects.create(
        concept=of,
        position=of.terms.count(),
        lang=lang,
        text=text,
        norm_key=text.casefold(),
        status="preferred",
    )


def base_model(model_id: str = "", **fields: Any) -> BaseModel:
    """A base model; its folder is not there."""
    model_id = model_id or f"tiny-{next(_numbers)}"
    values: dict[str, Any] = {
        "display_name": model_id,
        "licence": "Apache-2.0",
        "folder": f"base/{model_id}",
        "revision": uuid.uuid4().hex * 2,
        "parameters": 1000,
        "context_length": 128,
        "size_bytes": 4000,
    }
    return BaseModel.objects.create(model_id=model_id, **values | fields)


def model_version(of: Project, **fields: Any) -> ModelVersion:
    """A tuned model; its folder is not there."""
    base = fields.pop("base", None) or base_model()
    short = uuid.uuid4().hex[:8]
    values: dict[str, Any] = {
        "model_id": f"ft:{base.model_id}:{of.slug}:test:{short}",
        "suffix": "test",
        "folder": f"tuned/{short}",
        "weights_sha256": uuid.uuid4().hex * 2,
        "size_bytes": 1000,
    }
    if "dataset_version" not in fields:
        values["dataset_version"] = dataset_version(of)
    return ModelVersion.objects.create(project=of, base=base, **values | fields)


def run(of: Project, state: JobState = JobState.QUEUED, **fields: Any) -> Run:
    """A fine-tuning run and its job."""
    values: dict[str, Any] = {"suffix": "test", "config": {"method": "lora"}}
    if "base" not in fields:
        values["base"] = base_model()
    if "dataset_version" not in fields:
        values["dataset_version"] = dataset_version(of)
    if "job" not in fields:
        values["job"] = job(of, "train", state)
    return Run.objects.create(project=of, **values | fields)


def evaluation(of: Project, state: JobState = JobState.QUEUED, **fields: Any) -> Evaluation:
    """An evaluation and its job."""
    values: dict[str, Any] = {}
    if "model_version" not in fields:
        values["model_version"] = model_version(of)
    if "dataset_version" not in fields:
        values["dataset_version"] = dataset_version(of)
    if "job" not in fields:
        values["job"] = job(of, "evaluate", state)
    return Evaluation.objects.create(project=of, **values | fields)


def deployment(of: Project, state: JobState = JobState.RUNNING, **fields: Any) -> Deployment:
    """A deployment and its job."""
    values: dict[str, Any] = {"name": f"deployment {next(_numbers)}", "token": uuid.uuid4().hex}
    if "model_version" not in fields:
        values["model_version"] = model_version(of)
    if "job" not in fields:
        values["job"] = job(of, "serve", state, pool="serve")
    return Deployment.objects.create(project=of, **values | fields)
