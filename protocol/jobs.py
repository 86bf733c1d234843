"""The spec a process is started with: `python -m <package> <command> spec.json`.

spec.json holds one `Envelope`. Paths are absolute and chosen by the house, never by a user.
"""

from enum import IntEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from protocol.serving import EngineName, ServedAdapter
from protocol.training import TrainingConfig


class ExitCode(IntEnum):
    """How a process says it ended; the events say the rest."""

    OK = 0
    #: A `Failed` event with the error is the last line.
    FAILED = 64
    #: The disk is so full that not even the event could be written that says so.
    DISK_FULL = 74
    #: SIGTERM was answered: a checkpoint was written, nothing failed.
    STOPPED = 75


class _Spec(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileRef(_Spec):
    """A stored file: where it lies, what it was called, what it must hash to."""

    path: str
    filename: str
    sha256: str


class _ReadDataset(_Spec):
    """An uploaded dataset, and how it is to be read; what is not said is told by the file."""

    file: FileRef
    #: How the rows are laid out (`corpus.shapes.Layout`); nothing: it is guessed from the first rows.
    shape: str | None = None
    #: Column or key of the file -> field of the layout. A name that begins with "=" is a value for every row.
    mapping: dict[str, str] | None = None
    #: Sheet of a workbook; nothing: the first.
    sheet: str | None = None
    #: utf-8, utf-16 or gb18030; nothing: it is told by the byte order mark or the bytes.
    encoding: Literal["utf-8", "utf-16", "gb18030"] | None = None
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


class SampleDatasetSpec(_Spec):
    """Read the first rows of an uploaded dataset as they stand there, so that a person can say what they mean.

    Leaves sample.json: {"format", "sheets", "columns", "rows", "guess", "alternatives"}.
    """

    kind: Literal["sample_dataset"] = "sample_dataset"
    file: FileRef
    sheet: str | None = None
    encoding: Literal["utf-8", "utf-16", "gb18030"] | None = None
    delimiter: str | None = Field(None, min_length=1, max_length=1)


class TableMapping(_Spec):
    """What a person says of a glossary table that cannot be guessed."""

    #: Sheet of a workbook; the first with terms where nothing is said.
    sheet: str | None = None
    #: Whether the first row names the columns; None: as it looks.
    has_header: bool | None = None
    #: What parts the cells of a text table; the character the first line has most of where nothing is said.
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    #: Column (by name, or "#1" by place) -> meaning as corpus.glossary.formats.columns writes it: "term:en".
    columns: dict[str, str] = {}


class PrepareGlossarySpec(_Spec):
    """Parse an uploaded glossary into concepts, or into a plan of what they would change."""

    kind: Literal["prepare_glossary"] = "prepare_glossary"
    file: FileRef
    #: strict: conflicts are errors. plan: they are listed, and the file is compared with the base.
    mode: Literal["strict", "plan"] = "strict"
    mapping: TableMapping | None = None
    #: concepts.jsonl of the version that the plan is against, or nothing.
    base: FileRef | None = None


class ApplyImportSpec(_Spec):
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


class GenerateRowsSpec(_Spec):
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


class GeneratePairsSpec(_Spec):
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


class NamedRows(_Spec):
    """A split of a dataset version: its name, and its rows as the house wrote them."""

    name: str
    rows: FileRef


class CoverageSpec(_Spec):
    """Count what a dataset version has of a glossary version: summary.json, concepts.jsonl, index.jsonl."""

    kind: Literal["coverage"] = "coverage"
    concepts: FileRef
    splits: tuple[NamedRows, ...]


class MineTermsSpec(_Spec):
    """Candidates for terms from texts (rows or plain text): candidates.jsonl."""

    kind: Literal["mine_terms"] = "mine_terms"
    texts: tuple[FileRef, ...] = Field(min_length=1)
    #: concepts.jsonl of what the glossary has already, or nothing.
    concepts: FileRef | None = None
    #: Times that a candidate must be met.
    min_frequency: int = Field(3, ge=2, le=1000)
    #: Candidates of each language.
    limit: int = Field(200, ge=1, le=2000)


class MixSource(_Spec):
    """A dataset version whose rows go into a mix."""

    name: str
    train: FileRef
    #: Carried along whole; training rows with a prompt of any of these are left out.
    validation: FileRef | None = None
    prompts: FileRef | None = None
    #: Its share of the mix, in relation to the others'; for all sources or for none.
    weight: float | None = Field(None, gt=0, le=1e6)


class MixDatasetsSpec(_Spec):
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


class MeasureMixSpec(_Spec):
    """Say what a split is made of."""

    kind: Literal["measure_mix"] = "measure_mix"
    train: FileRef
    by: str = Field("language", min_length=1, max_length=80)


class GeneratorRef(_Spec):
    """An OpenAI-compatible endpoint that is asked for new wordings."""

    #: Up to and with /v1.
    base_url: str
    model: str
    api_key: str = Field("", repr=False)
    #: Whether it may lie inside a network: a deployment of the house, or allowed by the operator.
    allow_private: bool = False
    temperature: float = Field(0.7, ge=0, le=2)
    #: Requests at the same time.
    parallel: int = Field(4, ge=1, le=16)
    timeout_s: float = Field(60.0, gt=0, le=600)


class AugmentDatasetSpec(_Spec):
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


class ResplitDatasetSpec(_Spec):
    """Part the rows of a dataset version anew into training and validation."""

    kind: Literal["resplit_dataset"] = "resplit_dataset"
    train: FileRef
    validation: FileRef | None = None
    prompts: FileRef | None = None
    validation_share: float = Field(0.1, ge=0, le=0.5)
    #: Whether rows that are nearly the same stay together, beside those of one group, prompt or parent.
    near_duplicates: bool = True
    seed: int = Field(7, ge=0, le=2**31 - 1)


class VersionFiles(_Spec):
    """The splits of a dataset version."""

    train: FileRef
    validation: FileRef | None = None


class DiffVersionsSpec(_Spec):
    """Say what is different between two dataset versions, row by row."""

    kind: Literal["diff_versions"] = "diff_versions"
    before: VersionFiles
    after: VersionFiles


class ReplayRecipeSpec(_Spec):
    """Do the recipe of a dataset version again; it must give the same content hash."""

    kind: Literal["replay_recipe"] = "replay_recipe"
    #: A `corpus.recipe.Recipe`.
    recipe: dict[str, Any]
    #: The files of the recipe that are still stored.
    files: tuple[FileRef, ...] = ()
    #: What the recipe is to give; nothing asks only for what the operations say themselves.
    content_hash: str = ""


class CleaningStep(_Spec):
    """One step of a cleaning: which, in which version, and what was set."""

    name: str
    version: int = Field(1, ge=1)
    #: What differs from the step's defaults.
    params: dict[str, Any] = {}
    #: Rows the step leaves alone, as "train:17": what it did to them was undone. Rows count from 1.
    leave: tuple[str, ...] = ()


class NamedFile(_Spec):
    """A stored file, and what people call it."""

    name: str
    file: FileRef


class CleanDatasetSpec(_Spec):
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


class UndoCleaningSpec(_Spec):
    """Put the rows of a cleaned version back to what they were, by the log of edits alone."""

    kind: Literal["undo_cleaning"] = "undo_cleaning"
    train: FileRef
    validation: FileRef | None = None
    prompts: FileRef | None = None
    edits: FileRef


class BaseModelRef(_Spec):
    """A base model in the house: its id and its folder of safetensors."""

    model_id: str
    path: str
    #: sha256 of the manifest of the folder.
    revision: str


class TrainSpec(_Spec):
    """Tune a base model on a dataset version."""

    kind: Literal["train"] = "train"
    base: BaseModelRef
    train: FileRef
    validation: FileRef | None = None
    #: Evaluation sets of the project: a run whose training rows hold their rows is refused.
    held_out: tuple[NamedFile, ...] = ()
    #: Why it is to train all the same; nothing refuses it.
    despite_contamination: str = ""
    config: TrainingConfig
    seed: int = Field(7, ge=0, le=2**31 - 1)


class CountTokensSpec(_Spec):
    """Count the tokens of a file of chat rows as a model sees them."""

    kind: Literal["count_tokens"] = "count_tokens"
    rows: FileRef
    base: BaseModelRef
    #: Tokens of a row behind this are cut off.
    max_length: int = Field(512, ge=1, le=1_048_576)


class EvaluateSpec(_Spec):
    """The same prompts and texts through the base and the tuned model."""

    kind: Literal["evaluate"] = "evaluate"
    base: BaseModelRef
    adapter: ServedAdapter
    prompts: FileRef
    #: Chat rows whose loss is compared, or nothing.
    validation: FileRef | None = None
    #: Unrelated general text, paragraphs parted by blank lines, or nothing.
    general_text: FileRef | None = None
    max_new_tokens: int = Field(24, ge=1, le=512)
    batch_size: int = Field(48, ge=1, le=256)
    resamples: int = Field(10_000, ge=100, le=1_000_000)
    seed: int = Field(7, ge=0, le=2**31 - 1)


class ServeSpec(_Spec):
    """Serve a base model and adapters over HTTP on loopback until told to stop."""

    kind: Literal["serve"] = "serve"
    engine: EngineName = EngineName.NATIVE
    base: BaseModelRef
    adapters: tuple[ServedAdapter, ...] = ()
    host: str = "127.0.0.1"
    #: Requests decoded at the same time; more wait in line.
    max_running: int = Field(4, ge=1, le=256)
    max_waiting: int = Field(64, ge=0, le=4096)
    #: Shared secret the gateway sends as a bearer token.
    token: str


JobSpec = Annotated[
    PrepareDatasetSpec
    | ValidateDatasetSpec
    | SampleDatasetSpec
    | PrepareGlossarySpec
    | ApplyImportSpec
    | GenerateRowsSpec
    | CoverageSpec
    | MineTermsSpec
    | MixDatasetsSpec
    | MeasureMixSpec
    | GeneratePairsSpec
    | AugmentDatasetSpec
    | ResplitDatasetSpec
    | DiffVersionsSpec
    | ReplayRecipeSpec
    | CleanDatasetSpec
    | UndoCleaningSpec
    | CountTokensSpec
    | TrainSpec
    | EvaluateSpec
    | ServeSpec,
    Field(discriminator="kind"),
]


class Envelope(_Spec):
    """One attempt at one job. `attempt` is the fencing token of its lease."""

    job_id: str
    attempt: int = Field(ge=1)
    #: Folder of this attempt: events.jsonl, log.txt, checkpoints/, output/.
    workdir: str
    #: File the process appends its events to, one JSON line each.
    events: str
    #: Checkpoint folder to go on from, or nothing.
    resume_from: str | None = None
    #: A process that writes much stops with `disk_full` before less than this is left on its disk.
    min_free_bytes: int = Field(256 * 1024**2, ge=0)
    spec: JobSpec
