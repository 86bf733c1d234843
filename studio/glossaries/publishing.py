"""A draft becomes the next version of its glossary."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from corpus.glossary.counts import GlossaryCounts
from corpus.glossary.terms import Concept
from studio.datasets import services as datasets
from studio.datasets.models import StoredFile
from studio.glossaries import content, drafts, services
from studio.glossaries.copying import copy_rows
from studio.glossaries.errors import DraftBehind, DraftUnchanged, GlossaryInUse, GlossaryNameTaken
from studio.glossaries.models import (
    DraftChange,
    DraftConcept,
    Glossary,
    GlossaryDraft,
    GlossaryVersion,
    VersionItem,
)
from studio.projects.models import Project

#: Concepts that are turned into rows or lines at once.
AT_ONCE = 5000
#: Names in an error.
SHOWN = 10


@transaction.atomic
def create(project: Project, name: str, by: str, concepts: tuple[Concept, ...] = ()) -> Glossary:
    """A new glossary whose first version has these concepts, or none yet. Raises NameMissing, GlossaryNameTaken, and what put_concepts raises."""
    glossary = services.new_glossary(project, name, by)
    draft = drafts.open_draft(glossary, by)
    drafts.put_concepts(draft, concepts, by, "new")
    publish_draft(draft, by, "")
    return glossary


@transaction.atomic
def publish_draft(draft: GlossaryDraft, by: str, note: str) -> GlossaryVersion:
    """The next version: the newest with the draft's changes.

    Raises DraftClosed, DraftUnchanged, and DraftBehind where a version that came meanwhile changed the same concepts.
    """
    glossary = Glossary.objects.select_for_update().select_related("project").get(id=draft.glossary_id)
    locked = drafts.lock(draft)
    newest = glossary.versions.order_by("-number").first()
    if newest is not None and newest.id != locked.base_id:
        rebase(locked, newest)
    if newest is not None and not locked.concepts.exists():
        raise DraftUnchanged(glossary=glossary.name)
    version = make_version(glossary, newest, locked, by, note)
    locked.state, locked.version = GlossaryDraft.State.PUBLISHED, version
    locked.save(update_fields=["state", "version", "updated_at"])
    draft.state, draft.version = locked.state, version
    return version


@transaction.atomic
def publish_changes(
    glossary: Glossary, wanted: Iterable[tuple[str, Concept | None]], by: str, origin: str
) -> GlossaryVersion | None:
    """The next version with these concepts put or, with None, removed, past whatever draft people have open.

    It is logged as a draft that was published at once. None where nothing changes. Raises what drafts.change raises.
    """
    locked = Glossary.objects.select_for_update().select_related("project").get(id=glossary.id)
    newest = locked.versions.order_by("-number").first()
    draft = GlossaryDraft.objects.create(
        glossary=locked, base=newest, state=GlossaryDraft.State.PUBLISHED, created_by=by
    )
    log = DraftChange(draft=draft, origin=origin, by=by)
    if not drafts.write(draft, wanted, log, {}):
        draft.delete()
        return None
    draft.version = make_version(locked, newest, draft, by, "")
    draft.save(update_fields=["version"])
    return draft.version


def make_version(
    glossary: Glossary, newest: GlossaryVersion | None, draft: GlossaryDraft, by: str, note: str
) -> GlossaryVersion:
    """The rows and the file of the next version; rows of unchanged concepts are shared."""
    before = services.rows_of(newest)
    fresh = {row.uid: row for some in chunks(said_in(draft)) for row in take(glossary, some)}
    gone = set(draft.concepts.filter(content_hash=drafts.NOTHING).values_list("uid", flat=True))
    after = [fresh.pop(row.uid, row) for row in before if row.uid not in gone]
    after += fresh.values()
    stored, stats = write_file(glossary, newest, draft, by)
    version = GlossaryVersion.objects.create(
        glossary=glossary,
        number=newest.number + 1 if newest else 1,
        parent=newest,
        content_hash=services.content_hash_of(row.content_hash for row in after),
        concepts_file=stored,
        changes=services.changes_between(before, after),
        stats=stats,
        note=note,
        published_by=by,
    )
    copy_rows(
        VersionItem,
        ("version", "concept", "position"),
        ((version.id, row.id, place) for place, row in enumerate(after)),
    )
    glossary.save(update_fields=["updated_at"])
    return version


def said_in(draft: GlossaryDraft, **wanted: Any) -> Iterator[Concept]:
    """What the draft says anew, in the order it was first changed; never all of it at once in memory."""
    rows = draft.concepts.exclude(content_hash=drafts.NOTHING).filter(**wanted).order_by("id")
    for said in rows.values_list("content", flat=True).iterator(chunk_size=drafts.CHUNK):
        yield Concept.model_validate(said)


def take(glossary: Glossary, concepts: Iterable[Concept]) -> list[services.ConceptRow]:
    """Rows for these concepts."""
    lines = (services.ConceptLine.model_validate(each.model_dump(mode="json")) for each in concepts)
    return services.take_concepts(glossary, lines)


def chunks(given: Iterable[Any]) -> Iterator[list[Any]]:
    """So many at a time that the known rows are not read too often."""
    left = iter(given)
    while some := list(islice(left, AT_ONCE)):
        yield some


def write_file(
    glossary: Glossary, newest: GlossaryVersion | None, draft: GlossaryDraft, by: str
) -> tuple[StoredFile, dict[str, Any]]:
    """The concepts.jsonl of the next version, and what it holds, counted."""
    counts = GlossaryCounts()
    descriptor, name = tempfile.mkstemp(dir=settings.FILE_UPLOAD_TEMP_DIR, suffix=".jsonl")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            write_concepts(file, newest, draft, counts)
        filename = f"{glossary.name}.concepts.jsonl"
        return datasets.keep(glossary.project, Path(name), filename, "glossary", by), counts.as_dict()
    finally:
        Path(name).unlink(missing_ok=True)


def write_concepts(
    file: IO[str], newest: GlossaryVersion | None, draft: GlossaryDraft, counts: GlossaryCounts
) -> None:
    """Write the newest version's lines with the changes in their places, then what is new; count each."""
    changed: dict[str, str] = dict(draft.concepts.values_list("uid", "content_hash"))
    for lines in chunks(lines_of(newest)):
        kept = [(Concept.model_validate_json(line), line) for line in lines]
        asked = [each.uid for each, _ in kept if changed.get(each.uid)]
        said = {each.uid: each for each in said_in(draft, uid__in=asked)} if asked else {}
        for before, line in kept:
            if changed.pop(before.uid, None) != drafts.NOTHING:
                concept = said.get(before.uid, before)
                counts.add(concept)
                file.write(line if concept is before else content.as_line(concept))
    for concept in said_in(draft):
        if concept.uid in changed:
            counts.add(concept)
            file.write(content.as_line(concept))


