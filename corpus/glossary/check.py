"""The checker of rows: whether the term of a row is used rightly in its answer, and nothing else is harmed.

It reads a finished row and knows nothing of how it was made, so it also judges rows that others wrote.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from enum import StrEnum

from corpus.glossary.fold import is_unspaced
from corpus.glossary.match import Hit, Matcher
from corpus.glossary.phrasings import Generator
from corpus.glossary.taught import wrong_hits
from corpus.glossary.terms import Concept, speaks
from corpus.records import Conversation
from protocol.chat import Role


class Fault(StrEnum):
    """Why a row must not be learnt from."""

    EMPTY = "empty"
    CONCEPT_UNKNOWN = "concept_unknown"
    WRONG_LANGUAGE = "wrong_language"
    TERM_MISSING = "term_missing"
    FORBIDDEN_FORM = "forbidden_form"
    OTHER_CONCEPT = "other_concept"
    NUMBER_CHANGED = "number_changed"
    PLACEHOLDER_CHANGED = "placeholder_changed"
    SENTENCE_CHANGED = "sentence_changed"
    HELD_OUT = "held_out"
    #: Of a preference pair: the answer that is not preferred uses no form that the glossary rejects.
    NOT_WORSE = "not_worse"


#: Answers that repeat a sentence of the prompt, at most with other terms.
_COPIES = frozenset((Generator.CORRECT_SENTENCE.value, Generator.KEEP_SENTENCE.value))
#: Languages whose script tells them from others, and what a letter of it is.
_SCRIPTS: dict[str, Callable[[str], bool]] = {"en": lambda char: not is_unspaced(char), "zh": is_unspaced}
#: A character of a script without spaces counts as a word.
_WORDS = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|[^\W\d_\u2e80-\u9fff\uf900-\ufaff]+")
_NUMBERS = re.compile(r"\d+(?:[.,:/]\d+)*%?|[零一二三四五六七八九十百千万亿]+(?=[年月日个%％元])")
_PLACEHOLDERS = re.compile(
    r"\{\{.*?\}\}|\$?\{[^{}]*\}|%\(\w+\)[sd]|%[sd]|<[^<>\s][^<>]*>|https?://\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
)
#: Within these a text names a form without using it.
_QUOTED = re.compile(r"“[^”]*”|‘[^’]*’|「[^」]*」|『[^』]*』|«[^»]*»|\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)")
_ARTICLE = re.compile(r"\ban? (?=\0)", re.IGNORECASE)


class Checker:
    """Judges rows against a glossary; `lang` is the language of the rows, `held_out` are concepts none may name."""

    def __init__(self, concepts: Sequence[Concept], lang: str, held_out: Set[str] = frozenset()) -> None:
        self._concepts = concepts
        self._uids = {concept.uid for concept in concepts}
        self._lang = lang
        self._held_out = held_out
        self._matchers: dict[str, Matcher] = {}

    def fault_of(self, row: Conversation) -> Fault | None:
        """What is wrong with a row that carries its provenance, or nothing."""
        said = row.extra.get("provenance", row.extra)
        prompt = "\n".join(m.content for m in row.messages if m.role is Role.USER and m.content)
        answer = "\n".join(m.content for m in row.messages if m.role is Role.ASSISTANT and m.content)
        lang = str(said.get("lang", self._lang))
        return self.fault(str(said.get("concept")), str(said.get("generator")), prompt, answer, lang)

    def fault(self, uid: str, generator: str, prompt: str, answer: str, lang: str = "") -> Fault | None:
        """What is wrong with an answer about a concept, or nothing. `lang` is the answer's, if not that of the rows."""
        lang = lang or self._lang
        if not answer.strip():
            return Fault.EMPTY
        if uid not in self._uids:
            return Fault.CONCEPT_UNKNOWN
        hits = self._matcher(lang).find(answer)
        return (
            self._held_out_fault(hits, prompt)
            or self._form_fault(uid, answer, hits)
            or self._term_fault(uid, answer, hits, lang)
            or (self._copy_fault(uid, generator, prompt, answer, hits) if generator in _COPIES else None)
        )

    def fault_of_pair(self, uid: str, preferred: str, other: str) -> Fault | None:
        """What is wrong with two answers of which one is preferred, beyond what `fault` says of that one."""
        hits = self._matcher(self._lang).find(other)
        if not any(hit.concept == uid for hit in wrong_hits(hits)):
            return Fault.NOT_WORSE
        right = self._matcher(self._lang).find(preferred)
        return None if _bones(preferred, right, uid) == _bones(other, hits, uid) else Fault.SENTENCE_CHANGED

    def _matcher(self, lang: str) -> Matcher:
        if lang not in self._matchers:
            self._matchers[lang] = Matcher(self._concepts, lang)
        return self._matchers[lang]

    def _held_out_fault(self, hits: Iterable[Hit], prompt: str) -> Fault | None:
        if not self._held_out:
            return None
        seen = (*hits, *self._matcher(self._lang).find(prompt))
        return Fault.HELD_OUT if any(hit.concept in self._held_out for hit in seen) else None

    def _form_fault(self, uid: str, answer: str, hits: list[Hit]) -> Fault | None:
        quoted = [match.span() for match in _QUOTED.finditer(answer)]
        used = [hit for hit in wrong_hits(hits) if not any(a < hit.start and hit.end < b for a, b in quoted)]
        if any(hit.concept == uid for hit in used):
            return Fault.FORBIDDEN_FORM
        return Fault.OTHER_CONCEPT if used else None

    def _term_fault(self, uid: str, answer: str, hits: list[Hit], lang: str) -> Fault | None:
        own = [hit for hit in hits if hit.concept == uid and hit.status.is_allowed]
        if _is_in(answer, hits, lang) is False:
            return Fault.WRONG_LANGUAGE
        return None if any(speaks(hit.term.lang, lang) for hit in own) else Fault.TERM_MISSING

    def _copy_fault(
        self, uid: str, generator: str, prompt: str, answer: str, hits: list[Hit]
    ) -> Fault | None:
        asked = self._matcher(self._lang).find(prompt)
        before, after = _bones(prompt, asked, uid), _bones(answer, hits, uid)
        if Counter(_NUMBERS.findall(before)) != Counter(_NUMBERS.findall(after)):
            return Fault.NUMBER_CHANGED
        if Counter(_PLACEHOLDERS.findall(before)) != Counter(_PLACEHOLDERS.findall(after)):
            return Fault.PLACEHOLDER_CHANGED
        is_copy = answer.casefold() in prompt.casefold()
        if is_copy != (generator == Generator.KEEP_SENTENCE.value) or after not in before:
            return Fault.SENTENCE_CHANGED
        return None


def _is_in(answer: str, hits: Iterable[Hit], lang: str) -> bool | None:
    """Whether an answer is in a language, by the words outside its terms; nothing where none are left or no one can tell."""
    is_own = _SCRIPTS.get(lang.split("-", 1)[0])
    if is_own is None:
        return None
    bare = list(answer)
    for hit in hits:
        bare[hit.start : hit.end] = " " * (hit.end - hit.start)
    words = _WORDS.findall("".join(bare))
    if not words:
        return None
    return sum(is_own(word[0]) for word in words) * 2 > len(words)


def _bones(text: str, hits: Iterable[Hit], uid: str) -> str:
    """The text with each term of a concept, and the article before it, taken out: what a correction leaves as it is."""
    for hit in sorted((hit for hit in hits if hit.concept == uid), key=lambda hit: -hit.start):
        if text[hit.start] != "\0":
            text = text[: hit.start] + "\0" + text[hit.end :]
    return _ARTICLE.sub("", text).casefold()
