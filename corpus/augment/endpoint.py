"""An OpenAI-compatible endpoint as a generator of new wordings: paraphrase, and translation there and back.

Protected spans travel as markers, so that an honest endpoint has no way to change them; what a dishonest one answers is for
the guards to refuse. Of an answer at most a megabyte is read; what goes wrong is told by status, never by content.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import httpx

from corpus.augment.protect import Span
from corpus.errors import EndpointFailed
from corpus.outbound import client
from protocol.specs.datasets import GeneratorRef

MAX_ANSWER_BYTES = 1024 * 1024
RETRIES = 3
MAX_WAIT_S = 20.0
#: Texts in a row that the endpoint may fail at after all retries, once it has answered any, before it is given up.
MOST_FAILED_IN_A_ROW = 5
_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
#: A text of one row that is longer is not sent.
MAX_TEXT_CHARS = 8000

_LANGUAGES = {
    "zh": "Simplified Chinese",
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "ja": "Japanese",
}
_KEEP = "Keep every marker such as ⟦1⟧ exactly as it is and use each as often as it stands. Answer with the text alone."
PARAPHRASE = (
    "Say the user's text in other words, in the same language, with the same meaning and tone. Do not answer it, do not add "
    "to it, leave nothing out. " + _KEEP
)
TRANSLATE = (
    "Translate the user's text into {language}. Do not answer it, do not add to it, leave nothing out. "
    + _KEEP
)


@dataclass
class Budget:
    """Tokens that may be spent, in and out together."""

    limit: int
    spent: int = 0
    calls: int = 0
    failed: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether nothing more may be asked."""
        return self.spent >= self.limit


class Endpoint:
    """Asks for new wordings, within a budget."""

    def __init__(
        self,
        generator: GeneratorRef,
        budget: Budget,
        key: str = "",
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._key = key
        self._generator = generator
        self._budget = budget
        self._sleep = sleep
        self._lock = Lock()
        self._has_answered = False
        self._failed_in_a_row = 0
        self._client = client(allow_private=generator.allow_private, timeout_s=generator.timeout_s)
        self._url = generator.base_url.rstrip("/") + "/chat/completions"

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def paraphrase(self, text: str, seed: int) -> str | None:
        """The text in other words, or nothing where the budget is spent or the endpoint gave no text. Raises EndpointFailed."""
        return self._ask(PARAPHRASE, text, seed)

    def back_translate(self, text: str, language: str, pivot: str, seed: int) -> str | None:
        """The text through another language and back."""
        there = self._ask(TRANSLATE.format(language=_LANGUAGES.get(pivot, pivot)), text, seed)
        if there is None:
            return None
        return self._ask(TRANSLATE.format(language=_LANGUAGES.get(language, language)), there, seed)

    def _ask(self, system: str, text: str, seed: int) -> str | None:
        with self._lock:
            if self._budget.is_spent or len(text) > MAX_TEXT_CHARS:
                return None
            self._budget.calls += 1
        body = {
            "model": self._generator.model,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": text}],
            "temperature": self._generator.temperature,
            "max_tokens": min(2048, 64 + 3 * len(text)),
            "seed": seed,
        }
        try:
            answer = self._post(body)
        except EndpointFailed as error:
            self._count_failed(error)
            return None
        content = _content_of(answer)
        usage = answer.get("usage")
        said = usage.get("total_tokens") if isinstance(usage, dict) else None
        # An endpoint that does not count is counted for, a token for two characters.
        guessed = (len(system) + len(text) + len(content or "")) // 2
        with self._lock:
            self._budget.spent += said if isinstance(said, int) and said > 0 else guessed
            self._budget.failed += content is None
            self._has_answered, self._failed_in_a_row = True, 0
        return content

    def _count_failed(self, error: EndpointFailed) -> None:
        """One text of thousands may fail without the answers to the others being lost. Raises the error where more is wrong."""
        with self._lock:
            self._budget.failed += 1
            self._failed_in_a_row += 1
            is_passing = self._has_answered and self._failed_in_a_row < MOST_FAILED_IN_A_ROW
        if not is_passing:
            raise error

    def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        """The answer as JSON. Raises EndpointFailed, EndpointPrivate."""
        reason = ""
        for attempt in range(RETRIES + 1):
            if attempt:
                self._sleep(min(MAX_WAIT_S, 0.5 * 2**attempt))
            try:
                status, raw, wait_s = self._once(body)
            except httpx.HTTPError as error:
                reason = type(error).__name__
                continue
            if 200 <= status < 300:
                return _json_of(raw)
            reason = f"it answered {status}"
            if status not in _AGAIN:
                break
            self._sleep(wait_s)
        raise EndpointFailed(reason=reason)

    def _once(self, body: dict[str, Any]) -> tuple[int, bytes, float]:
        headers = {"Content-Type": "application/json", "User-Agent": "deepseek-studio"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        began = time.monotonic()
        with self._client.stream("POST", self._url, content=content, headers=headers) as reply:
            raw = bytearray()
            for chunk in reply.iter_bytes():
                raw += chunk
                if len(raw) > MAX_ANSWER_BYTES or time.monotonic() - began > 2 * self._generator.timeout_s:
                    raise EndpointFailed(reason="its answer is too long or too slow")
            return reply.status_code, bytes(raw), _retry_after(reply.headers.get("retry-after", ""))


def _retry_after(text: str) -> float:
    return min(MAX_WAIT_S, float(text)) if text.isdecimal() else 0.0


def _json_of(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except ValueError as error:
        raise EndpointFailed(reason="its answer is no JSON") from error
    if not isinstance(value, dict):
        raise EndpointFailed(reason="its answer is no JSON object")
    return value


def _content_of(answer: dict[str, Any]) -> str | None:
    """The text of a chat completion, or nothing where it is not one."""
    try:
        content = answer["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        return None
    if not isinstance(content, str):
        return None
    text = content.encode("utf-8", "replace").decode().replace("\0", "").strip()
    # Models like to quote what they were asked for.
    for left, right in (('"', '"'), ("“", "”"), ("「", "」")):
        if len(text) > 2 and text.startswith(left) and text.endswith(right) and left not in text[1:-1]:
            text = text[1:-1].strip()
    return text or None


def masked(text: str, spans: Sequence[Span]) -> str:
    """The text with each protected span as a marker."""
    parts, at = [], 0
    for number, span in enumerate(spans, start=1):
        parts += [text[at : span.start], f"⟦{number}⟧"]
        at = span.end
    return "".join([*parts, text[at:]])


def unmasked(masked_text: str, text: str, spans: Sequence[Span]) -> str:
    """A new wording with the spans back in the places of their markers; a marker that nobody gave stays to be refused."""
    for number, span in reversed(list(enumerate(spans, start=1))):
        masked_text = masked_text.replace(f"⟦{number}⟧", text[span.start : span.end])
    return masked_text
