"""Packed rows give what rows alone give, and never see each other."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from forge.data.packing import attention_mask, build, epoch_order, plan, schedule, shared_prefix
from forge.data.tokenize import Row, tokenize_chat
from forge.models.hub import Base
from protocol.chat import Message, Role


def chat(question: str, answer: str) -> list[Message]:
    return [Message(role=Role.USER, content=question), Message(role=Role.ASSISTANT, content=answer)]


@pytest.fixture
def rows(base: Base) -> list[Row]:
    pairs = [
        ("What is a coupon?", "A yearly payment."),
        ("And a tenor?", "The time to the end."),
        ("Hm", "Yes."),
    ]
    return [tokenize_chat(chat(*pair), base.tokenizer) for pair in pairs]


@torch.no_grad()
def packed_logits(base: Base, rows: list[Row]) -> Tensor:
    pack = build(rows)
    output = base.model(
        input_ids=pack.ids[None],
        attention_mask=attention_mask(pack),
        position_ids=pack.positions[None],
        use_cache=False,
    )
    return output.logits[0, pack.sources]


@torch.no_grad()
def alone_logits(base: Base, rows: list[Row]) -> Tensor:
    """Each row by itself through the whole model: the reference."""
    parts = []
    for row in rows:
        logits = base.model(input_ids=torch.tensor([row.ids]), use_cache=False).logits[0]
        parts.append(logits[[index - 1 for index in range(1, len(row.ids)) if row.trained[index]]])
    return torch.cat(parts)


def test_packed_logits_equal_those_of_rows_alone(base: Base, rows: list[Row]) -> None:
    assert shared_prefix(rows) > 5
    torch.testing.assert_close(packed_logits(base, rows), alone_logits(base, rows), atol=1e-4, rtol=1e-4)


def test_rows_without_a_common_beginning_pack_the_same(base: Base, rows: list[Row]) -> None:
    first = replace(rows[0], ids=(5, *rows[0].ids[1:]))
    mixed = [first, *rows[1:]]

    assert shared_prefix(mixed) == 0
    torch.testing.assert_close(packed_logits(base, mixed), alone_logits(base, mixed), atol=1e-4, rtol=1e-4)


def test_a_row_does_not_see_another(base: Base, rows: list[Row]) -> None:
    changed = replace(rows[0], ids=(*rows[0].ids[:-3], 7, 8, 9))
    n = rows[0].n_trained

    before, after = packed_logits(base, rows), packed_logits(base, [changed, *rows[1:]])

    assert not torch.equal(before[:n], after[:n])
    torch.testing.assert_close(before[n:], after[n:], atol=1e-6, rtol=1e-6)


def test_targets_are_the_tokens_that_carry_loss(rows: list[Row]) -> None:
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
    rows = [Row((1, 2, 3, 4), (False, False, True, True)) for _ in range(20)]

    assert len(schedule(rows, epochs=1.5, limit=8, seed=1)) == 15
