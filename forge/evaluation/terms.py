"""Does an answer use the right term? Two measures that are kept apart.

- right: an expected form (preferred or admitted) occurs in the answer as a whole term.
- forbidden: a form the house does not want occurs outside the expected forms; "net profit" inside the expected
  "net profit attributable to shareholders" does not count, since the longest form wins.

Neither counts a short Chinese form that a word of the answer runs across (corpus.glossary.edges): it may be there by chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.glossary.edges import WordEdges, certain, may_be_uncertain
from corpus.glossary.match import Matcher
from corpus.glossary.terms import Concept, Status, Term
from protocol.evaluation import TermPrompt


@dataclass(frozen=True)
class Judgement:
    """What an answer holds."""

    correct: bool
    forbidden: bool


class Judge:
    """Judges answers to these prompts."""

    def __init__(self, prompts: Sequence[TermPrompt]) -> None:
        concepts = [concept_of(prompt) for prompt in prompts]
        # The words of a language are not read where no form needs them.
        is_needed = any(may_be_uncertain(term) for concept in concepts for term in concept.terms)
        self._edges = WordEdges(concepts) if is_needed else None

    def __call__(self, prompt: TermPrompt, answer: str) -> Judgement:
        """Look for the prompt's own forms: longest match, whole words, case and width folded, regular inflection allowed."""
        hits = Matcher([concept_of(prompt)]).find(answer)
        if self._edges is not None:
            hits = list(certain(self._edges.mark(answer, hits)))
        return Judgement(
            correct=any(hit.status.is_allowed for hit in hits),
            forbidden=any(not hit.status.is_allowed for hit in hits),
        )


def concept_of(prompt: TermPrompt) -> Concept:
    """The forms of one prompt: the first expected form leads, the others are admitted."""
    forms = dict.fromkeys(prompt.expected, Status.ADMITTED) | dict.fromkeys(
        prompt.forbidden, Status.FORBIDDEN
    )
    terms = [
        Term.model_validate({"lang": prompt.lang, "text": text, "status": status})
        for text, status in forms.items()
    ]
    return Concept(uid=prompt.concept, terms=tuple(terms))
