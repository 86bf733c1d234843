"""Glossaries as /api takes and shows them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from protocol.specs.glossaries import GeneratePairsSpec, GenerateRowsSpec
from studio.datasets import services as datasets
from studio.glossaries import services
from studio.glossaries.models import Concept, Glossary, GlossaryVersion, Term

DEFAULTS = {name: field.default for name, field in GenerateRowsSpec.model_fields.items()}
PAIR_DEFAULTS = {name: field.default for name, field in GeneratePairsSpec.model_fields.items()}


class VersionOut(Schema):
    """A published state of a glossary. `reference` is what a fine-tuning job calls it."""

    object: Literal["glossary.version"] = "glossary.version"
    id: str
    glossary: str
    reference: str
    number: int
    content_hash: str
    #: The uploaded file.
    source: str | None
    concepts_file: str
    #: Against the version before: {"added", "removed", "changed"}.
    changes: dict[str, int]
    stats: dict[str, Any]
    #: What whoever published it says of it.
    note: str
    published_by: str
    published_at: datetime


class GlossaryOut(Schema):
    """A glossary and its newest version."""

    object: Literal["glossary"] = "glossary"
    id: str
    name: str
    newest: VersionOut
    created_by: str
    created_at: datetime
    updated_at: datetime


class TermOut(Schema):
    """One form of a concept in one language."""

    lang: str
    text: str
    status: str
    part_of_speech: str
    term_type: str
    case_sensitive: bool
    match: str
    do_not_translate: bool
    note: str
    contexts: list[str]
    #: Further fields of the file it came from: name -> texts.
    extra: dict[str, list[str]]


class ConceptOut(Schema):
    """One meaning and its terms in all languages."""

    object: Literal["glossary.concept"] = "glossary.concept"
    id: str
    uid: str
    subject_field: str
    definitions: dict[str, str]
    note: str
    source: str
    #: Names of wider concepts.
    broader: list[str]
    extra: dict[str, list[str]]
    terms: list[TermOut]


class GlossaryIn(Schema):
    """A glossary to begin."""

    name: str = Field(max_length=200)


class TrainingRowsIn(Schema):
    """How many rows, of which version, with which general rows beside them."""

    #: Number of the glossary version; the newest where nothing is said.
    version: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    #: Name of the dataset that the rows become a version of.
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=datasets.NAME_LIMIT)] = ""
    #: "dsv_...": a dataset version whose rows are mixed in.
    replay: str | None = None
    rows_per_concept: int = DEFAULTS["rows_per_concept"]
    prompts_per_concept: int = DEFAULTS["prompts_per_concept"]
    replay_share: float = DEFAULTS["replay_share"]
    lang: str = DEFAULTS["lang"]
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = DEFAULTS["seed"]
    #: Distinct rows that use a concept's term rightly, at least so many for each concept.
    min_contexts: int = DEFAULTS["min_contexts"]
    #: Rows of all concepts together, instead of `rows_per_concept` each.
    budget: int | None = None
    #: Names of generators, as the summary of made rows names them; none means the usual ones.
    generators: tuple[str, ...] = ()
    #: Of sentences to be corrected, the share that is right already (0.3 to 0.5).
    keep_share: float = DEFAULTS["keep_share"]
    #: Share of concepts that no training row is made of, to tell what was learnt from what was memorised.
    hold_out_share: float = DEFAULTS["hold_out_share"]
    #: "dsv_..." or "file-...": real text that sentences with the terms are taken from.
    text: str | None = None


class PreferencePairsIn(Schema):
    """How many pairs, of which version, with which text."""

    version: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=datasets.NAME_LIMIT)] = ""
    pairs_per_concept: int = PAIR_DEFAULTS["pairs_per_concept"]
    hold_out_share: float = PAIR_DEFAULTS["hold_out_share"]
    text: str | None = None
    lang: str = PAIR_DEFAULTS["lang"]
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = PAIR_DEFAULTS["seed"]


def version_out(version: GlossaryVersion) -> VersionOut:
    """The version as it is sent."""
    glossary = services.public_id(version.glossary)
    return VersionOut(
        id=services.version_public_id(version),
        glossary=glossary,
        reference=f"{glossary}@v{version.number}",
        number=version.number,
        content_hash=version.content_hash,
        source=datasets.public_id(version.source) if version.source else None,
        concepts_file=datasets.public_id(version.concepts_file),
        changes=version.changes,
        stats=version.stats,
        note=version.note,
        published_by=version.published_by,
        published_at=version.published_at,
    )


def glossary_out(glossary: Glossary, newest: GlossaryVersion) -> GlossaryOut:
    """The glossary as it is sent."""
    return GlossaryOut(
        id=services.public_id(glossary),
        name=glossary.name,
        newest=version_out(newest),
        created_by=glossary.created_by,
        created_at=glossary.created_at,
        updated_at=glossary.updated_at,
    )


def concept_out(concept: Concept) -> ConceptOut:
    """The concept as it is sent."""
    return ConceptOut(
        id=services.concept_public_id(concept.id),
        uid=concept.uid,
        subject_field=concept.subject_field,
        definitions=concept.definitions,
        note=concept.note,
        source=concept.source,
        broader=concept.broader,
        extra=concept.extra,
        terms=[term_out(term) for term in concept.terms.all()],
    )


def term_out(term: Term) -> TermOut:
    """The term as it is sent."""
    return TermOut(**{name: getattr(term, name) for name in TermOut.model_fields})
