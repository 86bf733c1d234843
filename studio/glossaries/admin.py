"""Glossaries for operators; to be looked at only, since a published version never changes."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from studio.datasets.admin import LookOnly
from studio.glossaries.measured import Candidate, Coverage
from studio.glossaries.models import (
    Concept,
    ConceptComment,
    Dictionary,
    DraftChange,
    DraftConcept,
    DraftEdit,
    Glossary,
    GlossaryDraft,
    GlossaryImport,
    GlossaryVersion,
    Term,
)


@admin.register(Glossary)
class GlossaryAdmin(LookOnly):
    """Glossaries and how many versions they have."""

    list_display = ("name", "project", "n_versions", "created_by", "created_at", "updated_at")
    list_filter = ("project",)
    list_select_related = ("project",)
    search_fields = ("name", "id", "created_by")
    date_hierarchy = "created_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Glossary]:
        """With the number of versions."""
        rows: QuerySet[Glossary] = super().get_queryset(request)
        return rows.annotate(n_versions=Count("versions"))

    @admin.display(description=_("versions"), ordering="n_versions")
    def n_versions(self, glossary: Any) -> int:
        """How many versions it has."""
        return int(glossary.n_versions)


@admin.register(GlossaryVersion)
class GlossaryVersionAdmin(LookOnly):
    """Versions: who published what, and how it differs from the one before."""

    list_display = ("glossary", "number", "changes", "published_by", "published_at")
    list_filter = ("glossary__project",)
    list_select_related = ("glossary",)
    search_fields = ("glossary__name", "content_hash", "id", "published_by")
    date_hierarchy = "published_at"
    # Thousands of rows: concepts have a page of their own.
    exclude = ("concepts",)


class TermInline(TabularInline):  # type: ignore[misc]
    """The terms of a concept."""

    model = Term
    fields = (
        "lang",
        "text",
        "status",
        "part_of_speech",
        "term_type",
        "case_sensitive",
        "match",
        "do_not_translate",
    )
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They come from uploads."""
        del request, obj
        return False


@admin.register(Concept)
class ConceptAdmin(LookOnly):
    """Concepts, found by name or by any of their terms."""

    list_display = ("uid", "glossary", "subject_field")
    list_filter = ("glossary__project",)
    list_select_related = ("glossary",)
    search_fields = ("uid", "terms__text")
    inlines = (TermInline,)


@admin.register(Term)
class TermAdmin(LookOnly):
    """Terms of all glossaries."""

    list_display = ("text", "lang", "status", "concept", "part_of_speech")
    list_filter = ("status", "lang", "concept__glossary__project")
    list_select_related = ("concept",)
    search_fields = ("text", "norm_key", "concept__uid")


@admin.register(GlossaryDraft)
class GlossaryDraftAdmin(LookOnly):
    """Drafts: who began them, how far they are, and what they became."""

    list_display = ("glossary", "state", "base", "version", "created_by", "created_at", "updated_at")
    list_filter = ("state", "glossary__project")
    list_select_related = ("glossary", "base__glossary", "version__glossary")
    search_fields = ("glossary__name", "id", "created_by")
    date_hierarchy = "created_at"


@admin.register(DraftConcept)
class DraftConceptAdmin(LookOnly):
    """Concepts that differ in a draft, and what reviewers say of them."""

    list_display = ("uid", "draft", "review", "reviewed_by", "changed_by", "changed_at")
    list_filter = ("review", "draft__state")
    list_select_related = ("draft__glossary",)
    search_fields = ("uid", "draft__glossary__name")


class DraftEditInline(TabularInline):  # type: ignore[misc]
    """The concepts of a change, before and after."""

    model = DraftEdit
    fields = ("uid", "before", "after")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They come from edits."""
        del request, obj
        return False


@admin.register(DraftChange)
class DraftChangeAdmin(LookOnly):
    """Who did what in a draft, and when."""

    list_display = ("id", "draft", "origin", "state", "by", "at")
    list_filter = ("origin", "state")
    list_select_related = ("draft__glossary",)
    search_fields = ("by", "edits__uid", "draft__glossary__name")
    date_hierarchy = "at"
    inlines = (DraftEditInline,)


@admin.register(ConceptComment)
class ConceptCommentAdmin(LookOnly):
    """What was said of concepts."""

    list_display = ("uid", "glossary", "by", "created_at", "resolved_by")
    list_filter = ("glossary__project",)
    list_select_related = ("glossary",)
    search_fields = ("uid", "text", "by")
    date_hierarchy = "created_at"


@admin.register(Dictionary)
class DictionaryAdmin(LookOnly):
    """Language pairs that translation tools push."""

    list_display = ("glossary", "source_lang", "target_lang")
    list_select_related = ("glossary",)
    search_fields = ("glossary__name", "source_lang", "target_lang")
    exclude = ("owned",)


@admin.register(GlossaryImport)
class GlossaryImportAdmin(LookOnly):
    """Imports: who decided what."""

    list_display = ("name", "project", "state", "created_by", "created_at", "decided_by", "decided_at")
    list_filter = ("state", "project")
    list_select_related = ("project",)
    search_fields = ("name", "id", "created_by", "decided_by")
    date_hierarchy = "created_at"


@admin.register(Coverage)
class CoverageAdmin(LookOnly):
    """Reports: which dataset version was measured against which glossary version, and by which job."""

    list_display = ("version", "dataset_version", "is_measured", "created_by", "created_at")
    list_filter = ("project",)
    list_select_related = ("version__glossary", "dataset_version__dataset")
    search_fields = ("version__glossary__name", "dataset_version__dataset__name", "id")
    date_hierarchy = "created_at"

    @admin.display(boolean=True, description=_("Measured"))
    def is_measured(self, coverage: Coverage) -> bool:
        """Whether its job has ended well."""
        return coverage.summary is not None


@admin.register(Candidate)
class CandidateAdmin(LookOnly):
    """Words and phrases that may become terms, and what was decided."""

    list_display = ("text", "lang", "glossary", "score", "frequency", "state", "decided_by", "decided_at")
    list_filter = ("state", "lang", "glossary__project")
    list_select_related = ("glossary",)
    search_fields = ("text", "glossary__name", "concept")
    date_hierarchy = "created_at"
