"""What a glossary gives: rows, held-out prompts, and how much of it there is for each concept."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from corpus.glossary.phrasings import Generator, Split
from corpus.records import Conversation
from protocol.chat import Message, Role
from protocol.evaluation import TermPrompt


@dataclass(frozen=True)
class Source:
    """Where rows come from: what every one of them says beside its concept and its generator."""

    seed: int
    #: The glossary version as clients call it, or the sha256 of its concepts.
    glossary_version: str = ""


@dataclass(frozen=True)
class Row:
    """One question and its answer, and where they come from."""

    concept: str
    generator: Generator
    template: str
    split: Split
    prompt: str
    answer: str
    #: Language of the answer.
    lang: str
    #: sha256 of the row or line of real text that a mined sentence was taken from.
    parent: str | None = None

    def as_conversation(self, source: Source) -> Conversation:
        """The row as it is trained on."""
        return Conversation(
            messages=(
                Message(role=Role.USER, content=self.prompt),
                Message(role=Role.ASSISTANT, content=self.answer),
            ),
            extra={
                "concept": self.concept,
                "generator": self.generator.value,
                "template": self.template,
                "split": self.split.value,
                "provenance": self.provenance(source),
            },
        )

    def provenance(self, source: Source) -> dict[str, Any]:
        """What the row can be traced by."""
        found: dict[str, Any] = {
            "generator": self.generator.value,
            "concept": self.concept,
            "lang": self.lang,
            "glossary_version": source.glossary_version,
            "seed": source.seed,
        }
        return found | ({"parent": self.parent} if self.parent else {})


@dataclass
class Generated:
    """What a glossary gave."""

    train: list[Row] = field(default_factory=list)
    validation: list[Row] = field(default_factory=list)
    prompts: list[TermPrompt] = field(default_factory=list)
    #: "generator: why" a row was not made -> how often.
    refused: Counter[str] = field(default_factory=Counter)
    #: Concepts without a term to teach in the language.
    skipped: list[str] = field(default_factory=list)
    #: Concepts that no training row was made of, so that an evaluation can tell what was learnt from what was known.
    held_out: list[str] = field(default_factory=list)
    #: Concepts that had fewer contexts to give than were asked for.
    short: list[str] = field(default_factory=list)


def contexts_of(rows: Iterable[Row]) -> Counter[str]:
    """Concept -> distinct rows in which one of its allowed terms stands in a checked answer."""
    return Counter(concept for concept, _, _ in {(row.concept, row.prompt, row.answer) for row in rows})
