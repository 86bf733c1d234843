"""What a glossary holds, counted."""

from collections import Counter
from typing import Any

from corpus.glossary.terms import Concept


class GlossaryCounts:
    """Concepts, terms by language and status, subject fields."""

    def __init__(self) -> None:
        self._concepts = 0
        self._terms: dict[str, Counter[str]] = {}
        self._fields: Counter[str] = Counter()

    def add(self, concept: Concept) -> None:
        """Count one concept."""
        self._concepts += 1
        self._fields[concept.subject_field or ""] += 1
        for term in concept.terms:
            self._terms.setdefault(term.lang, Counter())[term.status.value] += 1

    def as_dict(self) -> dict[str, Any]:
        """The counts as they are stored."""
        return {
            "concepts": self._concepts,
            "terms": sum(counts.total() for counts in self._terms.values()),
            "languages": {lang: dict(counts) for lang, counts in sorted(self._terms.items())},
            "subject_fields": dict(self._fields.most_common(100)),
        }
