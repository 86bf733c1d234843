"""Concepts and terms as the page of a glossary shows them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from corpus.glossary.fold import norm_key
from studio.glossaries.models import Concept, GlossaryVersion, Term, VersionItem


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
