"""A causal language model over packs: only what is needed, and what never changes only once.

Axes: t tokens of a pack, n trained tokens, e model width, v vocabulary.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from transformers import LlamaForCausalLM

from corpus.tokens.packing import plan
from corpus.tokens.rows import TokenRow
from forge.data.lanes import NAME, lay
from forge.data.packing import Pack, attention_mask, build

#: Tokens of a pass without gradients.
PASS_TOKENS = 2048


class PackedModel:
    """A model run over packs. Llama's layers are called one by one, with attention by lanes; others by their own forward.

    `model` may carry adapters inside; they are on or off as its owner sets them.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self.by_layer = isinstance(model, LlamaForCausalLM)

    def below(self, pack: Pack, cut: int) -> Tensor:
        """What enters layer `cut`: (t, e). For models run layer by layer only."""
        hidden = self._model.model.embed_tokens(pack.ids[None].to(self._model.device))
        return self._through(pack, hidden, 0, cut)[0]

    def outputs(self, pack: Pack, entering: Tensor | None = None, cut: int = 0) -> Tensor:
        """The last layer's normalised output where a trained token is predicted: (n, e).

        `entering` (t, e) is what enters layer `cut`; without it the pack starts at its tokens.
        """
        sources = pack.sources.to(self._model.device)
        if not self.by_layer:
            hidden = self._model.model(
                input_ids=pack.ids[None].to(self._model.device),
                attention_mask=attention_mask(pack).to(self._model.device),
                position_ids=pack.positions[None].to(self._model.device),
                use_cache=False,
            ).last_hidden_state
            return hidden[0, sources]
        if entering is None:
            entering, cut = self.below(pack, 0), 0
        hidden = self._through(pack, entering[None], cut, len(self._model.model.layers))
        return self._model.model.norm(hidden[0, sources])

    def logits(self, outputs: Tensor) -> Tensor:
        """(n, e) -> (n, v) in float32."""
        return self._model.lm_head(outputs).float()

    def _through(self, pack: Pack, hidden: Tensor, first: int, last: int) -> Tensor:
        positions = pack.positions[None].to(hidden.device)
        angles = self._model.model.rotary_emb(hidden, position_ids=positions)
        lanes = lay(pack)
        with _attention_by_lanes(self._model.config):
            for layer in self._model.model.layers[first:last]:
                hidden = layer(
                    hidden,
                    attention_mask=None,
                    position_ids=positions,
                    position_embeddings=angles,
                    lanes=lanes,
                )
        return hidden


@contextmanager
def _attention_by_lanes(config: Any) -> Iterator[None]:
    usual = config._attn_implementation
    config._attn_implementation = NAME
    try:
        yield
    finally:
        config._attn_implementation = usual


class Entering:
    """What enters the first trained layer, for every token of every row: below it nothing is trained, so nothing changes.

    Computed once for all epochs, in the rows' own order, so that a resumed run has the same bits. Holds `width * 4` bytes a
    token.
    """

    def __init__(self, rows: list[Tensor]) -> None:
        self._rows = rows

    @classmethod
    @torch.no_grad()
    def compute(
        cls, model: PackedModel, rows: Sequence[TokenRow], cut: int, on_rows: Callable[[int], None]
    ) -> "Entering":
        """Run all rows through the layers below `cut`; `on_rows` is told how many are done."""
        found: list[Tensor] = [torch.empty(0)] * len(rows)
        done = 0
        for numbers in plan([len(row.ids) for row in rows], range(len(rows)), PASS_TOKENS):
            pack = build([rows[number] for number in numbers])
            hidden = model.below(pack, cut)
            own = hidden[pack.prefix :].split(list(pack.lengths))
            for number, each in zip(numbers, own, strict=True):
                found[number] = torch.cat([hidden[: pack.prefix], each])
            done += len(numbers)
            on_rows(done)
        return cls(found)

    def as_tensors(self) -> dict[str, Tensor]:
        """All rows' tokens behind each other, on the CPU, and the rows' lengths."""
        lengths = torch.tensor([len(row) for row in self._rows])
        return {"tokens": torch.cat(self._rows).cpu(), "lengths": lengths}

    @classmethod
    def of_tensors(cls, tensors: dict[str, Tensor], device: torch.device) -> "Entering":
        """The same again."""
        return cls(list(tensors["tokens"].to(device).split(tensors["lengths"].tolist())))

    def of(self, numbers: Sequence[int], prefix: int) -> Tensor:
        """(t, e) for a pack of these rows whose common beginning has `prefix` tokens."""
        front = self._rows[numbers[0]][:prefix]
        return torch.cat([front, *(self._rows[number][prefix:] for number in numbers)])
