"""English inflection: the forms of a term that are still the term. Other languages stay as they are.

A noun or noun phrase, which a term is unless its part of speech says verb, has a plural: regular, or one of the
irregular ones below. A verb has the forms that simplemma (MIT) knows for its lemma, and the regular ones. Two words
may be written as one (cash flow, cashflow); hyphens and spaces are alike already by folding.
"""

import re
from collections import defaultdict
from functools import cache

from corpus.glossary.fold import is_unspaced, norm_key
from corpus.glossary.terms import MatchPolicy, Term, speaks

_ES = ("s", "x", "z", "ch", "sh")
#: The head of a phrase stands before one of these: costs of sales, earnings per share.
_HEAD_ENDS = re.compile(
    r"(?P<head>\S+)(?P<rest>\s+(?:of|in|at|to|on|for|by|from|with|per|under|over|against|between|before|after|without|within|through|as)"
    r"\s+.+)"
)
#: What is said behind a noun: accounts payable, tax deducted at source.
_BEHIND_NOUN = re.compile(r"(?:payable|receivable|general|due|outstanding|\w+[^e\W]ed)", re.IGNORECASE)
#: Words in -s that are singular: bonus, prospectus, bias.
_SINGULAR_S = re.compile(r".*(?:[^o]us|bias|gas|lens|alias|canvas|atlas)", re.IGNORECASE)
#: Words that are plural already or have none.
_NO_PLURAL = re.compile(
    r".*[^s]s|.*(?:data|equipment|income|information|advice|software|hardware|research|evidence|liquidity|solvency|goodwill"
    r"|cash|knowledge|know-how|compliance|governance|diligence|laundering|personnel)|(?:\S+ )*(?:sheep|fish|\S*craft)",
    re.IGNORECASE,
)
#: Irregular plurals of which writers prefer the regular one.
_USUALLY_REGULAR = frozenset({"formula", "schema", "antenna", "memorandum", "symposium", "syllabus"})
#: What a verb may have behind a hyphen: write-off is inflected before it, re-price behind it.
_PARTICLES = frozenset({"off", "up", "down", "out", "in", "on", "over", "back", "through"})
#: Two words of letters, neither so short that joining them makes another word (in come, set up).
_TWO_WORDS = re.compile(r"([A-Za-z]{3,})[ -]([A-Za-z]{3,})")
_LATIN, _HAN = "[A-Za-z0-9\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]", "[\u3040-\u30ff\u3400-\u9fff]"
#: Between Latin and Han: nothing, a space.
_HAN_LATIN = re.compile(f"(?<={_LATIN})(?={_HAN})|(?<={_HAN})(?={_LATIN})")
_HAN_SPACE_LATIN = re.compile(f"(?<={_LATIN}) (?={_HAN})|(?<={_HAN}) (?={_LATIN})")
#: R&D, R & D.
_AND = re.compile(r" ?& ?")
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
#: Pasts that the dictionary lacks.
_IRREGULAR_PASTS = {"wind": ("wound",), "unwind": ("unwound",), "overwrite": ("overwrote", "overwritten")}
#: What files call a part of speech -> what it is called here.
_KINDS = {
    **dict.fromkeys(("n", "noun phrase", "np", "common noun", "proper noun", "名词", "名"), "noun"),
    **dict.fromkeys(("v", "verb phrase", "vp", "动词", "动", "transitive verb", "intransitive verb"), "verb"),
    **dict.fromkeys(("adj", "a", "形容词", "形"), "adjective"),
    **dict.fromkeys(("adv", "副词", "副"), "adverb"),
}


def kind_of_word(part_of_speech: str | None) -> str:
    """A part of speech by one name, however the file writes it: Noun, n., 名词; a noun where nothing is said."""
    said = (part_of_speech or "noun").strip().rstrip(".").casefold()
    return _KINDS.get(said, said)


def plural(phrase: str) -> str | None:
    """The regular plural of a phrase, its head inflected; nothing where it has none or is plural already."""
    before, head, rest = _split_at_head(phrase)
    irregular = () if head.lower() in _USUALLY_REGULAR else _irregular_plurals(head)
    word = next(iter(irregular), None) or _plural_word(head)
    return before + word + rest if word else None


def is_plural_of(found: str, term: Term) -> bool:
    """Whether a text that is a form of a noun term is a plural of it."""
    plurals = [] if _is_verb(term) else _inflected(term)
    keys = {norm_key(text) for text in (*plurals, *filter(None, map(_closed, plurals)))}
    return norm_key(found) in keys


def is_plural(phrase: str) -> bool:
    """Whether the head of a phrase is plural by its ending: accounts payable, sales."""
    head = _split_at_head(phrase)[1].lower()
    return (
        head.endswith("s")
        and not head.endswith("ss")
        and not _SINGULAR_S.fullmatch(head)
        and not head.endswith("sis")
    )


