"""Loss of a model on chats and on plain text, item by item, so that differences can be resampled."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy

from corpus.tokens.packing import plan
from corpus.tokens.rows import TokenRow
from forge.data.packed import PASS_TOKENS, PackedModel
from forge.data.packing import build
from forge.data.tokenize import tokenize_file
from forge.models.hub import Base

#: A longer paragraph or chat is measured on its beginning.
MAX_LENGTH = 1024


@dataclass(frozen=True)
class ItemLoss:
    """Summed loss in nats over the tokens of one item."""

    nats: float
    tokens: int


def chat_rows(base: Base, path: Path) -> list[TokenRow]:
    """Rows of a prepared file."""
    return list(tokenize_file(path, base.tokens, MAX_LENGTH).rows)


def text_rows(base: Base, path: Path) -> list[TokenRow]:
    """A row for each paragraph of a text; every token but the first carries loss."""
    paragraphs = [part.strip() for part in path.read_text("utf-8").split("\n\n") if part.strip()]
    encoded = base.tokenizer(paragraphs, add_special_tokens=False)["input_ids"]
    return [
        TokenRow(tuple(ids[:MAX_LENGTH]), (True,) * len(ids[:MAX_LENGTH])) for ids in encoded if len(ids) > 1
    ]


@torch.no_grad()
def item_losses(base: Base, rows: list[TokenRow]) -> list[ItemLoss]:
    """The loss of each row under the model as it is now (adapter on or off)."""
    losses: list[ItemLoss] = []
    model = PackedModel(base.model)
    for numbers in plan([len(row.ids) for row in rows], range(len(rows)), PASS_TOKENS):
        pack = build([rows[number] for number in numbers])
        logits = model.logits(model.outputs(pack))
        nats = cross_entropy(logits, pack.targets.to(base.device), reduction="none").cpu()
        for place in range(len(numbers)):
            mine = nats[pack.owners == place]
            losses.append(ItemLoss(float(mine.sum()), len(mine)))
    return losses
