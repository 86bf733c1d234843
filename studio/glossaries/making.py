"""Start the jobs that make rows of a glossary version, and show beforehand what such rows look like."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from pydantic import BaseModel, ValidationError

from corpus.glossary.phrasings import PHRASINGS
from jobs import queue
from jobs.models import Job
from protocol.specs.files import FileRef
from protocol.specs.glossaries import GeneratePairsSpec, GenerateRowsSpec
from studio.datasets import services as datasets
from studio.datasets.models import DatasetVersion, StoredFile
from studio.errors import InvalidRequest
from studio.glossaries.errors import LanguageNotOffered, NotOfOneProject
from studio.glossaries.models import GlossaryVersion
from studio.projects.models import Project

#: Endings of files that sentences can be taken from.
TEXT_ENDINGS = (".txt", ".md", ".jsonl", ".ndjson")
PREVIEW_ROWS = 10
#: A preview is made from so many concepts at most, and mines so much of the text: it answers while a person waits.
PREVIEW_CONCEPTS = 150
PREVIEW_LINES = 2000


def generate_rows(
    project: Project,
    version: GlossaryVersion,
    *,
    name: str,
    by: str,
    replay: DatasetVersion | None = None,
    text: DatasetVersion | StoredFile | None = None,
    **numbers: Any,
) -> Job:
    """Start the job that makes the dataset `name` from a glossary version.

    `replay` rows are mixed in, sentences are taken from `text`; `numbers` are fields of GenerateRowsSpec.
    Raises NotOfOneProject, LanguageNotOffered, InvalidRequest.
    """
    numbers = checked(GenerateRowsSpec, numbers)
    check_project(project, version, replay, text)
    name = datasets.name_for(name, f"{version.glossary.name} rows")
    payload = {
        "version": str(version.id),
        "replay": str(replay.id) if replay else None,
        "text": text_id(text),
        "name": name,
        "numbers": numbers,
    }
    return queue.enqueue("generate_rows", scope=project.id, payload=payload, title=name, created_by=by)


def generate_pairs(
    project: Project,
    version: GlossaryVersion,
    *,
    name: str,
    by: str,
    text: DatasetVersion | StoredFile | None = None,
    **numbers: Any,
) -> Job:
    """Start the job that makes preference pairs from a glossary version; `numbers` are fields of GeneratePairsSpec.

    Raises NotOfOneProject, LanguageNotOffered, InvalidRequest.
    """
    numbers = checked(GeneratePairsSpec, numbers)
    check_project(project, version, text)
    name = datasets.name_for(name, f"{version.glossary.name} pairs")
    payload = {"version": str(version.id), "text": text_id(text), "name": name, "numbers": numbers}
    return queue.enqueue("generate_pairs", scope=project.id, payload=payload, title=name, created_by=by)


def checked(spec: type[BaseModel], numbers: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers as they are stored. Raises LanguageNotOffered, and InvalidRequest for one outside the spec's limits."""
    nothing = FileRef(path="", filename="", sha256="")
    try:
        valid = spec.model_validate({"concepts": nothing, **numbers})
    except ValidationError as error:
        first = error.errors()[0]
        param = ".".join(str(part) for part in first["loc"])
        raise InvalidRequest(f"{param}: {first['msg']}", param) from error
    said = valid.model_dump(mode="json", include=set(numbers))
    if said.get("lang", "en") not in PHRASINGS:
        raise LanguageNotOffered(said["lang"], offered=", ".join(PHRASINGS))
    _check_generators(said.get("generators", ()))
    return said


def _check_generators(names: Any) -> None:
    from corpus.glossary.phrasings import Generator

    for name in names:
        if name not in tuple(Generator):
            raise InvalidRequest(
                f"There is no generator {name!r}; there are {', '.join(Generator)}.", "generators"
            )


def check_project(
    project: Project, version: GlossaryVersion, *others: DatasetVersion | StoredFile | None
) -> None:
    """Raise NotOfOneProject for anything that lies elsewhere, and InvalidRequest for a text that cannot be read."""
    if version.glossary.project_id != project.id:
        raise NotOfOneProject(what="glossary version")
    for other in others:
        if isinstance(other, DatasetVersion) and other.dataset.project_id != project.id:
            raise NotOfOneProject(what="dataset version")
        if isinstance(other, StoredFile):
            if other.project_id != project.id:
                raise NotOfOneProject(what="file")
            if not other.filename.lower().endswith(TEXT_ENDINGS):
                raise InvalidRequest(
                    f"Sentences are taken from {', '.join(TEXT_ENDINGS)} files, not from {other.filename!r}.",
                    "text",
                )


def text_id(text: DatasetVersion | StoredFile | None) -> str | None:
    """The id of the file whose sentences are taken."""
    if isinstance(text, DatasetVersion):
        return str(text.train_id)
    return str(text.id) if text is not None else None


def text_by_public_id(project: Project, named: str | None) -> DatasetVersion | StoredFile | None:
    """A dataset version ("dsv_...") or a file ("file-..."). Raises NotFound."""
    if not named:
        return None
    if named.startswith(datasets.VERSION_PREFIX):
        return datasets.version_by_public_id(project, named)
    return datasets.by_public_id(project, named)


def preview(
    version: GlossaryVersion, *, text: DatasetVersion | StoredFile | None = None, **numbers: Any
) -> list[dict[str, Any]]:
    """A few rows as the job would make them, from the version's first concepts and the text's first lines.

    Raises LanguageNotOffered, InvalidRequest, GlossaryEmpty.
    """
    # The corpus's makers are loaded by the first preview: a web process that shows none stays small.
    from corpus.commands.rows import wish_of
    from corpus.glossary.generate import generate, material
    from corpus.glossary.made import Source
    from corpus.glossary.mining import Mine, read_texts
    from corpus.glossary.terms import Concept

    ref = datasets.file_ref(version.concepts_file)
    spec = GenerateRowsSpec.model_validate({"concepts": ref, **checked(GenerateRowsSpec, numbers)})
    wish = wish_of(spec.model_copy(update={"budget": None}))
    with datasets.blob_path(version.concepts_file).open(encoding="utf-8") as lines:
        concepts = [Concept.model_validate_json(line) for line in islice(lines, PREVIEW_CONCEPTS)]
    found = None
    if text is not None:
        stored = text.train if isinstance(text, DatasetVersion) else text
        given = material(concepts, lang=spec.lang, seed=spec.seed, hold_out_share=spec.hold_out_share)
        mine = Mine(given.taught, given.glossary, spec.seed, given.held_out)
        for each, parent in islice(read_texts(datasets.blob_path(stored), stored.filename), PREVIEW_LINES):
            mine.add(each, parent)
        found = mine.found()
    made = generate(concepts, lang=spec.lang, seed=spec.seed, wish=wish, found=found)
    # Evenly from all of them, not the first concept's.
    n = min(PREVIEW_ROWS, len(made.train))
    chosen = [made.train[place * len(made.train) // n] for place in range(n)]
    source = Source(spec.seed)
    return [row.as_conversation(source).as_row() for row in chosen]
