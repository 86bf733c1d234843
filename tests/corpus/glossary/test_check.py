"""The checker refuses what is wrong, each for its own reason, and nothing that is right."""

import pytest

from corpus.glossary.check import Checker, Fault
from corpus.glossary.phrasings import Generator
from corpus.glossary.terms import Concept
from corpus.records import Conversation
from protocol.chat import Message, Role


def concept(uid: str, *terms: tuple[str, str, str]) -> Concept:
    """Of (language, status, text)."""
    made = [{"lang": lang, "status": status, "text": text} for lang, status, text in terms]
    return Concept.model_validate({"uid": uid, "terms": made})


CONCEPTS = [
    concept(
        "turnover",
        ("en", "preferred", "net turnover"),
        ("en", "admitted", "turnover"),
        ("en", "forbidden", "top line"),
        ("en", "deprecated", "sales"),
        ("zh-Hans", "preferred", "营业收入"),
        ("zh-Hans", "forbidden", "销售额"),
    ),
    concept("lessee", ("en", "preferred", "lessee"), ("en", "forbidden", "tenant")),
    concept("secret", ("en", "preferred", "quiet period")),
]
CORRECT, KEEP, DEFINITION = (
    Generator.CORRECT_SENTENCE,
    Generator.KEEP_SENTENCE,
    Generator.DEFINITION_TO_TERM,
)

PLANTED = [
    (Fault.EMPTY, "turnover", DEFINITION, "Which term?", "  ", "en"),
    (Fault.CONCEPT_UNKNOWN, "gone", DEFINITION, "Which term?", "net turnover", "en"),
    (Fault.WRONG_LANGUAGE, "turnover", KEEP, "x", "本季度 net turnover 增长明显而且稳定。", "en"),
    (Fault.WRONG_LANGUAGE, "turnover", KEEP, "x", "The quarter saw 营业收入 rise strongly again.", "zh"),
    (Fault.TERM_MISSING, "turnover", DEFINITION, "Which term?", "income", "en"),
    (Fault.WRONG_LANGUAGE, "turnover", DEFINITION, "哪个术语？", "net turnover", "zh"),
    (Fault.TERM_MISSING, "turnover", DEFINITION, "哪个术语？", "净利润", "zh"),
    (Fault.FORBIDDEN_FORM, "turnover", DEFINITION, "Which term?", "net turnover, or top line", "en"),
    (Fault.FORBIDDEN_FORM, "turnover", DEFINITION, "哪个术语？", "营业收入，即销售额", "zh"),
    (Fault.OTHER_CONCEPT, "turnover", KEEP, "x", "The tenant has a net turnover.", "en"),
    (
        Fault.NUMBER_CHANGED,
        "turnover",
        CORRECT,
        "Fix: Sales rose by 4.5%.",
        "Net turnover rose by 5.4%.",
        "en",
    ),
    (Fault.NUMBER_CHANGED, "turnover", CORRECT, "改正：2024年销售额增长。", "2023年营业收入增长。", "zh"),
    (
        Fault.PLACEHOLDER_CHANGED,
        "turnover",
        CORRECT,
        "Fix: Dear {name}, sales rose.",
        "Dear {customer}, net turnover rose.",
        "en",
    ),
    (Fault.SENTENCE_CHANGED, "turnover", KEEP, "Check: Net turnover rose.", "Net turnover fell.", "en"),
    (Fault.SENTENCE_CHANGED, "turnover", CORRECT, "Check: Net turnover rose.", "Net turnover rose.", "en"),
    (
        Fault.SENTENCE_CHANGED,
        "turnover",
        CORRECT,
        "Fix: Sales rose in May.",
        "Net turnover fell in May.",
        "en",
    ),
    (Fault.HELD_OUT, "turnover", KEEP, "x", "The net turnover is told after the quiet period.", "en"),
]


@pytest.mark.parametrize(("fault", "uid", "generator", "prompt", "answer", "lang"), PLANTED)
def test_a_planted_fault_is_found(
    fault: Fault, uid: str, generator: Generator, prompt: str, answer: str, lang: str
) -> None:
    rows_lang = "zh" if lang == "zh" else "en"

    assert Checker(CONCEPTS, rows_lang, {"secret"}).fault(uid, generator, prompt, answer, lang) is fault


def test_every_fault_of_a_row_is_planted() -> None:
    assert {fault for fault, *_ in PLANTED} == set(Fault) - {Fault.NOT_WORSE}


@pytest.mark.parametrize(
    ("generator", "prompt", "answer", "lang"),
    [
        (DEFINITION, "Which term?", "net turnover", "en"),
        (DEFINITION, "Which term?", "Turnover", "en"),
        (KEEP, "Check: Net turnover rose by 4%.", "Net turnover rose by 4%.", "en"),
        (CORRECT, "Fix: Sales rose by 4% for {name}.", "Net turnover rose by 4% for {name}.", "en"),
        (CORRECT, "Fix: A top line of 5 is too low.", "A net turnover of 5 is too low.", "en"),
        (CORRECT, "请更正：2024年销售额增长3%。", "2024年营业收入增长3%。", "zh"),
        (Generator.TRANSLATE_OUT, "Translate net turnover into Chinese.", "营业收入", "zh"),
        # A form that is quoted is named, not used.
        (
            Generator.EXPLAIN_TERM,
            "Explain.",
            "Net turnover: what older texts call “top line” of a firm.",
            "en",
        ),
    ],
)
def test_what_is_right_passes(generator: Generator, prompt: str, answer: str, lang: str) -> None:
    checker = Checker(CONCEPTS, "zh" if "请" in prompt else "en", {"secret"})

    assert checker.fault("turnover", generator, prompt, answer, lang) is None


def test_a_row_is_judged_by_its_own_provenance() -> None:
    def row(answer: str) -> Conversation:
        return Conversation(
            messages=(
                Message(role=Role.USER, content="Which term?"),
                Message(role=Role.ASSISTANT, content=answer),
            ),
            extra={"provenance": {"concept": "turnover", "generator": "definition_to_term", "lang": "en"}},
        )

    checker = Checker(CONCEPTS, "en")
    assert checker.fault_of(row("net turnover")) is None
    assert checker.fault_of(row("sales")) is Fault.FORBIDDEN_FORM


@pytest.mark.parametrize(
    ("preferred", "other", "fault"),
    [
        ("The net turnover rose.", "The top line rose.", None),
        ("The net turnover rose.", "The turnover rose.", Fault.NOT_WORSE),
        ("The net turnover rose.", "The tenant rose.", Fault.NOT_WORSE),
        ("The net turnover rose.", "The top line fell.", Fault.SENTENCE_CHANGED),
    ],
)
def test_a_pair_differs_in_the_term_alone(preferred: str, other: str, fault: Fault | None) -> None:
    assert Checker(CONCEPTS, "en").fault_of_pair("turnover", preferred, other) is fault
