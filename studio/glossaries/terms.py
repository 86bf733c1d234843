"""Concepts and terms as the page of a glossary shows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from corpus.glossary.fold import norm_key
from studio.glossaries.models import Concept, Glossary, GlossaryVersion, Term, VersionItem

#: Names of changed concepts that are shown of each sort.
CHANGES_SHOWN = 50


@dataclass(frozen=True)
class TermFilter:
    """Which concepts are wanted; what is empty is not asked for."""

    text: str = ""
    status: str = ""
    subject_field: str = ""

    @property
    def is_set(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.text or self.status or self.subject_field)

    def items_of(self, version: GlossaryVersion) -> QuerySet[VersionItem]:
        """The version's wanted concepts in its order, with their terms."""
        items = VersionItem.objects.filter(version=version)
        if self.subject_field:
            items = items.filter(concept__subject_field=self.subject_field)
        terms = Term.objects.filter(concept=OuterRef("concept"))
        if self.status:
            items = items.filter(Exists(terms.filter(status=self.status)))
        if self.text:
            written = Q(text__icontains=self.text) | Q(norm_key__contains=norm_key(self.text))
            items = items.filter(Exists(terms.filter(written)) | Q(concept__uid__iexact=self.text))
        return items.select_related("concept").prefetch_related("concept__terms").order_by("position")


@dataclass(frozen=True)
class ConceptLine:
    """A concept and, for each language column, its terms."""

    concept: Concept
    cells: list[list[Term]]


def concept_lines(items: Iterable[VersionItem], languages: list[str]) -> list[ConceptLine]:
    """One line for each item."""
    lines = []
    for item in items:
        terms = list(item.concept.terms.all())
        cells = [[term for term in terms if term.lang == lang] for lang in languages]
        lines.append(ConceptLine(item.concept, cells))
    return lines


def languages_of(version: GlossaryVersion) -> list[str]:
    """The languages the version has terms in, the one with the most terms first."""
    counted: dict[str, dict[str, int]] = version.stats.get("languages") or {}
    if counted:
        return sorted(counted, key=lambda lang: (-sum(counted[lang].values()), lang))
    terms = Term.objects.filter(concept__items__version=version)
    return list(terms.order_by("lang").values_list("lang", flat=True).distinct())


def subject_fields_of(version: GlossaryVersion) -> list[str]:
    """The subject fields of the version's concepts, by name."""
    concepts = Concept.objects.filter(items__version=version).exclude(subject_field="")
    return list(concepts.order_by("subject_field").values_list("subject_field", flat=True).distinct())


@dataclass(frozen=True)
class ConceptPanel:
    """Everything about one concept."""

    concept: Concept
    #: Language, its definition, its terms.
    sections: list[tuple[str, str, list[Term]]]


def panel_of(version: GlossaryVersion, uid: str) -> ConceptPanel | None:
    """The concept of that name in the version, or nothing."""
    items = VersionItem.objects.filter(version=version, concept__uid=uid)
    item = items.select_related("concept").prefetch_related("concept__terms").first()
    if item is None:
        return None
    terms = list(item.concept.terms.all())
    languages = dict.fromkeys([*(term.lang for term in terms), *item.concept.definitions])
    sections = [
        (lang, item.concept.definitions.get(lang, ""), [term for term in terms if term.lang == lang])
        for lang in languages
    ]
    return ConceptPanel(item.concept, sections)


def history_of(glossary: Glossary, uid: str) -> list[tuple[GlossaryVersion, str]]:
    """The versions in which the concept came or changed, newest first, each with "added" or "changed"."""
    items = (
        VersionItem.objects.filter(version__glossary=glossary, concept__uid=uid)
        .select_related("version")
        .order_by("version__number")
    )
    history: list[tuple[GlossaryVersion, str]] = []
    before: VersionItem | None = None
    for item in items:
        if before is None:
            history.append((item.version, "added"))
        elif before.concept_id != item.concept_id:
            history.append((item.version, "changed"))
        before = item
    return history[::-1]


@dataclass(frozen=True)
class Changes:
    """What one version did to its parent: the first names of each sort."""

    added: list[Concept]
    changed: list[Concept]
    removed: list[Concept]


def changes_of(version: GlossaryVersion) -> Changes | None:
    """Against the parent, by the concepts' names and rows; nothing for a first version."""
    if version.parent_id is None:
        return None
    now, before = rows_of(version.id), rows_of(version.parent_id)
    return Changes(
        added=concepts_of(row for uid, row in now.items() if uid not in before),
        changed=concepts_of(row for uid, row in now.items() if before.get(uid, row) != row),
        removed=concepts_of(row for uid, row in before.items() if uid not in now),
    )


def rows_of(version_id: UUID | None) -> dict[str, UUID]:
    """Name -> row of each concept in a version."""
    items = VersionItem.objects.filter(version_id=version_id)
    return dict(items.values_list("concept__uid", "concept_id"))


def concepts_of(rows: Iterable[UUID]) -> list[Concept]:
    """The first of these concepts, with their terms."""
    wanted = list(rows)[:CHANGES_SHOWN]
    return list(Concept.objects.filter(id__in=wanted).prefetch_related("terms").order_by("uid"))
