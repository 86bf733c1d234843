"""Does an answer use the right term? Two measures that are kept apart.

- right: an expected form (preferred or admitted) occurs in the answer as a whole term.
- forbidden: a form the house does not want occurs outside the expected forms; "net profit" inside the expected
  "net profit attributable to shareholders" does not count, since the longest form wins.
"""

from dataclasses import dataclass

from corpus.glossary.match import Matcher
from corpus.glossary.terms import Concept, Status, Term
from protocol.evaluation import TermPrompt


@dataclass(frozen=True)
class Judgement:
    """What an answer holds."""

    correct: bool
    forbidden: bool


def judge(prompt: TermPrompt, answer: str) -> Judgement:
    """Look for the prompt's own forms: longest match, whole words, case and width folded, regular inflection allowed."""
    hits = matcher_of(prompt).find(answer)
    return Judgement(
        correct=any(hit.status.is_allowed for hit in hits),
        forbidden=any(not hit.status.is_allowed for hit in hits),
    )


def matcher_of(prompt: TermPrompt) -> Matcher:
    """Finds the forms of one prompt: the first expected form leads, the others are admitted."""
    forms = dict.fromkeys(prompt.expected, Status.ADMITTED) | dict.fromkeys(
        prompt.forbidden, Status.FORBIDDEN
    )
    terms = [
        Term.model_validate({"lang": prompt.lang, "text": text, "status": status})
        for text, status in forms.items()
    ]
    return Matcher([Concept(uid=prompt.concept, terms=tuple(terms))])
