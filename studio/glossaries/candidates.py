"""Candidates: mine them from texts, and decide; what is accepted goes to the glossary's draft."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from corpus.glossary.terms import Concept, Status
from jobs import events, queue
from jobs.models import Job
from protocol.specs.glossaries import MineTermsSpec
from studio.datasets import results
from studio.datasets import services as datasets
from studio.datasets.models import DatasetVersion, StoredFile
from studio.errors import NotFound
from studio.glossaries import content, drafts
from studio.glossaries.errors import CandidateDecided, NothingToMine, NotOfOneProject
from studio.glossaries.measured import Candidate
from studio.glossaries.models import Glossary
from studio.projects import ids

CANDIDATE_PREFIX = "cand_"
ORIGIN = "candidates"
#: What a line of candidates.jsonl says of one, beside its key.
_FOUND = ("text", "lang", "score", "frequency", "examples")
#: Candidates that are decided at once.
DECIDED_AT_ONCE = 500
_UID_TRIES = 10_000


def mine(
    glossary: Glossary,
    *,
    dataset_versions: Sequence[DatasetVersion] = (),
    files: Sequence[StoredFile] = (),
    min_frequency: int = 3,
    limit: int = 200,
    by: str,
) -> Job:
    """Start the job that looks for candidates. Raises NothingToMine, NotOfOneProject, QuotaExceeded."""
    if not dataset_versions and not files:
        raise NothingToMine()
    if any(version.dataset.project_id != glossary.project_id for version in dataset_versions):
        raise NotOfOneProject(what="dataset version")
    if any(stored.project_id != glossary.project_id for stored in files):
        raise NotOfOneProject(what="file")
    return queue.enqueue(
        "mine_terms",
        scope=glossary.project_id,
        payload={
            "glossary": str(glossary.id),
            "versions": [str(version.id) for version in dataset_versions],
            "files": [str(stored.id) for stored in files],
            "numbers": {"min_frequency": min_frequency, "limit": limit},
        },
        title=glossary.name,
        created_by=by,
    )


def spec_of(job: Job) -> MineTermsSpec:
    """The texts and what is known. Raises NotFound, ContentGone."""
    glossary = glossary_in(job)
    newest = glossary.versions.select_related("concepts_file").order_by("-number").first()
    versions = DatasetVersion.objects.filter(id__in=job.payload["versions"]).select_related("train")
    stored = [*(v.train for v in versions), *StoredFile.objects.filter(id__in=job.payload["files"])]
    if len(stored) < len(job.payload["versions"]) + len(job.payload["files"]):
        raise NotFound(what="text", id=", ".join([*job.payload["versions"], *job.payload["files"]]))
    has_concepts = newest is not None and bool(newest.stats.get("concepts"))
    return MineTermsSpec(
        texts=tuple(map(datasets.file_ref, stored)),
        concepts=datasets.file_ref(newest.concepts_file) if newest and has_concepts else None,
        **job.payload["numbers"],
    )


def glossary_in(job: Job) -> Glossary:
    """The glossary that candidates are for. Raises NotFound."""
    glossary = Glossary.objects.filter(id=job.payload["glossary"]).first()
    if glossary is None:
        raise NotFound(what="glossary", id=job.payload["glossary"])
    return glossary


def take(job: Job) -> None:
    """Keep what a job found. What was decided before stays decided; open ones get the new figures."""
    glossary = glossary_in(job)
    with events.artifact_path(results.needed(job, "candidates")).open(encoding="utf-8") as lines:
        rows = [
            Candidate(glossary=glossary, job=job, key=line["key"], **{name: line[name] for name in _FOUND})
            for line in map(json.loads, lines)
        ]
    decided = set(glossary.candidates.exclude(state=Candidate.State.OPEN).values_list("lang", "key"))
    Candidate.objects.bulk_create(
        [row for row in rows if (row.lang, row.key) not in decided],
        update_conflicts=True,
        unique_fields=["glossary", "lang", "key"],
        update_fields=[*_FOUND, "job"],
    )


def candidates_of(
    glossary: Glossary, state: str = "open", lang: str = "", text: str = ""
) -> QuerySet[Candidate]:
    """The glossary's candidates of a state, the best first."""
    rows = glossary.candidates.filter(state=state)
    if lang:
        rows = rows.filter(lang=lang)
    if text:
        rows = rows.filter(text__icontains=text)
    return rows.order_by("-score", "text", "id")


