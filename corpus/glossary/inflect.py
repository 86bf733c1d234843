"""English inflection: the forms of a term that are still the term. Other languages stay as they are.

A noun or noun phrase, which a term is unless its part of speech says verb, has a plural: regular, or one of the
irregular ones below. A verb has the forms that simplemma (MIT) knows for its lemma, and the regular ones. Two words
may be written as one (cash flow, cashflow); hyphens and spaces are alike already by folding.
"""

import re
from collections import defaultdict
from functools import cache

from corpus.glossary.terms import MatchPolicy, Term, speaks

_ES = ("s", "x", "z", "ch", "sh")
#: The head of a phrase stands before one of these: costs of sales, tax deducted at source.
_HEAD_ENDS = re.compile(r"(?P<head>\S+)(?P<rest>\s+(?:of|in|at|to|on|for|by|from|with)\s+.+)")
#: Words that are plural already or have none.
_NO_PLURAL = re.compile(r".*[^s]s|.*(?:data|equipment|income)", re.IGNORECASE)
#: Two words of letters, neither so short that joining them makes another word (in come, set up).
_TWO_WORDS = re.compile(r"([A-Za-z]{3,})[ -]([A-Za-z]{3,})")
_VOWELS = frozenset("aeiou")
_IRREGULAR_PLURALS = {
    "addendum": ("addenda",), "alga": ("algae",), "alumnus": ("alumni",), "analysis": ("analyses",),
    "antenna": ("antennae",), "apex": ("apices",), "appendix": ("appendices",), "axis": ("axes",),
    "bacterium": ("bacteria",), "basis": ("bases",), "calf": ("calves",), "child": ("children",),
    "codex": ("codices",), "corpus": ("corpora",), "crisis": ("crises",), "criterion": ("criteria",),
    "curriculum": ("curricula",), "datum": ("data",), "diagnosis": ("diagnoses",), "emphasis": ("emphases",),
    "erratum": ("errata",), "foot": ("feet",), "formula": ("formulae",), "fungus": ("fungi",), "goose": ("geese",),
    "half": ("halves",), "hypothesis": ("hypotheses",), "index": ("indices",), "knife": ("knives",),
    "leaf": ("leaves",), "life": ("lives",), "loaf": ("loaves",), "locus": ("loci",), "man": ("men",),
    "matrix": ("matrices",), "maximum": ("maxima",), "medium": ("media",), "memorandum": ("memoranda",),
    "metastasis": ("metastases",), "minimum": ("minima",), "mouse": ("mice",), "neurosis": ("neuroses",),
    "nucleus": ("nuclei",), "oasis": ("oases",), "optimum": ("optima",), "ovum": ("ova",), "ox": ("oxen",),
    "parenthesis": ("parentheses",), "person": ("people",), "phenomenon": ("phenomena",), "prognosis": ("prognoses",),
    "prosthesis": ("prostheses",), "quantum": ("quanta",), "radius": ("radii",), "schema": ("schemata",),
    "self": ("selves",), "sepsis": ("sepses",), "shelf": ("shelves",), "spectrum": ("spectra",),
    "stenosis": ("stenoses",), "stimulus": ("stimuli",), "stratum": ("strata",), "syllabus": ("syllabi",),
    "symposium": ("symposia",), "synopsis": ("synopses",), "synthesis": ("syntheses",), "thesis": ("theses",),
    "thief": ("thieves",), "thrombosis": ("thromboses",), "tooth": ("teeth",), "vertebra": ("vertebrae",),
    "vertex": ("vertices",), "virus": ("viruses",), "vortex": ("vortices",), "wife": ("wives",), "wolf": ("wolves",),
    "woman": ("women",), "workman": ("workmen",), "businessman": ("businessmen",), "chairman": ("chairmen",),
}  # fmt: skip


def plural(phrase: str) -> str | None:
    """The regular plural of a phrase, its head inflected; nothing where it has none or is plural already."""
    before, head, rest = _split_at_head(phrase)
    word = _plural_word(head)
    return before + word + rest if word else None


def forms(term: Term) -> tuple[str, ...]:
    """The term's text first, then the other forms that its policy, language and part of speech allow."""
    if term.match is MatchPolicy.EXACT or not speaks(term.lang, "en"):
        return (term.text,)
    texts = [term.text, *_inflected(term)]
    # A verb is not joined: write off, but a writeoff.
    if not _is_verb(term):
        texts += filter(None, map(_closed, texts))
    return tuple(dict.fromkeys(texts))


def _is_verb(term: Term) -> bool:
    return (term.part_of_speech or "").casefold() == "verb"


def _inflected(term: Term) -> list[str]:
    if _is_verb(term):
        head, space, rest = term.text.partition(" ")
        return [form + space + rest for form in _verb_forms(head)]
    before, head, rest = _split_at_head(term.text)
    plurals = [*_irregular_plurals(head), *filter(None, [_plural_word(head)])]
    return [before + word + rest for word in plurals]


def _split_at_head(phrase: str) -> tuple[str, str, str]:
    """What stands before the head noun, the head, and what stands behind it."""
    match = _HEAD_ENDS.search(phrase)
    if match is not None:
        return phrase[: match.start()], match["head"], match["rest"]
    before, space, head = phrase.rpartition(" ")
    return before + space, head, ""


def _closed(text: str) -> str | None:
    match = _TWO_WORDS.fullmatch(text)
    return match[1] + match[2] if match else None


def _irregular_plurals(word: str) -> tuple[str, ...]:
    plurals = _IRREGULAR_PLURALS.get(word.lower(), ())
    return tuple(text.capitalize() if word[:1].isupper() else text for text in plurals)


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


def _verb_forms(word: str) -> list[str]:
    """The forms of a verb besides the one given: the known ones, and the regular ones where none is known."""
    if not (word.isascii() and word.isalpha() and word.islower()):
        return []
    known = [form for form in _forms_by_lemma().get(word, ()) if form.isalpha() and form.islower()]
    regular = [_third_person(word)]
    if not any(form.endswith("ing") for form in known):
        regular.append(_with_ing(word))
    if not set(known) - {word, *regular}:
        regular.append(_with_ed(word))
    return sorted({*known, *regular} - {word})


def _third_person(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return word[:-1] + "ies"
    return word + ("es" if word.endswith((*_ES, "o")) else "s")


def _with_ing(word: str) -> str:
    if word.endswith("e") and not word.endswith(("ee", "oe", "ye")):
        return word[:-1] + "ing"
    return word + (word[-1] if _doubles(word) else "") + "ing"


def _with_ed(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return word[:-1] + "ied"
    return word + "d" if word.endswith("e") else word + (word[-1] if _doubles(word) else "") + "ed"


def _doubles(word: str) -> bool:
    """One short syllable: net, netting."""
    return re.fullmatch(r"[^aeiou]+[aeiou][^aeiouwxy]", word) is not None


@cache
def _forms_by_lemma() -> dict[str, list[str]]:
    """Lemma -> its forms, from simplemma's English dictionary; loaded when the first verb asks for it."""
    from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory

    forms_of: dict[str, list[str]] = defaultdict(list)
    for form, lemma in DefaultDictionaryFactory().get_dictionary("en").items():
        forms_of[lemma].append(form)
    return dict(forms_of)
