"""What the jobs that make rows of a glossary begin with: its concepts, and sentences of real text."""

from pathlib import Path

from pydantic import ValidationError

from corpus.formats.text import read_lines
from corpus.glossary.generate import Material
from corpus.glossary.mining import Mine, read_texts
from corpus.glossary.phrasings import PHRASINGS
from corpus.glossary.terms import Concept
from corpus.progress import Progress
from corpus.source import verified
from protocol.errors import SpecInvalid
from protocol.process import Report, StopFlag
from protocol.specs.files import FileRef


def check_lang(lang: str) -> None:
    """Raise SpecInvalid for a language that no phrasings are written in."""
    if lang not in PHRASINGS:
        raise SpecInvalid(reason=f"there are no phrasings for {lang!r}, only for {', '.join(PHRASINGS)}")


def read_concepts(path: Path) -> list[Concept]:
    """The concepts of a concepts.jsonl. Raises SpecInvalid where a line is none."""
    concepts = []
    for line in read_lines(path):
        try:
            concepts.append(Concept.model_validate_json(line.text))
        except ValidationError as error:
            reason = f"line {line.number} of the concepts is not a concept: {error.errors()[0]['msg']}"
            raise SpecInvalid(reason=reason) from error
    return concepts


def mined_from(
    ref: FileRef | None, given: Material, seed: int, report: Report, stop: StopFlag
) -> Mine | None:
    """What the text has of the glossary's terms; nothing where there is no text."""
    if ref is None:
        return None
    path = verified(ref)
    reading = Progress(report, stop, stage="mine", total=path.stat().st_size, unit="bytes")
    mine = Mine(given.taught, given.glossary, seed, given.held_out)
    for text, parent in read_texts(path, ref.filename, reading):
        mine.add(text, parent)
    reading.finish()
    return mine
