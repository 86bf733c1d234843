"""A glossary as JSON: everything a concept says, in one object."""

import json
from collections.abc import Iterable, Iterator

from corpus.glossary.terms import Concept

FORMAT = "deepseek-studio-glossary"


def to_json(concepts: Iterable[Concept]) -> Iterator[str]:
    """{"format", "version", "concepts": [...]}, one concept a line."""
    yield f'{{"format": "{FORMAT}", "version": 1, "concepts": ['
    separator = "\n"
    for concept in concepts:
        data = concept.model_dump(
            mode="json",
            exclude={"content_hash": True, "terms": {"__all__": {"norm_key"}}},
            exclude_defaults=False,
        )
        yield separator + json.dumps(data, ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n"
