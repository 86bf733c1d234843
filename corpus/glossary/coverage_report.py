"""A counted coverage as the page and the clients read it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from corpus.glossary.coverage import CoverageCounter, Rows, Split
from corpus.glossary.coverage_rules import BARS, RULES, Kind
from corpus.glossary.terms import Concept, speaks


def summary_of(counter: CoverageCounter, concepts: list[Concept]) -> dict[str, Any]:
    """Totals, bars and curves: {"concepts", "splits": {name: {...}}, "all": {...}}."""
    splits = {name: _split_summary(split, concepts) for name, split in counter.splits.items()}
    whole = {
        concept.uid: sum(s.occurrences(concept.uid) for s in counter.splits.values()) for concept in concepts
    }
    return {
        "rules": RULES,
        "concepts": len(concepts),
        "splits": splits,
        "all": {
            "rows": sum(split.rows for split in counter.splits.values()),
            "bars": _bars(whole.values()),
            **{kind.value: sum(part[kind.value] for part in splits.values()) for kind in Kind},
        },
    }


def concept_lines(counter: CoverageCounter, concepts: list[Concept]) -> Iterator[dict[str, Any]]:
    """One concept a line: its names, its counts in each split, and the wrong terms with what to write instead."""
    wrong = _wrong_terms(counter)
    for concept in concepts:
        splits = {name: _counts(split, concept.uid) for name, split in counter.splits.items()}
        yield {
            "concept": concept.uid,
            "subject_field": concept.subject_field,
            "terms": [
                {"lang": term.lang, "text": term.text, "status": term.status} for term in concept.terms
            ],
            "occurrences": sum(counts["occurrences"] for counts in splits.values()),
            "splits": splits,
            "wrong_terms": [
                {"lang": lang, "text": text, "count": count, "instead": _instead(concept, lang)}
                for (lang, text), count in wrong[concept.uid].most_common()
            ],
        }


def index_lines(counter: CoverageCounter, concepts: list[Concept]) -> Iterator[dict[str, Any]]:
    """The rows behind each number: {"concept", "split", "kind", "rows", "places": [[number, byte offset], ...]}."""
    for concept in concepts:
        for name, split in counter.splits.items():
            for kind in Kind:
                found = split.found.get((concept.uid, kind))
                if found is not None:
                    yield {
                        "concept": concept.uid,
                        "split": name,
                        "kind": kind.value,
                        "rows": found.rows,
                        "places": list(zip(found.places[::2], found.places[1::2], strict=True)),
                    }


def _split_summary(split: Split, concepts: list[Concept]) -> dict[str, Any]:
    occurrences = [split.occurrences(concept.uid) for concept in concepts]
    kinds = {
        kind.value: sum(found.rows for (_, of), found in split.found.items() if of is kind) for kind in Kind
    }
    return {
        "rows": split.rows,
        "occurrences": sum(occurrences),
        "bars": _bars(occurrences),
        "curve": split.curve(),
        **kinds,
    }


def _bars(occurrences: Iterable[int]) -> dict[str, int]:
    """Concepts by how often they occur, under the least number of each bar."""
    bars = {str(least): 0 for least in BARS}
    for count in occurrences:
        bars[str(max(least for least in BARS if count >= least))] += 1
    return bars


def _counts(split: Split, concept: str) -> dict[str, int]:
    empty = Rows()
    rows = {kind.value: split.found.get((concept, kind), empty).rows for kind in Kind}
    return {"occurrences": split.occurrences(concept), **rows}


def _wrong_terms(counter: CoverageCounter) -> dict[str, Counter[tuple[str, str]]]:
    wrong: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for split in counter.splits.values():
        for (concept, lang, text), count in split.wrong_terms.items():
            wrong[concept][lang, text] += count
    return wrong


def _instead(concept: Concept, lang: str) -> str | None:
    """The lead term in the language of the wrong one, else in the language without its region."""
    term = concept.lead_term(lang) or concept.lead_term(lang.split("-")[0])
    return term.text if term is not None and speaks(term.lang, lang.split("-")[0]) else None
