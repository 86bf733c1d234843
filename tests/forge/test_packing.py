"""Packed rows give what rows alone give, and never see each other."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from corpus.tokens.packing import epoch_order, plan, schedule, shared_prefix
from corpus.tokens.rows import Chat, TokenRow, tokenize
from forge.data.lanes import lay
from forge.data.packed import PackedModel
from forge.data.packing import attention_mask, build
from forge.models.hub import Base
from protocol.chat import Message, Role


def chat(question: str, answer: str) -> list[Message]:
    return [Message(role=Role.USER, content=question), Message(role=Role.ASSISTANT, content=answer)]


@pytest.fixture
def rows(base: Base) -> list[TokenRow]:
    pairs = [
        ("What is a coupon?", "A yearly payment."),
        ("And a tenor?", "The time to the end."),
        ("Hm", "Yes."),
    ]
    return [tokenize(Chat(chat(*pair)), base.tokens) for pair in pairs]


@torch.no_grad()
def by_layer(base: Base, rows: list[TokenRow]) -> Tensor:
    """Llama's layers one by one, attention by lanes."""
    model = PackedModel(base.model)
    assert model.by_layer
    return model.logits(model.outputs(build(rows)))


@torch.no_grad()
def by_mask(base: Base, rows: list[TokenRow]) -> Tensor:
    """The model's own forward with a block-diagonal mask, as for families that are not run layer by layer."""
    model = PackedModel(base.model)
    model.by_layer = False
    return model.logits(model.outputs(build(rows)))


packed = pytest.mark.parametrize("packed_logits", [by_layer, by_mask])
Logits = Callable[[Base, list[TokenRow]], Tensor]


@torch.no_grad()
def alone_logits(base: Base, rows: list[TokenRow]) -> Tensor:
    """Each row by itself through the whole model: the reference."""
    parts = []
    for row in rows:
        logits = base.model(input_ids=torch.tensor([row.ids]), use_cache=False).logits[0]
        parts.append(logits[[index - 1 for index in range(1, len(row.ids)) if row.trained[index]]])
    return torch.cat(parts)


@packed
def test_packed_logits_equal_those_of_rows_alone(
    packed_logits: Logits, base: Base, rows: list[TokenRow]
) -> None:
    assert shared_prefix(rows) > 5
    torch.testing.assert_close(packed_logits(base, rows), alone_logits(base, rows), atol=1e-4, rtol=1e-4)


@packed
def test_rows_without_a_common_beginning_pack_the_same(
    packed_logits: Logits, base: Base, rows: list[TokenRow]
) -> None:
    first = replace(rows[0], ids=(5, *rows[0].ids[1:]))
    mixed = [first, *rows[1:]]

    assert shared_prefix(mixed) == 0
    torch.testing.assert_close(packed_logits(base, mixed), alone_logits(base, mixed), atol=1e-4, rtol=1e-4)


@packed
def test_a_row_does_not_see_another(packed_logits: Logits, base: Base, rows: list[TokenRow]) -> None:
    changed = replace(rows[0], ids=(*rows[0].ids[:-3], 7, 8, 9))
    n = rows[0].n_trained

    before, after = packed_logits(base, rows), packed_logits(base, [changed, *rows[1:]])

    assert not torch.equal(before[:n], after[:n])
    torch.testing.assert_close(before[n:], after[n:], atol=1e-6, rtol=1e-6)


def test_a_single_row_and_rows_of_very_different_length_pack_the_same(
    base: Base, rows: list[TokenRow]
) -> None:
    long = tokenize(Chat(chat("Why? " * 60, "Because. " * 20)), base.tokens)

    for some in ([rows[0]], [rows[2], long, rows[0]], [long, long]):
        torch.testing.assert_close(by_layer(base, some), alone_logits(base, some), atol=1e-4, rtol=1e-4)


def test_lanes_hold_every_token_once_and_compute_less_than_a_mask(rows: list[TokenRow]) -> None:
    pack = build(rows * 6)
    lanes = lay(pack)

    places = [lane.places.flatten()[lane.real] for lane in lanes.lanes]
    own = torch.cat(places)
    assert sorted(own.tolist()) == list(range(pack.prefix, pack.n_tokens))
    assert torch.cat([torch.arange(pack.prefix), own])[lanes.order].tolist() == list(range(pack.n_tokens))
    scores = lanes.prefix**2 + sum(lane.places.shape[0] * lane.mask.numel() for lane in lanes.lanes)
    assert scores < attention_mask(pack).numel() / 3


def test_what_enters_a_layer_is_the_models_own_hidden_state(base: Base, rows: list[TokenRow]) -> None:
    from forge.data.packed import Entering

    entering = Entering.compute(PackedModel(base.model), rows, 2, lambda done: None)

    with torch.no_grad():
        for number, row in enumerate(rows):
            states = base.model(torch.tensor([row.ids]), output_hidden_states=True).hidden_states
            torch.testing.assert_close(entering.of([number], 0), states[2][0], atol=1e-5, rtol=1e-4)


def test_targets_are_the_tokens_that_carry_loss(rows: list[TokenRow]) -> None:
    pack = build(rows)
    wanted = [row.ids[i] for row in rows for i in range(1, len(row.ids)) if row.trained[i]]

    assert pack.targets.tolist() == wanted
    assert pack.n_trained == sum(row.n_trained for row in rows)
    assert pack.owners.tolist() == [n for n, row in enumerate(rows) for _ in range(row.n_trained)]


def test_a_pack_holds_as_many_rows_as_fit() -> None:
    assert plan([4, 4, 4, 9, 1], [0, 1, 2, 3, 4], 8) == [[0, 1], [2], [3], [4]]


def test_an_epoch_holds_every_row_once_in_an_order_of_its_own() -> None:
    first, second = epoch_order(50, 7, 0), epoch_order(50, 7, 1)

    assert sorted(first) == sorted(second) == list(range(50))
    assert first != second
    assert first == epoch_order(50, 7, 0)


def test_a_broken_last_epoch_takes_its_share_of_packs() -> None:
    rows = [TokenRow((1, 2, 3, 4), (False, False, True, True)) for _ in range(20)]

    assert len(schedule(rows, epochs=1.5, limit=8, seed=1)) == 15
