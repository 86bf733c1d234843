"""English articles before a term: a or an by how the next word is said, and terms that take none."""

import re
from collections.abc import Iterable

from corpus.glossary.inflect import ends_in_ing, head_of
from corpus.glossary.terms import Term, speaks

#: Said with a vowel first, though written with a consonant.
_SILENT = re.compile(r"(?:hour|honest|honou?r|heir)", re.IGNORECASE)
#: Said with a consonant first, though written with a vowel: Euro, unit, use, one.
_GLIDE = re.compile(
    r"(?:eu|ewe|ubi|uni(?!n|m|d)|u[st][aeiu](?!n)|usur|uran|urin|uto|ura|ural|uv|one\b|once\b|one-|U[A-Z.]|U\b)"
)
_LETTERS = re.compile(r"[A-Z0-9&/.+-]*[A-Z][A-Z0-9&/.+-]*s?")
#: Letters whose names begin with a vowel: an F, an LCR.
_VOWEL_NAMES = frozenset("AEFHILMNORSX")
_VOWELS = frozenset("aeiouAEIOU")
_VOWEL_NUMBERS = re.compile(r"(?:8|11(?!\d)|18(?!\d)|1[18]\d{3}(?!\d))")
#: Nouns in -ing that are counted, and so take an article: an offering, the rating.
_COUNTED_ING = frozenset(
    re.split(
        r"\s+",
        "building earning filing finding holding listing meeting offering opening proceeding ranking rating ruling saving setting "
        "warning undertaking borrowing booking posting ceiling hearing briefing bearing reading drawing dealing crossing landing "
        "wing ring thing string king",
    )
)
_UNCOUNTED = frozenset(
    re.split(
        r"\s+",
        "liquidity solvency insolvency inflation goodwill compliance governance arbitrage leverage diligence depreciation "
        "amortisation amortization bankruptcy fraud insurance cash",
    )
)
_OWNERS = frozenset({"your", "our", "my", "their", "its"})


def article_for(text: str) -> str:
    """ "a" or "an", as the text is said."""
    first = re.split(r"[\s-]", text.lstrip("\"'(“‘"), maxsplit=1)[0]
    if first[:1].isdigit():
        return "an" if _VOWEL_NUMBERS.match(first) else "a"
    if _LETTERS.fullmatch(first) and not _is_said_as_word(first):
        return "an" if first[0] in _VOWEL_NAMES else "a"
    if _SILENT.match(first):
        return "an"
    is_glide = _GLIDE.match(first if first.isupper() else first.lower()) is not None
    return "an" if first[:1] in _VOWELS and not is_glide else "a"


def takes_article(term: Term, others: Iterable[Term]) -> bool:
    """Whether a sentence says "the" before a noun term: not before names, most nouns in -ing, and phrases with an owner.

    `others` are all terms of its concept: a name is the same in other languages.
    """
    if term.do_not_translate or any(
        other.text == term.text and not speaks(other.lang, "en")
        for other in others
        if term.text != term.text.lower()
    ):
        return False
    if _OWNERS & set(term.text.lower().split()):
        return False
    head = head_of(term.text).lower()
    return head not in _UNCOUNTED and not (ends_in_ing(term.text) and head not in _COUNTED_ING)


def _is_said_as_word(letters: str) -> bool:
    """Whether capitals are read as a word, as NATO and LIBOR are: four letters and more, vowels and consonants in turn."""
    plain = letters.rstrip("s")
    return plain.isalpha() and len(plain) > 3 and re.search(r"[^AEIOU][AEIOU][^AEIOU]", plain) is not None