@dataclass(frozen=True)
class Acceptance:
    """How a candidate becomes a term."""

    candidate: UUID
    #: What is written; the candidate's own text where nothing is said.
    text: str = ""
    #: uid of the concept it is a further term of, or nothing for a new concept.
    concept: str = ""
    status: Status = Status.PREFERRED


@transaction.atomic
def accept(glossary: Glossary, wanted: Sequence[Acceptance], by: str) -> list[Candidate]:
    """Put candidates into the glossary's draft, all or none.

    Raises NotFound, CandidateDecided, and what drafts.put_concepts raises.
    """
    rows = _locked(glossary, [each.candidate for each in wanted])
    draft = drafts.open_draft(glossary, by)
    changed: dict[str, Concept] = {}
    for each in wanted:
        row = rows[each.candidate]
        before = changed.get(each.concept) or (_concept(draft, each.concept) if each.concept else None)
        concept = _with_term(before, each, row, draft, changed)
        changed[concept.uid] = concept
        row.concept = concept.uid
    drafts.put_concepts(draft, changed.values(), by, ORIGIN)
    return _decide(rows.values(), Candidate.State.ACCEPTED, by)


@transaction.atomic
def refuse(glossary: Glossary, wanted: Sequence[UUID], by: str) -> list[Candidate]:
    """Refuse candidates: they are not shown again. Raises NotFound, CandidateDecided."""
    return _decide(_locked(glossary, wanted).values(), Candidate.State.REFUSED, by)


@transaction.atomic
def reopen(glossary: Glossary, wanted: Sequence[UUID]) -> list[Candidate]:
    """Take refusals back; others stay as they are."""
    rows = glossary.candidates.select_for_update().filter(id__in=wanted, state=Candidate.State.REFUSED)
    found = list(rows)
    rows.update(state=Candidate.State.OPEN, decided_by="", decided_at=None)
    return found


def _locked(glossary: Glossary, wanted: Sequence[UUID]) -> dict[UUID, Candidate]:
    rows = {row.id: row for row in glossary.candidates.select_for_update().filter(id__in=wanted)}
    for id_ in wanted:
        if id_ not in rows:
            raise NotFound(what="candidate", id=str(id_))
        if rows[id_].state != Candidate.State.OPEN:
            raise CandidateDecided(text=rows[id_].text, state=rows[id_].state)
    return rows


def _decide(rows: Iterable[Candidate], state: Candidate.State, by: str) -> list[Candidate]:
    decided = list(rows)
    for row in decided:
        row.state, row.decided_by, row.decided_at = state, by, timezone.now()
    Candidate.objects.bulk_update(decided, ["state", "decided_by", "decided_at", "concept"])
    return decided


def _concept(draft: Any, uid: str) -> Concept:
    """The concept as it stands in the draft. Raises NotFound."""
    standing = drafts.standing(draft, [uid]).get(uid)
    if standing is None or standing.content is None:
        raise NotFound(what="concept", id=uid)
    return content.read(standing.content)


def _with_term(
    before: Concept | None, each: Acceptance, row: Candidate, draft: Any, changed: dict[str, Concept]
) -> Concept:
    text = each.text.strip() or row.text
    taken = before.terms if before is not None else ()
    status = each.status
    if status is Status.PREFERRED and any(t.lang == row.lang and t.status is Status.PREFERRED for t in taken):
        status = Status.ADMITTED
    term = {"lang": row.lang, "text": text, "status": status, "contexts": row.examples[:1]}
    if before is None:
        uid = _free_uid(text, draft, changed)
        return content.read({"uid": uid, "terms": [term]})
    said = content.as_json(before)
    return content.read(said | {"terms": [*said["terms"], term]})


def _free_uid(text: str, draft: Any, changed: dict[str, Concept]) -> str:
    """The text as a name, with a number where another concept has it."""
    name = "-".join(text.casefold().split())[:200]
    for number in range(1, _UID_TRIES):
        uid = name if number == 1 else f"{name}-{number}"
        standing = drafts.standing(draft, [uid]).get(uid)
        if uid not in changed and (standing is None or standing.content is None):
            return uid
    raise NotFound(what="free name", id=name)


def by_public_ids(texts: Iterable[str]) -> list[UUID]:
    """The ids of candidates; raises NotFound for what is none."""
    found = []
    for text in texts:
        id_ = ids.parse(CANDIDATE_PREFIX, text)
        if id_ is None:
            raise NotFound(what="candidate", id=text)
        found.append(id_)
    return found


def public_id(candidate: Candidate) -> str:
    """ "cand_<32 hex>"."""
    return ids.public(CANDIDATE_PREFIX, candidate.id)
