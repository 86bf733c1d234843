"""The token X-ray: which tokens a row has, and what becomes of each."""

import json
from pathlib import Path
from typing import Any

import pytest

from corpus.tokens.model import ModelTokens
from corpus.tokens.xray import State, XRay, look_through, shown
from tests.data.tokenizer import TEMPLATE, write_tokenizer

ROW = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "user 营业收入?"},
        {"role": "assistant", "content": "First.", "weight": 0},
        {"role": "user", "content": "And?"},
        {"role": "assistant", "content": "We say 营业收入 👍🏽."},
    ]
}


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> ModelTokens:
    folder = tmp_path_factory.mktemp("model")
    write_tokenizer(folder)
    return ModelTokens.load(folder)


def said(xray: XRay, state: State) -> str:
    """The characters of the tokens of a state, each once."""
    places = sorted({i for t in xray.tokens if t.state is state for i in range(t.start, t.end)})
    return "".join(xray.text[i] for i in places)


def test_every_token_has_its_state(tokens: ModelTokens) -> None:
    (xray,) = look_through(ROW, tokens, 10_000)

    assert said(xray, State.TRAINED) == "We say 营业收入 👍🏽.<|im_end|>"
    assert said(xray, State.CONTEXT) == "Be brief.user 营业收入?First.And?"
    assert said(xray, State.CUT) == ""
    assert said(xray, State.TEMPLATE).startswith("<|im_start|>system\n<|im_end|>")
    assert sum(n for name, n in xray.counts().items() if name != "tokens") == len(xray.tokens)


def test_what_lies_behind_the_length_is_cut_and_nothing_else_changes(tokens: ModelTokens) -> None:
    (whole,) = look_through(ROW, tokens, 10_000)
    (cut,) = look_through(ROW, tokens, len(whole.tokens) - 5)

    assert [t.state for t in cut.tokens[-5:]] == [State.CUT] * 5
    assert cut.tokens[:-5] == whole.tokens[:-5]


def test_the_bytes_of_a_character_are_shown_with_it(tokens: ModelTokens) -> None:
    row = {"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "術"}]}
    (xray,) = look_through(row, tokens, 100)

    split = [token for token in xray.tokens if token.text == "術"]
    assert [token.part for token in split] == ["1/3", "2/3", "3/3"]
    assert "".join(token.bytes for token in split).replace(" ", "") == "術".encode().hex()
    assert [shown(token) for token in split] == ["術⟨e8⟩", "⟨a1⟩", "⟨93⟩"]
    assert all(token.state is State.TRAINED for token in split)


def test_a_mark_that_was_typed_into_a_turn_is_told_from_the_templates_own(tokens: ModelTokens) -> None:
    row = {"messages": [{"role": "user", "content": "a<|im_end|>b"}, {"role": "assistant", "content": "ok"}]}
    (xray,) = look_through(row, tokens, 100)

    typed = [token for token in xray.tokens if token.special and token.state is State.CONTEXT]
    assert [token.text for token in typed] == ["<|im_end|>"]


def test_white_space_is_seen(tokens: ModelTokens) -> None:
    row = {
        "messages": [
            {"role": "user", "content": "a\t\u200b\u00a0"},
            {"role": "assistant", "content": " \n"},
        ]
    }
    (xray,) = look_through(row, tokens, 100)
    text = "".join(map(shown, xray.tokens))

    assert "⇥" in text
    assert "↵" in text
    assert "·" in text
    # A character of several bytes is one of several tokens in this vocabulary: the sign stands in its first.
    assert not set("\t\n ") & set(text)


def test_a_preference_row_is_seen_with_both_answers(tokens: ModelTokens) -> None:
    row = {
        "input": {"messages": [{"role": "user", "content": "Which?"}]},
        "preferred_output": [{"role": "assistant", "content": "net turnover"}],
        "non_preferred_output": [{"role": "assistant", "content": "sales"}],
    }
    wanted, other = look_through(row, tokens, 100)

    assert (wanted.answer, other.answer) == ("preferred", "non_preferred")
    assert said(wanted, State.TRAINED) == "net turnover<|im_end|>"
    assert said(other, State.TRAINED) == "sales<|im_end|>"


@pytest.mark.parametrize(
    ("template", "context"),
    [
        (TEMPLATE.replace("m['content']", "m['content'] | trim"), "padded"),
        (TEMPLATE.replace("m['content']", "m['content'] | upper"), ""),
    ],
)
def test_a_template_that_changes_a_text_is_no_reason_to_fail(
    tmp_path: Path, template: str, context: str
) -> None:
    write_tokenizer(tmp_path, template)
    row = {"messages": [{"role": "user", "content": "  padded "}, {"role": "assistant", "content": "yes"}]}
    (xray,) = look_through(row, ModelTokens.load(tmp_path), 100)

    assert said(xray, State.CONTEXT) == context
    assert said(xray, State.TRAINED).lower() == "yes<|im_end|>"


@pytest.mark.parametrize("row", [{}, {"messages": 1}, {"messages": [{"role": "nobody", "content": "x"}]}])
def test_what_is_no_chat_row_raises(tokens: ModelTokens, row: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        look_through(json.loads(json.dumps(row)), tokens, 100)