def verb_like(found: str, term: Term, new: str) -> str | None:
    """Another verb in the form in which a verb term was found; nothing where nobody can tell which form that is."""
    if norm_key(found) == norm_key(term.text):
        return new
    head, space, rest = new.partition(" ")
    said = found.split(" ", 1)[0].split("-")[0].lower()
    if not (head.isascii() and head.isalpha() and head.islower()):
        return None
    if said.endswith("ing"):
        made = _with_ing(head)
    elif said == _third_person(term.text.split(" ", 1)[0].lower()):
        made = _third_person(head)
    elif said.endswith("ed"):
        # Past and participle are told apart by no ending; only regular verbs have one form for both.
        made = _with_ed(head)
    else:
        return None
    return made + space + rest if made in _verb_forms(head) else None


def ends_in_ing(phrase: str) -> bool:
    """Whether the head of a phrase is a verb's noun in -ing."""
    return _split_at_head(phrase)[1].lower().endswith("ing")


def head_of(phrase: str) -> str:
    """The noun that a phrase is about."""
    return _split_at_head(phrase)[1]


def forms(term: Term) -> tuple[str, ...]:
    """The term's text first, then the other forms that its policy, language and part of speech allow."""
    if term.match is MatchPolicy.EXACT:
        return (term.text,)
    if not speaks(term.lang, "en"):
        return _spacings(term.text)
    texts = [term.text, *_inflected(term)]
    # A verb is not joined: write off, but a writeoff.
    if not _is_verb(term):
        texts += filter(None, map(_closed, texts))
    if "&" in term.text:
        texts += [spaced for text in texts for spaced in (_AND.sub("&", text), _AND.sub(" & ", text))]
    return tuple(dict.fromkeys(texts))


def _is_verb(term: Term) -> bool:
    return kind_of_word(term.part_of_speech) == "verb"


def _spacings(text: str) -> tuple[str, ...]:
    """The text, and with and without the space that some put between Han and Latin: 5G 网络, 5G网络."""
    if text.isascii() or not (_HAN_LATIN.search(text) or _HAN_SPACE_LATIN.search(text)):
        return (text,)
    without = _HAN_SPACE_LATIN.sub("", text)
    return tuple(dict.fromkeys((text, without, _HAN_LATIN.sub(" ", without))))


def _inflected(term: Term) -> list[str]:
    if _is_verb(term):
        before, head, rest = _split_at_verb(term.text)
        made = _verb_forms(head.lower())
        return [before + (form.capitalize() if head[:1].isupper() else form) + rest for form in made]
    before, head, rest = _split_at_head(term.text)
    plurals = [*_irregular_plurals(head), *filter(None, [_plural_word(head)])]
    return [before + word + rest for word in plurals]


def _split_at_head(phrase: str) -> tuple[str, str, str]:
    """What stands before the head noun, the head, and what stands behind it."""
    match = _HEAD_ENDS.search(phrase)
    before, rest = (phrase[: match.start("rest")], match["rest"]) if match is not None else (phrase, "")
    before, space, head = before.rpartition(" ")
    if before and _BEHIND_NOUN.fullmatch(head):
        rest = space + head + rest
        before, space, head = before.rpartition(" ")
    return before + space, head, rest


def _split_at_verb(phrase: str) -> tuple[str, str, str]:
    """What stands before the part of a verb that is inflected, that part, and what stands behind it."""
    word, space, rest = phrase.partition(" ")
    first, hyphen, last = word.rpartition("-")
    if not hyphen:
        return "", word, space + rest
    if last.lower() in _PARTICLES:
        return "", first, hyphen + last + space + rest
    return first + hyphen, last, space + rest


def _closed(text: str) -> str | None:
    match = _TWO_WORDS.fullmatch(text)
    return match[1] + match[2] if match else None


def _irregular_plurals(word: str) -> tuple[str, ...]:
    plurals = _IRREGULAR_PLURALS.get(word.lower(), ())
    if not plurals and len(word) > 4 and word.lower().endswith("sis"):
        plurals = (word[:-2].lower() + "es",)
    return tuple(text.capitalize() if word[:1].isupper() else text for text in plurals)


def _plural_word(word: str) -> str | None:
    if not word[-1:].isalpha() or any(map(is_unspaced, word)):
        return None
    if word.isupper() and len(word) > 1:
        return word + "s"
    if _SINGULAR_S.fullmatch(word):
        return word + "es"
    if _NO_PLURAL.fullmatch(word):
        return None
    lower = word.lower()
    if lower.endswith("y") and lower[-2:-1] not in tuple("aeiou"):
        return word[:-1] + "ies"
    if lower.endswith(_ES) or lower in ("hero", "veto", "embargo", "potato", "tomato", "echo", "cargo"):
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
    if re.fullmatch(r".*[aeiou][^aeiou]+[aeiou]l", word):
        # British spelling doubles the last letter, American does not.
        regular += [word + "led", word + "ling"]
    regular += _IRREGULAR_PASTS.get(word, ())
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