def lines_of(version: GlossaryVersion | None) -> Iterator[str]:
    """The lines of a version's concepts.jsonl; none for no version. Raises ContentGone."""
    if version is None:
        return
    with datasets.blob_path(version.concepts_file).open(encoding="utf-8", newline="\n") as lines:
        yield from lines


@transaction.atomic
def rebase(draft: GlossaryDraft, newest: GlossaryVersion, *, keep: str = "") -> None:
    """Have a draft stand on a version that came meanwhile.

    A concept that both changed is a conflict: DraftBehind is raised, unless `keep` says "mine" (the draft's) or "theirs".
    """
    rows = {row.uid: row for row in services.rows_of(newest)}
    clashes: list[DraftConcept] = []
    for row in draft.concepts.select_for_update():
        there = rows[row.uid].content_hash if row.uid in rows else drafts.NOTHING
        if there in (row.base_hash, row.content_hash) or keep == "mine":
            settle(row, there)
        else:
            clashes.append(row)
    if clashes and keep != "theirs":
        uids = sorted(row.uid for row in clashes)
        shown = ", ".join(uids[:SHOWN]) + ("..." if len(uids) > SHOWN else "")
        raise DraftBehind(
            number=newest.number, count=len(uids), uids=shown, uid=uids[0], by=newest.published_by
        )
    DraftConcept.objects.filter(id__in=[row.id for row in clashes]).delete()
    draft.base = newest
    draft.save(update_fields=["base", "updated_at"])


@transaction.atomic
def rename(glossary: Glossary, name: str) -> Glossary:
    """The glossary under another name. Raises NameMissing, GlossaryNameTaken."""
    glossary.name = services.checked_name(name)
    try:
        with transaction.atomic():
            glossary.save(update_fields=["name", "updated_at"])
    except IntegrityError as error:
        raise GlossaryNameTaken(name=glossary.name) from error
    return glossary


@transaction.atomic
def delete(glossary: Glossary) -> None:
    """Forget a glossary with its versions and drafts. Raises GlossaryInUse where a model or a run needs one of them."""
    locked = Glossary.objects.select_for_update().get(id=glossary.id)
    files = list(StoredFile.objects.filter(id__in=locked.versions.values("concepts_file")))
    try:
        locked.drafts.all().delete()
        VersionItem.objects.filter(version__glossary=locked).delete()
        for version in locked.versions.order_by("-number"):
            version.delete()
        locked.delete()
        for stored in files:
            stored.delete()
            datasets.forget_bytes(stored.sha256)
    except ProtectedError as error:
        first = next(iter(error.protected_objects))
        raise GlossaryInUse(name=glossary.name, reason=f"{first} needs it") from error


def settle(row: DraftConcept, there: str) -> None:
    """The row on its new base, which needs no row where it says the same."""
    if row.content_hash == there:
        row.delete()
    elif row.base_hash != there:
        row.base_hash = there
        row.save(update_fields=["base_hash"])
