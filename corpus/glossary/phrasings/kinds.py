"""What a phrasing is: the generators, the splits, and the pools of a language.

Slots: {meaning} definition within a sentence, {definition} the same with a capital, {bad} a form that is not
allowed, {sentence} a sentence, {a} and {b} two forms, {foreign} the term in another language, {term} the term,
{language} the name of another language, {short} and {full} an abbreviation and what it stands for, {options}
several terms.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Generator(StrEnum):
    """The kinds of rows that are made from a concept."""

    DEFINITION_TO_TERM = "definition_to_term"
    FORM_TO_TERM = "form_to_term"
    CORRECT_SENTENCE = "correct_sentence"
    KEEP_SENTENCE = "keep_sentence"
    CHOOSE_FORM = "choose_form"
    TRANSLATE_TERM = "translate_term"
    EXPLAIN_TERM = "explain_term"
    USE_TERM = "use_term"
    TRANSLATE_OUT = "translate_out"
    DO_NOT_TRANSLATE = "do_not_translate"
    EXPAND = "expand"
    ABBREVIATE = "abbreviate"
    CHOOSE_BY_MEANING = "choose_by_meaning"


#: The generators that are on where nobody chooses: those whose effect was measured (docs/log.md).
USUAL = (
    Generator.DEFINITION_TO_TERM,
    Generator.FORM_TO_TERM,
    Generator.CORRECT_SENTENCE,
    Generator.KEEP_SENTENCE,
    Generator.CHOOSE_FORM,
    Generator.TRANSLATE_TERM,
    Generator.EXPLAIN_TERM,
)


class Split(StrEnum):
    """Who sees a phrasing."""

    TRAIN = "train"
    VALIDATION = "validation"
    EVALUATION = "evaluation"


@dataclass(frozen=True)
class Pool:
    """The phrasings of one generator; `evaluation` is empty where nothing is evaluated."""

    train: tuple[str, ...]
    validation: tuple[str, ...]
    evaluation: tuple[str, ...] = ()

    def of(self, split: Split) -> tuple[str, ...]:
        """The phrasings of a split."""
        return {
            Split.TRAIN: self.train,
            Split.VALIDATION: self.validation,
            Split.EVALUATION: self.evaluation,
        }[split]


@dataclass(frozen=True)
class Phrasings:
    """All phrasings of one language."""

    pools: Mapping[Generator, Pool]
    #: Part of speech -> sentences with the slot {term}; "other" serves every part of speech not named.
    frames: Mapping[str, Pool]
    #: The answer that explains a term; it must name the term.
    explanation: str
    #: What ends a definition, and is taken away within a sentence.
    full_stop: str
    #: Language -> what it is called here; terms of other languages are not asked for.
    languages: Mapping[str, str]
    #: What stands between options.
    comma: str = ", "
