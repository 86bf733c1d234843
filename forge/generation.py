"""Sampling, and turning tokens into text piece by piece."""

from collections.abc import Sequence

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from protocol.serving import Sampling

#: What a decoder writes for bytes that are no whole character yet.
UNFINISHED = "\ufffd"


def choose(logits: Tensor, sampling: Sampling, seen: Sequence[int], generator: torch.Generator) -> int:
    """The next token from logits (vocabulary,): greedy at temperature 0, else from the nucleus `top_p`.

    Source of the nucleus: Holtzman et al. 2020, arXiv 1904.09751, section 3.1.
    """
    logits = logits.float()
    if sampling.repetition_penalty != 1.0 and seen:
        places = torch.tensor(sorted(set(seen)), device=logits.device)
        old = logits[places]
        penalty = sampling.repetition_penalty
        logits = logits.index_copy(0, places, torch.where(old > 0, old / penalty, old * penalty))
    if sampling.temperature == 0:
        return int(logits.argmax())
    ordered, tokens = (logits / sampling.temperature).softmax(-1).sort(descending=True)
    # A token stays while the mass before it is below top_p, so the most probable one always does.
    ordered[ordered.cumsum(-1) - ordered >= sampling.top_p] = 0
    # Drawn on the CPU: one seed gives one text on every device of a kind.
    return int(tokens[torch.multinomial(ordered.cpu(), 1, generator=generator)])


class TextStream:
    """Tokens in, text out: never half a character, never a part of a stop string, nothing behind it."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, stop: Sequence[str] = ()) -> None:
        self._tokenizer = tokenizer
        self._stop = [text for text in stop if text]
        self._ids: list[int] = []
        self._sent = 0
        self.stopped = False

    def put(self, token: int) -> str:
        """The text that is safe to send after one more token."""
        self._ids.append(token)
        text = self._text()
        if self._cut(text):
            return self._take(self._stop_at(text))
        if text.endswith(UNFINISHED):
            return ""
        return self._take(text[: len(text) - self._held_back(text)])

    def end(self) -> str:
        """What was still held back when the answer is over."""
        if self.stopped:
            return ""
        return self._take(self._text())

    def _text(self) -> str:
        return str(self._tokenizer.decode(self._ids, skip_special_tokens=True))

    def _take(self, text: str) -> str:
        new = text[self._sent :]
        self._sent = max(self._sent, len(text))
        return new

    def _cut(self, text: str) -> bool:
        self.stopped = any(stop in text for stop in self._stop)
        return self.stopped

    def _stop_at(self, text: str) -> str:
        return text[: min(text.find(stop) for stop in self._stop if stop in text)]

    def _held_back(self, text: str) -> int:
        """Length of the longest end of the text that a stop string may begin with."""
        longest = max((len(stop) for stop in self._stop), default=1) - 1
        for length in range(min(longest, len(text)), 0, -1):
            if any(stop.startswith(text[-length:]) for stop in self._stop):
                return length
        return 0
