"""What is asked of a process that reads a glossary, makes rows of one, or counts and finds its terms."""

from typing import Literal

from pydantic import Field

from protocol.specs.files import FileRef, NamedRows, Spec


class TableMapping(Spec):
    """What a person says of a glossary table that cannot be guessed."""

    #: Sheet of a workbook; the first with terms where nothing is said.
    sheet: str | None = None
    #: Whether the first row names the columns; None: as it looks.
    has_header: bool | None = None
    #: What parts the cells of a text table; the character the first line has most of where nothing is said.
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    #: Column (by name, or "#1" by place) -> meaning as corpus.glossary.formats.columns writes it: "term:en".
    columns: dict[str, str] = {}


class PrepareGlossarySpec(Spec):
    """Parse an uploaded glossary into concepts, or into a plan of what they would change."""

    kind: Literal["prepare_glossary"] = "prepare_glossary"
    file: FileRef
    #: strict: conflicts are errors. plan: they are listed, and the file is compared with the base.
    mode: Literal["strict", "plan"] = "strict"
    mapping: TableMapping | None = None
    #: concepts.jsonl of the version that the plan is against, or nothing.
    base: FileRef | None = None


class ApplyImportSpec(Spec):
    """Make the concepts of an accepted import plan."""

    kind: Literal["apply_import"] = "apply_import"
    #: concepts.jsonl and conflicts.jsonl of the plan.
    concepts: FileRef
    conflicts: FileRef
    base: FileRef | None = None
    #: Conflict -> choice.
    choices: dict[str, str] = {}
    #: Code of conflicts -> choice for all of them that have none of their own.
    rules: dict[str, str] = {}
    #: What becomes of concepts that the file does not have.
    missing: Literal["keep", "remove"] = "keep"


class GenerateRowsSpec(Spec):
    """Training rows, validation rows and held-out prompts from a glossary version."""

    kind: Literal["generate_rows"] = "generate_rows"
    #: concepts.jsonl of the glossary version: one `corpus.glossary.terms.Concept` a line.
    concepts: FileRef
    #: train.jsonl of a dataset version mixed in as replay, or nothing.
    replay: FileRef | None = None
    #: Rows made from each concept for training.
    rows_per_concept: int = Field(6, ge=1, le=64)
    #: Held-out prompts for each concept; their phrasings never occur in training.
    prompts_per_concept: int = Field(2, ge=1, le=16)
    #: Replay rows as a share of all training rows.
    replay_share: float = Field(0.2, ge=0, le=0.9)
    #: Distinct rows that use a concept's term rightly, at least so many for each concept that is taught.
    min_contexts: int = Field(5, ge=0, le=64)
    #: Training rows made from all concepts together, or nothing for `rows_per_concept` each.
    budget: int | None = Field(None, ge=1, le=5_000_000)
    #: Names of `corpus.glossary.phrasings.Generator`; none means the usual ones.
    generators: tuple[str, ...] = ()
    #: Of the sentences to be corrected, the share that is right already; kept to where generators take turns.
    keep_share: float = Field(0.4, ge=0.3, le=0.5)
    #: Share of concepts that no training row is made of.
    hold_out_share: float = Field(0.0, ge=0, le=0.5)
    #: Rows or plain text that sentences with the terms are taken from, or nothing.
    text: FileRef | None = None
    #: What the rows say they come from: the glossary version as clients call it.
    glossary_version: str = ""
    lang: str = "en"
    seed: int = 7


class GeneratePairsSpec(Spec):
    """Preference pairs from a glossary version: the same answer in the house's words and in a form it rejects."""

    kind: Literal["generate_pairs"] = "generate_pairs"
    concepts: FileRef
    #: Pairs of each concept that has a form to reject.
    pairs_per_concept: int = Field(3, ge=1, le=16)
    #: As for the rows: with the same seed the same concepts are held out.
    hold_out_share: float = Field(0.0, ge=0, le=0.5)
    text: FileRef | None = None
    glossary_version: str = ""
    lang: str = "en"
    seed: int = 7


class CoverageSpec(Spec):
    """Count what a dataset version has of a glossary version: summary.json, concepts.jsonl, index.jsonl."""

    kind: Literal["coverage"] = "coverage"
    concepts: FileRef
    splits: tuple[NamedRows, ...]


class MineTermsSpec(Spec):
    """Candidates for terms from texts (rows or plain text): candidates.jsonl."""

    kind: Literal["mine_terms"] = "mine_terms"
    texts: tuple[FileRef, ...] = Field(min_length=1)
    #: concepts.jsonl of what the glossary has already, or nothing.
    concepts: FileRef | None = None
    #: Times that a candidate must be met.
    min_frequency: int = Field(3, ge=2, le=1000)
    #: Candidates of each language.
    limit: int = Field(200, ge=1, le=2000)
