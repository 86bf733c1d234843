"""Glossaries: concept-oriented, versioned, content-addressed. Django looks for an app's models here."""

from studio.glossaries.models.dictionaries import Dictionary
from studio.glossaries.models.drafts import (
    ConceptComment,
    DraftChange,
    DraftConcept,
    DraftEdit,
    GlossaryDraft,
)
from studio.glossaries.models.imports import GlossaryImport
from studio.glossaries.models.versions import Concept, Glossary, GlossaryVersion, Term, VersionItem

__all__ = [
    "Concept",
    "ConceptComment",
    "Dictionary",
    "DraftChange",
    "DraftConcept",
    "DraftEdit",
    "Glossary",
    "GlossaryDraft",
    "GlossaryImport",
    "GlossaryVersion",
    "Term",
    "VersionItem",
]
