"""A draft becomes the next version of its glossary."""

import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, ProtectedError, Subquery, Value
from django.db.models.functions import Coalesce

from corpus.glossary.terms import Concept
from studio.datasets import services as datasets
from studio.datasets.models import StoredFile
from studio.glossaries import drafts, services, version_rows
from studio.glossaries.errors import DraftBehind, DraftUnchanged, GlossaryInUse, GlossaryNameTaken
from studio.glossaries.models import Concept as ConceptRow
from studio.glossaries.models import (
    DraftChange,
    Glossary,
    GlossaryDraft,
    GlossaryVersion,
)
from studio.projects.models import Project

#: Lines that are looked through at once.
AT_ONCE = 5000
#: How a line of a concepts.jsonl begins.
HEAD = re.compile(r'\{"uid":("(?:[^"\\]|\\.)*")')
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
    version = GlossaryVersion.objects.create(
        glossary=glossary,
        number=newest.number + 1 if newest else 1,
        parent=newest,
        concepts_file=write_file(glossary, newest, draft, by),
        note=note,
        published_by=by,
    )
    version_rows.make(version, draft)
    glossary.save(update_fields=["updated_at"])
    return version


def chunks(given: Iterable[Any]) -> Iterator[list[Any]]:
    """A few thousand at a time, so that no version is ever whole in memory."""
    left = iter(given)
    while some := list(islice(left, AT_ONCE)):
        yield some


def write_file(
    glossary: Glossary, newest: GlossaryVersion | None, draft: GlossaryDraft, by: str
) -> StoredFile:
    """The concepts.jsonl of the next version."""
    version_rows.fill_lines(draft)
    descriptor, name = tempfile.mkstemp(dir=settings.FILE_UPLOAD_TEMP_DIR, suffix=".jsonl")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(merged(newest, draft))
        return datasets.keep(glossary.project, Path(name), f"{glossary.name}.concepts.jsonl", "glossary", by)
    finally:
        Path(name).unlink(missing_ok=True)


def merged(newest: GlossaryVersion | None, draft: GlossaryDraft) -> Iterator[str]:
    """The newest version's lines with the draft's changes in their places, then what is new."""
    changed: dict[str, str] = dict(draft.concepts.exclude(base_hash="").values_list("uid", "content_hash"))
    for lines in chunks(lines_of(newest)):
        named = [(uid_in(line), line) for line in lines]
        asked = [uid for uid, _ in named if changed.get(uid)]
        said = dict(draft.concepts.filter(uid__in=asked).values_list("uid", "line")) if asked else {}
        for uid, line in named:
            if changed.get(uid) != drafts.NOTHING:
                yield said.get(uid, line)
    new = draft.concepts.filter(base_hash="").order_by("id")
    yield from new.values_list("line", flat=True).iterator(chunk_size=drafts.CHUNK)


def uid_in(line: str) -> str:
    """The name of the concept in a line of a concepts.jsonl, which begins with it."""
    head = HEAD.match(line)
    if head is None:
        return str(json.loads(line)["uid"])
    # Hardly any name has something to be unescaped in it.
    return str(json.loads(head[1])) if "\\" in head[1] else head[1][1:-1]


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
    drafts.lock(draft)
    said = ConceptRow.objects.filter(
        glossary_id=draft.glossary_id, items__version=newest, uid=OuterRef("uid")
    ).values("content_hash")[:1]
    there = Coalesce(Subquery(said), Value(drafts.NOTHING))
    rows = draft.concepts.annotate(there=there)
    clashes = rows.exclude(there=F("base_hash")).exclude(there=F("content_hash"))
    if not keep and (count := clashes.count()):
        uids = list(clashes.order_by("uid").values_list("uid", flat=True)[:SHOWN])
        shown = ", ".join(uids) + ("..." if count > SHOWN else "")
        raise DraftBehind(number=newest.number, count=count, uids=shown, uid=uids[0], by=newest.published_by)
    if keep == "theirs":
        clashes.delete()
    rows.filter(there=F("content_hash")).delete()
    rows.exclude(there=F("base_hash")).update(base_hash=there)
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
        version_rows.forget(locked)
        for version in locked.versions.order_by("-number"):
            version.delete()
        locked.delete()
        for stored in files:
            stored.delete()
            datasets.forget_bytes(stored.sha256)
    except ProtectedError as error:
        first = next(iter(error.protected_objects))
        raise GlossaryInUse(name=glossary.name, reason=f"{first} needs it") from error
