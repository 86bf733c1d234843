"""Glossaries: publish what was read as a version, and make training rows from one."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from pydantic import BaseModel

from jobs import events
from jobs.models import Artifact, Job
from studio.datasets import services as datasets
from studio.datasets.models import StoredFile
from studio.errors import NotFound
from studio.glossaries.copying import copy_rows
from studio.glossaries.errors import GlossaryNameTaken, NameMissing
from studio.glossaries.models import Concept, Glossary, GlossaryVersion, Term, VersionItem
from studio.projects import ids
from studio.projects.models import Project

GLOSSARY_PREFIX = "gl_"
VERSION_PREFIX = "glv_"
CONCEPT_PREFIX = "con_"
#: Characters of `Term.norm_key`'s column.
NORM_KEY_LIMIT = 512


@transaction.atomic
def publish(
    project: Project,
    name: str,
    *,
    concepts: Artifact,
    stats: dict[str, Any],
    job: Job,
    source: StoredFile | None,
) -> GlossaryVersion:
    """The next version of the glossary called `name`, which is made where it is missing.

    Concepts that the newest version has already are no new version: the newest is given.
    """
    Glossary.objects.get_or_create(project=project, name=name, defaults={"created_by": job.created_by})
    glossary = Glossary.objects.select_for_update().get(project=project, name=name)
    newest = glossary.versions.order_by("-number").first()
    rows = take_concepts(glossary, read_concepts(concepts))
    content_hash = content_hash_of(row.content_hash for row in rows)
    if newest is not None and newest.content_hash == content_hash:
        return newest
    version = GlossaryVersion.objects.create(
        glossary=glossary,
        number=newest.number + 1 if newest else 1,
        parent=newest,
        content_hash=content_hash,
        source=source,
        concepts_file=datasets.keep_artifact(
            project, concepts, f"{name}.concepts.jsonl", "glossary", job.created_by
        ),
        changes=changes_between(rows_of(newest), rows),
        stats=stats,
        job=job,
        published_by=job.created_by,
    )
    items = ((version.id, row.id, place) for place, row in enumerate(rows))
    copy_rows(VersionItem, ("version", "concept", "position"), items)
    glossary.save(update_fields=["updated_at"])
    return version


class TermLine(BaseModel):
    """A term of a concepts.jsonl: a `corpus.glossary.terms.Term` that was checked when it was written."""

    lang: str
    text: str
    norm_key: str
    status: str
    part_of_speech: str | None
    term_type: str | None
    case_sensitive: bool
    match: str
    do_not_translate: bool
    note: str | None
    contexts: list[str]
    extra: dict[str, list[str]] = {}


class ConceptLine(BaseModel):
    """A line of a concepts.jsonl: a `corpus.glossary.terms.Concept` that was checked when it was written."""

    uid: str
    content_hash: str
    subject_field: str | None
    definitions: dict[str, str]
    note: str | None
    source: str | None
    broader: list[str] = []
    extra: dict[str, list[str]] = {}
    terms: list[TermLine]


@dataclass(frozen=True)
class ConceptRow:
    """A concept's row, as far as versions are made and compared by it."""

    id: UUID
    uid: str
    content_hash: str


def read_concepts(artifact: Artifact) -> Iterator[ConceptLine]:
    """The concepts of a concepts.jsonl, in order."""
    with events.artifact_path(artifact).open(encoding="utf-8") as lines:
        for line in lines:
            yield ConceptLine.model_validate_json(line)


def take_concepts(glossary: Glossary, concepts: Iterable[ConceptLine]) -> list[ConceptRow]:
    """A row for each concept: the one an earlier version has, where nothing in it changed, else a new one."""
    known = {row.content_hash: row for row in concept_rows(glossary.concepts.all())}
    rows: list[ConceptRow] = []
    fresh: list[tuple[ConceptRow, ConceptLine]] = []
    for concept in concepts:
        row = known.get(concept.content_hash)
        if row is None:
            row = ConceptRow(uuid4(), concept.uid, concept.content_hash)
            fresh.append((row, concept))
        rows.append(row)
    copy_rows(Concept, CONCEPT_FIELDS, (concept_values(glossary, row, concept) for row, concept in fresh))
    copy_rows(
        Term,
        TERM_FIELDS,
        (term_values(row, place, term) for row, concept in fresh for place, term in enumerate(concept.terms)),
    )
    return rows


def concept_rows(concepts: QuerySet[Concept]) -> list[ConceptRow]:
    """The concepts, without what they say."""
    return [ConceptRow(*values) for values in concepts.values_list("id", "uid", "content_hash")]


