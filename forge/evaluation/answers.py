"""Greedy answers of a model to many prompts, in batches of like length."""

from collections.abc import Callable, Sequence

import torch

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

    Prompts of like length go together and are padded on the left; the mask keeps the padding out, and rounding apart the
    answers are those of one prompt at a time.
    """
    tokenizer = base.tokenizer
    texts = [render(tokenizer, [{"role": "user", "content": prompt}], prompt=True) for prompt in prompts]
    lengths = [len(tokenizer(text, add_special_tokens=False)["input_ids"]) for text in texts]
    order = sorted(range(len(texts)), key=lambda index: lengths[index])
    answers = [""] * len(texts)
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        batch = tokenizer(
            [texts[index] for index in chosen], add_special_tokens=False, padding=True, return_tensors="pt"
        ).to(base.device)
        output = base.model.generate(
            input_ids=batch["input_ids"],
            attention_mask=batch["attention_mask"],
            max_new_tokens=max_new_tokens,
            do_sample=False,
            num_beams=1,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
        new = output[:, batch["input_ids"].shape[1] :]
        for index, text in zip(chosen, tokenizer.batch_decode(new, skip_special_tokens=True), strict=True):
            answers[index] = text.strip()
        on_progress(min(start + batch_size, len(order)))
    return answers
