"""Simple English inflection: the plural of a noun or noun phrase. Other languages stay as they are."""

import re

from corpus.glossary.terms import MatchPolicy, Term, speaks

_ES = ("s", "x", "z", "ch", "sh")
#: The head of a phrase stands before one of these: costs of sales, tax deducted at source.
_HEAD_ENDS = re.compile(r"(?P<head>\S+)(?P<rest>\s+(?:of|in|at|to|on|for|by|from|with)\s+.+)")
#: Words that are plural already or have none.
_NO_PLURAL = re.compile(r".*[^s]s|.*(?:data|equipment|income)", re.IGNORECASE)


def plural(phrase: str) -> str | None:
    """The plural of a phrase, its head inflected; nothing where it has none or is plural already."""
    before, _, rest = phrase.partition(" ")
    match = _HEAD_ENDS.search(phrase)
    if match is not None:
        head = _plural_word(match["head"])
        return phrase[: match.start()] + head + match["rest"] if head else None
    words = phrase.rsplit(" ", 1) if rest else [before]
    last = _plural_word(words[-1])
    return " ".join([*words[:-1], last]) if last else None


def forms(term: Term) -> tuple[str, ...]:
    """The term's text and, where its policy and language allow, its plural."""
    if term.match is MatchPolicy.EXACT or not speaks(term.lang, "en"):
        return (term.text,)
    other = plural(term.text)
    return (term.text, other) if other else (term.text,)


def _plural_word(word: str) -> str | None:
    if not word[-1:].isalpha() or not word.isascii():
        return None
    if word.isupper() and len(word) > 1:
        return word + "s"
    if _NO_PLURAL.fullmatch(word):
        return None
    lower = word.lower()
    if lower.endswith("y") and lower[-2:-1] not in tuple("aeiou"):
        return word[:-1] + "ies"
    if lower.endswith(_ES):
        return word + "es"
    return word + "s"
