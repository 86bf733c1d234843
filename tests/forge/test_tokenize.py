"""Which tokens carry loss: the assistant's, end of turn included, and no other."""

import json
from pathlib import Path

import pytest

from corpus.errors import ChatRowInvalid, NoTrainableTokens
from corpus.tokens.rows import Chat, tokenize
from forge.data.tokenize import tokenize_file
from forge.models.hub import Base
from forge.recipes import lora
from protocol.chat import Message, Role
from tests.forge.conftest import Make, ref, run


def trained_text(base: Base, messages: list[Message]) -> str:
    row = tokenize(Chat(messages), base.tokens)
    return base.tokenizer.decode([i for i, on in zip(row.ids, row.trained, strict=True) if on])


def test_only_the_assistant_is_trained(base: Base) -> None:
    messages = [
        Message(role=Role.USER, content="Hello there"),
        Message(role=Role.ASSISTANT, content="Good day."),
        Message(role=Role.USER, content="And now?"),
        Message(role=Role.ASSISTANT, content="Now 你好 we part."),
    ]

    assert trained_text(base, messages) == "Good day.<|im_end|>Now 你好 we part.<|im_end|>"


def test_a_turn_of_weight_0_is_not_trained(base: Base) -> None:
    messages = [
        Message(role=Role.USER, content="Hello"),
        Message(role=Role.ASSISTANT, content="First.", weight=0),
        Message(role=Role.USER, content="Again"),
        Message(role=Role.ASSISTANT, content="Second."),
    ]

    assert trained_text(base, messages) == "Second.<|im_end|>"


def write(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def test_a_file_without_a_trained_token_is_refused(base: Base, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {"messages": [{"role": "user", "content": "Only a question"}]})

    with pytest.raises(
        NoTrainableTokens, match="None of the 1 rows has an assistant token to learn within 64 tokens"
    ):
        tokenize_file(path, base.tokens, 64)


def test_a_cut_row_is_counted(base: Base, tmp_path: Path) -> None:
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "word " * 200}]

    rows = tokenize_file(write(tmp_path / "a.jsonl", {"messages": messages}), base.tokens, 64)

    assert (rows.truncated, len(rows.rows[0].ids)) == (1, 64)


def test_a_broken_row_names_its_line(base: Base, tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl", {"messages": [{"role": "user", "content": "x"}]}, {"messages": [{"role": "?"}]}
    )

    with pytest.raises(ChatRowInvalid, match=r"Line 2 of a\.jsonl is not a chat row"):
        tokenize_file(path, base.tokens, 64)


def test_a_run_with_nothing_to_learn_says_so_before_the_weights_are_read(
    training: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mute = write(
        tmp_path / "mute.jsonl",
        {
            "messages": [
                {"role": "user", "content": "Hi"},
                {"role": "assistant", "content": "Ho", "weight": 0},
            ]
        },
    )
    envelope = training("mute")
    spec = envelope.spec.model_copy(update={"train": ref(mute), "validation": None})

    def load(_: object) -> None:
        raise AssertionError("the weights were read")

    monkeypatch.setattr(lora, "load", load)
    with pytest.raises(NoTrainableTokens, match="None of the 1 rows"):
        run(envelope.model_copy(update={"spec": spec}))
