"""Greedy answers of a model to many prompts, in batches of like length."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from transformers import DynamicCache

from forge.data.tokenize import render
from forge.models.hub import Base


@torch.no_grad()
def greedy(
    base: Base,
    prompts: Sequence[str],
    *,
    max_new_tokens: int,
    batch_size: int,
    on_progress: Callable[[int], None] = lambda _done: None,
) -> list[str]:
    """The answer to each prompt, asked as a single user turn, without sampling.

    What all prompts begin with (the template's system turn) is computed once. Prompts of like length go together and are
    padded on the left, behind the common beginning; the mask keeps the padding out, and rounding apart the answers are those
    of one prompt at a time.
    """
    tokenizer = base.tokenizer
    texts = [render(tokenizer, [{"role": "user", "content": prompt}], prompt=True) for prompt in prompts]
    rows = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
    beginning = Beginning(base, rows)
    order = sorted(range(len(rows)), key=lambda index: len(rows[index]))
    answers = [""] * len(rows)
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        input_ids, mask = beginning.batch([rows[index] for index in chosen])
        output = base.model.generate(
            input_ids=input_ids,
            attention_mask=mask,
            past_key_values=beginning.cache(len(chosen)),
            max_new_tokens=max_new_tokens,
            do_sample=False,
            num_beams=1,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
        new = output[:, input_ids.shape[1] :]
        for index, text in zip(chosen, tokenizer.batch_decode(new, skip_special_tokens=True), strict=True):
            answers[index] = text.strip()
        on_progress(min(start + batch_size, len(order)))
    return answers


class Beginning:
    """The tokens that all rows begin with, and the model's keys and values of them; it may be empty."""

    def __init__(self, base: Base, rows: Sequence[Sequence[int]]) -> None:
        self._device = base.device
        self._pad = base.tokenizer.pad_token_id
        # At least one token of every row stays: its answer begins there.
        longest = min((len(row) for row in rows), default=1) - 1
        same = 0
        while same < longest and len({row[same] for row in rows}) == 1:
            same += 1
        self.ids = torch.tensor(
            [list(rows[0][:same])] if same else [[]], dtype=torch.long, device=self._device
        )
        self._layers: list[tuple[Tensor, Tensor]] = []
        if same:
            computed = base.model(input_ids=self.ids, use_cache=True, logits_to_keep=1).past_key_values
            self._layers = [(layer.keys, layer.values) for layer in computed.layers]

    def batch(self, rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Rows (n, p + w) as beginning, padding, rest; and their mask."""
        same = self.ids.shape[1]
        width = max(len(row) for row in rows) - same
        ids = torch.full((len(rows), width), self._pad, device=self._device)
        mask = torch.zeros_like(ids)
        for number, row in enumerate(rows):
            rest = torch.tensor(row[same:], device=self._device)
            ids[number, width - len(rest) :] = rest
            mask[number, width - len(rest) :] = 1
        head = self.ids.expand(len(rows), -1)
        return torch.cat([head, ids], 1), torch.cat([torch.ones_like(head), mask], 1)

    def cache(self, n_rows: int) -> DynamicCache | None:
        """The keys and values for so many rows, to be filled further; None where nothing is shared."""
        if not self._layers:
            return None
        cache = DynamicCache()
        for number, (keys, values) in enumerate(self._layers):
            cache.update(keys.repeat(n_rows, 1, 1, 1), values.repeat(n_rows, 1, 1, 1), number)
        return cache