CONCEPT_FIELDS = (
    "id",
    "glossary",
    "uid",
    "content_hash",
    "subject_field",
    "definitions",
    "note",
    "source",
    "broader",
    "extra",
)


def concept_values(glossary: Glossary, row: ConceptRow, concept: ConceptLine) -> tuple[Any, ...]:
    """The values of CONCEPT_FIELDS."""
    return (
        row.id,
        glossary.id,
        concept.uid,
        concept.content_hash,
        concept.subject_field or "",
        json.dumps(concept.definitions),
        concept.note or "",
        concept.source or "",
        json.dumps(concept.broader),
        json.dumps(concept.extra),
    )


TERM_FIELDS = (
    "concept",
    "position",
    "lang",
    "text",
    "norm_key",
    "status",
    "part_of_speech",
    "term_type",
    "case_sensitive",
    "match",
    "do_not_translate",
    "note",
    "contexts",
    "extra",
)


def term_values(row: ConceptRow, place: int, term: TermLine) -> tuple[Any, ...]:
    """The values of TERM_FIELDS."""
    return (
        row.id,
        place,
        term.lang,
        term.text,
        term.norm_key[:NORM_KEY_LIMIT],
        term.status,
        term.part_of_speech or "",
        term.term_type or "",
        term.case_sensitive,
        term.match,
        term.do_not_translate,
        term.note or "",
        json.dumps(term.contexts),
        json.dumps(term.extra),
    )


def content_hash_of(hashes: Iterable[str]) -> str:
    """sha256 over the sorted hashes of the concepts: their order in a file says nothing."""
    return hashlib.sha256("\n".join(sorted(hashes)).encode()).hexdigest()


def rows_of(version: GlossaryVersion | None) -> list[ConceptRow]:
    """The concepts of a version; none for no version."""
    return concept_rows(Concept.objects.filter(items__version=version)) if version else []


def changes_between(before: Sequence[ConceptRow], after: Sequence[ConceptRow]) -> dict[str, int]:
    """How many concepts came, went, and changed, by their names."""
    old, new = ({row.uid: row.content_hash for row in rows} for rows in (before, after))
    return {
        "added": len(new.keys() - old.keys()),
        "removed": len(old.keys() - new.keys()),
        "changed": sum(1 for uid in new.keys() & old.keys() if new[uid] != old[uid]),
    }


def new_glossary(project: Project, name: str, by: str) -> Glossary:
    """A glossary without a version. Raises NameMissing, GlossaryNameTaken."""
    name = checked_name(name)
    try:
        with transaction.atomic():
            return Glossary.objects.create(project=project, name=name, created_by=by)
    except IntegrityError as error:
        raise GlossaryNameTaken(name=name) from error


def checked_name(name: str) -> str:
    """The name, with its spaces in order. Raises NameMissing."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= datasets.NAME_LIMIT:
        raise NameMissing(limit=datasets.NAME_LIMIT)
    return name


def public_id(glossary: Glossary) -> str:
    """ "gl_<32 hex>"."""
    return ids.public(GLOSSARY_PREFIX, glossary.id)


def version_public_id(version: GlossaryVersion) -> str:
    """ "glv_<32 hex>"."""
    return ids.public(VERSION_PREFIX, version.id)


def concept_public_id(concept_id: UUID) -> str:
    """ "con_<32 hex>": a concept as it stood; a change makes another."""
    return ids.public(CONCEPT_PREFIX, concept_id)


def by_public_id(project: Project, text: str) -> Glossary:
    """The project's glossary of that public id. Raises NotFound."""
    return ids.find(Glossary.objects.filter(project=project), GLOSSARY_PREFIX, text, what="glossary")


def version_by_public_id(project: Project, text: str) -> GlossaryVersion:
    """The project's glossary version of that public id. Raises NotFound."""
    versions = GlossaryVersion.objects.filter(glossary__project=project)
    joined = versions.select_related("glossary", "source", "concepts_file")
    return ids.find(joined, VERSION_PREFIX, text, what="glossary version")


def version_of(glossary: Glossary, number: int | None) -> GlossaryVersion:
    """The version with this number, else the newest. Raises NotFound."""
    versions = glossary.versions.select_related("glossary", "parent", "source", "concepts_file")
    rows = versions.order_by("-number") if number is None else versions.filter(number=number)
    version = rows.first()
    if version is None:
        raise NotFound(what=f"version of {public_id(glossary)}", id=number)
    return version
