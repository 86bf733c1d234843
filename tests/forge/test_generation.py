"""Sampling, and text that comes piece by piece."""

import pytest
import torch

from forge.generation import TextStream, choose
from forge.models.hub import Base
from protocol.serving import Sampling


def stream(base: Base, text: str, stop: tuple[str, ...] = ()) -> tuple[list[str], TextStream]:
    out = TextStream(base.tokenizer, stop)
    pieces = []
    for token in base.tokenizer(text, add_special_tokens=False)["input_ids"]:
        pieces.append(out.put(token))
        if out.stopped:
            break
    pieces.append(out.end())
    return pieces, out


@pytest.mark.parametrize(
    "text", ["Plain words, and more.", "净营业额 and 股东资金", "emoji 😀🎉 end", "a\n\n b"]
)
def test_the_pieces_add_up_to_the_text_without_half_characters(base: Base, text: str) -> None:
    pieces, _ = stream(base, text)

    assert "".join(pieces) == text
    assert all("\ufffd" not in piece for piece in pieces)


def test_nothing_of_a_stop_string_is_sent(base: Base) -> None:
    pieces, out = stream(base, "one two three four", stop=("three",))

    assert "".join(pieces) == "one two "
    assert out.stopped


def test_a_beginning_of_a_stop_string_is_sent_when_it_turns_out_to_be_none(base: Base) -> None:
    pieces, out = stream(base, "one thr", stop=("three",))

    assert "".join(pieces) == "one thr"
    assert not out.stopped


def test_temperature_0_takes_the_best() -> None:
    logits = torch.tensor([0.1, 3.0, 2.9])

    assert choose(logits, Sampling(temperature=0), [], torch.Generator()) == 1


def test_a_small_nucleus_leaves_only_the_best() -> None:
    logits = torch.tensor([0.0, 4.0, 1.0])
    drawn = {choose(logits, Sampling(top_p=0.1), [], torch.Generator().manual_seed(n)) for n in range(50)}

    assert drawn == {1}


def test_the_same_seed_draws_the_same_token() -> None:
    logits = torch.randn(100, generator=torch.Generator().manual_seed(1))
    first, second = (
        [choose(logits, Sampling(), [], g) for _ in range(20)]
        for g in (torch.Generator().manual_seed(5), torch.Generator().manual_seed(5))
    )

    assert first == second


def test_draws_follow_the_probabilities() -> None:
    logits = torch.tensor([0.7, 0.2, 0.1]).log()
    generator = torch.Generator().manual_seed(1)
    drawn = [choose(logits, Sampling(), [], generator) for _ in range(3000)]

    assert [drawn.count(n) / 3000 for n in range(3)] == pytest.approx([0.7, 0.2, 0.1], abs=0.03)


def test_a_repetition_penalty_makes_what_was_said_less_likely() -> None:
    logits = torch.tensor([2.0, 1.9])

    assert choose(logits, Sampling(temperature=0, repetition_penalty=1.5), [0], torch.Generator()) == 1
