"""What is asked of a process that reads, parts, mixes, augments or cleans a dataset."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from protocol.specs.files import FileRef, NamedFile, Spec, VersionFiles

#: What the text of a file may be told to be in; the last four are never guessed.
Encoding = Literal["utf-8", "utf-16", "gb18030", "big5", "shift_jis", "euc_kr", "windows-1252"]


class _ReadDataset(Spec):
    """An uploaded dataset, and how it is to be read; what is not said is told by the file."""

    file: FileRef
    #: How the rows are laid out (`corpus.shapes.Layout`); nothing: it is guessed from the first rows.
    shape: str | None = None
    #: Column or key of the file -> field of the layout. A name that begins with "=" is a value for every row.
    mapping: dict[str, str] | None = None
    #: Sheet of a workbook; nothing: the first.
    sheet: str | None = None
    #: Nothing: it is told by the byte order mark or the bytes.
    encoding: Encoding | None = None
    #: One character between the cells of a table; nothing: it is told by the header.
    delimiter: str | None = Field(None, min_length=1, max_length=1)


class PrepareDatasetSpec(_ReadDataset):
    """Parse an uploaded dataset, check every row, split it, count it."""

    kind: Literal["prepare_dataset"] = "prepare_dataset"
    #: Share of rows that become the validation split, chosen by content hash.
    validation_share: float = Field(0.1, ge=0, le=0.5)
    seed: int = 7
    #: What becomes of a file with problems: it is refused whole, or its bad rows are left out and counted.
    on_problem: Literal["refuse", "skip"] = "refuse"


class ValidateDatasetSpec(_ReadDataset):
    """Check every row of an uploaded dataset and make nothing of it.

    Leaves problems.jsonl ({"line", "column", "code", "message", "fix", "excerpt"} for each of the first 1,000 problems) and
    stats.json ({"rows", "problems", "by_code"}, which count all).
    """

    kind: Literal["validate_dataset"] = "validate_dataset"


class SampleDatasetSpec(Spec):
    """Read the first rows of an uploaded dataset as they stand there, so that a person can say what they mean.

    Leaves sample.json: {"format", "sheets", "columns", "rows", "guess", "alternatives"}.
    """

    kind: Literal["sample_dataset"] = "sample_dataset"
    file: FileRef
    sheet: str | None = None
    encoding: Encoding | None = None
    delimiter: str | None = Field(None, min_length=1, max_length=1)


class MixSource(Spec):
    """A dataset version whose rows go into a mix."""

    name: str
    train: FileRef
    #: Carried along whole; training rows with a prompt of any of these are left out.
    validation: FileRef | None = None
    prompts: FileRef | None = None
    #: Its share of the mix, in relation to the others'; for all sources or for none.
    weight: float | None = Field(None, gt=0, le=1e6)


class MixDatasetsSpec(Spec):
    """Draw rows of one or several dataset versions so that they have a composition."""

    kind: Literal["mix_datasets"] = "mix_datasets"
    sources: tuple[MixSource, ...] = Field(min_length=1, max_length=32)
    #: "language" (zh, en, other), or the key of the rows that says their class, such as "domain".
    by: str = Field("language", min_length=1, max_length=80)
    measure: Literal["rows", "characters", "tokens"] = "rows"
    #: Class -> percent, 100 together; nothing leaves the composition as the sources give it.
    target: dict[str, Annotated[float, Field(ge=0, le=100)]] = {}
    #: How much is drawn, in the measure; nothing means as much as the target allows.
    total: int | None = Field(None, ge=1, le=10**12)
    #: How often a row may stand in the mix.
    max_repeats: int = Field(1, ge=1, le=20)
    #: Points by which a class may miss its target.
    tolerance: float = Field(0.5, gt=0, le=10)
    #: tokenizer.json of a base model, where the measure is tokens.
    tokenizer: FileRef | None = None
    seed: int = Field(7, ge=0, le=2**31 - 1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.target and abs(sum(self.target.values()) - 100) > 0.01:
            raise ValueError(f"the target adds up to {sum(self.target.values()):g}, not to 100")
        if len({source.weight is None for source in self.sources}) > 1:
            raise ValueError("either all sources have a weight or none has")
        if (self.measure == "tokens") != (self.tokenizer is not None):
            raise ValueError("a tokenizer is needed where the measure is tokens, and only there")
        return self


class MeasureMixSpec(Spec):
    """Say what a split is made of."""

    kind: Literal["measure_mix"] = "measure_mix"
    train: FileRef
    by: str = Field("language", min_length=1, max_length=80)


#: The variable of the environment that a process finds the endpoint's key in: a spec lies on the disk, and keys do not.
GENERATOR_KEY = "STUDIO_GENERATOR_KEY"


class GeneratorRef(Spec):
    """An OpenAI-compatible endpoint that is asked for new wordings; its key is not said here."""

    #: Up to and with /v1.
    base_url: str
    model: str
    #: Whether it may lie inside a network: a deployment of the house, or allowed by the operator.
    allow_private: bool = False
    temperature: float = Field(0.7, ge=0, le=2)
    #: Requests at the same time.
    parallel: int = Field(4, ge=1, le=16)
    timeout_s: float = Field(60.0, gt=0, le=600)


class AugmentDatasetSpec(Spec):
    """Say rows of a dataset version otherwise; each new row is guarded and points to its parent."""

    kind: Literal["augment_dataset"] = "augment_dataset"
    method: Literal["synonyms", "paraphrase", "back_translation"] = "synonyms"
    train: FileRef
    validation: FileRef | None = None
    prompts: FileRef | None = None
    #: concepts.jsonl of a glossary version: its terms are protected.
    concepts: FileRef | None = None
    generator: GeneratorRef | None = None
    #: What a generator once said: it is not asked again, so the rows come out the same.
    proposals: FileRef | None = None
    fields: Literal["prompts", "answers", "both"] = "prompts"
    #: Share of the rows that get children, chosen by their content.
    share: float = Field(1.0, gt=0, le=1)
    per_row: int = Field(1, ge=1, le=8)
    #: New rows at most.
    max_rows: int | None = Field(None, ge=1, le=10_000_000)
    #: Whether rows that were made by augmentation are parents too.
    of_augmented: bool = False
    #: Of the words that can be swapped, the share that is.
    swap_share: float = Field(0.7, gt=0, le=1)
    #: Whether an admitted term may become the preferred one of its concept.
    glossary_synonyms: bool = False
    #: The language in between.
    pivot: str = Field("en", min_length=2, max_length=20)
    #: How much of a text must and may change, as a share of its characters.
    min_edit: float = Field(0.02, ge=0, le=1)
    max_edit: float = Field(0.8, gt=0, le=1)
    budget_tokens: int = Field(1_000_000, ge=1, le=10**10)
    #: Only so many new rows, to be looked at; no version is made of them.
    preview: int | None = Field(None, ge=1, le=50)
    seed: int = Field(7, ge=0, le=2**31 - 1)


class ResplitDatasetSpec(Spec):
    """Part the rows of a dataset version anew into training and validation."""

    kind: Literal["resplit_dataset"] = "resplit_dataset"
    train: FileRef
    validation: FileRef | None = None
    prompts: FileRef | None = None
    validation_share: float = Field(0.1, ge=0, le=0.5)
    #: Whether rows that are nearly the same stay together, beside those of one group, prompt or parent.
    near_duplicates: bool = True
    seed: int = Field(7, ge=0, le=2**31 - 1)


class DiffVersionsSpec(Spec):
    """Say what is different between two dataset versions, row by row."""

    kind: Literal["diff_versions"] = "diff_versions"
    before: VersionFiles
    after: VersionFiles


class ReplayRecipeSpec(Spec):
    """Do the recipe of a dataset version again; it must give the same content hash."""

    kind: Literal["replay_recipe"] = "replay_recipe"
    #: A `corpus.recipe.Recipe`.
    recipe: dict[str, Any]
    #: The files of the recipe that are still stored.
    files: tuple[FileRef, ...] = ()
    #: What the recipe is to give; nothing asks only for what the operations say themselves.
    content_hash: str = ""


class CleaningStep(Spec):
    """One step of a cleaning: which, in which version, and what was set."""

    name: str
    version: int = Field(1, ge=1)
    #: What differs from the step's defaults.
    params: dict[str, Any] = {}
    #: Rows the step leaves alone, as "train:17": what it did to them was undone. Rows count from 1.
    leave: tuple[str, ...] = ()


class CleanDatasetSpec(Spec):
    """Clean the rows of a dataset version, step by step; with a log of edits by which each can be undone."""

    kind: Literal["clean_dataset"] = "clean_dataset"
    train: FileRef
    validation: FileRef | None = None
    #: Held-out prompts, which go on as they are.
    prompts: FileRef | None = None
    steps: tuple[CleaningStep, ...] = Field(max_length=100)
    #: What `decontaminate` looks for.
    evaluation_sets: tuple[NamedFile, ...] = ()
    #: Suggestions of an earlier cleaning that are put in first.
    suggestions: FileRef | None = None
    #: The ids of those that were accepted; None accepts all.
    accepted: tuple[int, ...] | None = None
    #: Only so many first rows are looked at, and no version comes of it; 0 cleans all.
    preview_rows: int = Field(0, ge=0, le=5000)
    #: Processes; 0 is one for each processor. The rows do not depend on it.
    workers: int = Field(0, ge=0, le=256)
    #: Chooses the examples that are kept.
    seed: int = 7


class UndoCleaningSpec(Spec):
    """Put the rows of a cleaned version back to what they were, by the log of edits alone."""

    kind: Literal["undo_cleaning"] = "undo_cleaning"
    train: FileRef
    validation: FileRef | None = None
    prompts: FileRef | None = None
    edits: FileRef
