"""The engine of our own: one thread decodes all running requests, a token each in turn.

The base is loaded once; a request names the base or an adapter, which is switched on for its step. Interleaving by
token keeps every stream moving: a long answer never holds up a short one.
"""

import asyncio
import logging
import random
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import DynamicCache

from corpus.tokens.rows import as_template_message
from forge.data.tokenize import render
from forge.errors import ContextExceeded, EngineBusy, ModelNotFound
from forge.generation import TextStream, choose
from forge.models.hub import Base, add_adapter, load_base
from forge.serving.engine import Engine, FinishReason, Load, Piece
from protocol.chat import Message
from protocol.errors import ErrorCode, StudioError
from protocol.serving import Sampling
from protocol.specs.models import ServeSpec

logger = logging.getLogger(__name__)


class DecodeFailed(StudioError):
    """The model failed on this request; the server's log has the traceback."""

    code = ErrorCode.INTERNAL
    permanent = False


@dataclass
class Running:
    """A request in a slot. `cache` holds keys and values of all tokens but `pending`."""

    adapter: str | None
    pending: list[int]
    sampling: Sampling
    text: TextStream
    deliver: Callable[[Piece | StudioError], None]
    prompt_tokens: int
    generator: torch.Generator
    cache: DynamicCache = field(default_factory=DynamicCache)
    produced: list[int] = field(default_factory=list)
    cancelled: bool = False


class NativeEngine(Engine):
    """Decodes with transformers on this process's device."""

    def __init__(self, spec: ServeSpec) -> None:
        self._base: Base = load_base(spec.base)
        self._model: Any = self._base.model
        self._adapters: dict[str, str | None] = {spec.base.model_id: None}
        for number, adapter in enumerate(spec.adapters):
            name = f"adapter{number}"
            self._model = add_adapter(self._model, adapter, name)
            self._adapters[adapter.model_id] = name
        self._model.eval()
        self._slots, self._line = spec.max_running, spec.max_waiting
        self._ends = self._end_tokens()
        self._lock = threading.Condition()
        self._waiting: deque[Running] = deque()
        self._running: list[Running] = []
        self._closing = False
        self._tokens = self._requests = 0
        self._thread = threading.Thread(target=self._work, name="decode", daemon=True)
        self._thread.start()

    @property
    def models(self) -> tuple[str, ...]:
        """The base first."""
        return tuple(self._adapters)

    @property
    def context_length(self) -> int:
        """The base model's."""
        return self._base.context_length

    def load(self) -> Load:
        """Counted under the lock."""
        with self._lock:
            return Load(len(self._running), len(self._waiting), self._slots, self._tokens, self._requests)

    def close(self) -> None:
        """Let the thread end after its current step."""
        with self._lock:
            self._closing = True
            self._lock.notify()
        self._thread.join()

    async def stream(self, model: str, messages: list[Message], sampling: Sampling) -> AsyncIterator[Piece]:
        """Queue the request and hand over its pieces."""
        loop = asyncio.get_running_loop()
        pieces: asyncio.Queue[Piece | StudioError] = asyncio.Queue()

        def deliver(piece: Piece | StudioError) -> None:
            loop.call_soon_threadsafe(pieces.put_nowait, piece)

        # Rendering and tokenising a long conversation would hold up every other request on the loop.
        request = await asyncio.to_thread(self._request, model, messages, sampling, deliver)
        self._enter(request)
        try:
            while True:
                piece = await pieces.get()
                if isinstance(piece, StudioError):
                    raise piece
                yield piece
                if piece.finish is not None:
                    return
        finally:
            request.cancelled = True

    def _request(
        self,
        model: str,
        messages: list[Message],
        sampling: Sampling,
        deliver: Callable[[Piece | StudioError], None],
    ) -> Running:
        if model not in self._adapters:
            raise ModelNotFound(path=model, reason=f"this server answers for {', '.join(self._adapters)}")
        tokenizer = self._base.tokenizer
        text = render(tokenizer, [as_template_message(message) for message in messages], prompt=True)
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        limit = self._base.context_length
        if len(ids) + sampling.max_tokens > limit:
            raise ContextExceeded(limit=limit, prompt=len(ids), answer=sampling.max_tokens)
        seed = random.getrandbits(62) if sampling.seed is None else sampling.seed
        return Running(
            adapter=self._adapters[model],
            pending=list(ids),
            sampling=sampling,
            text=TextStream(tokenizer, sampling.stop),
            deliver=deliver,
            prompt_tokens=len(ids),
            generator=torch.Generator().manual_seed(seed % 2**63),
        )

    def _enter(self, request: Running) -> None:
        with self._lock:
            if len(self._waiting) >= self._line and len(self._running) >= self._slots:
                raise EngineBusy(running=len(self._running), waiting=len(self._waiting))
            self._requests += 1
            self._waiting.append(request)
            self._lock.notify()

    def _work(self) -> None:
        """The decoding thread: admit, step each in turn, let go of the finished."""
        while True:
            with self._lock:
                self._running = [request for request in self._running if not request.cancelled]
                while self._waiting and len(self._running) < self._slots:
                    request = self._waiting.popleft()
                    if not request.cancelled:
                        self._running.append(request)
                if self._closing:
                    return
                if not self._running:
                    self._lock.wait()
                    continue
                turn = list(self._running)
            for request in turn:
                if not request.cancelled:
                    self._step_safely(request)

    def _step_safely(self, request: Running) -> None:
        """One request's failure is its own: the others go on."""
        try:
            self._step(request)
        except Exception:  # the boundary between requests: logged whole, told as a code
            logger.exception("a request failed while decoding")
            request.cancelled = True
            request.deliver(DecodeFailed())

    @torch.inference_mode()
    def _step(self, request: Running) -> None:
        """Compute what is pending, choose one token, hand over its text."""
        with self._switched_to(request.adapter) as model:
            ids = torch.tensor([request.pending], device=self._base.device)
            output = model(input_ids=ids, past_key_values=request.cache, use_cache=True, logits_to_keep=1)
        token = choose(output.logits[0, -1], request.sampling, request.produced, request.generator)
        request.produced.append(token)
        self._tokens += 1
        finish: FinishReason | None = None
        if token in self._ends:
            finish, text = FinishReason.STOP, request.text.end()
        else:
            text = request.text.put(token)
            if request.text.stopped:
                finish = FinishReason.STOP
            elif len(request.produced) >= request.sampling.max_tokens:
                finish, text = FinishReason.LENGTH, text + request.text.end()
        request.pending = [token]
        if finish is not None:
            request.cancelled = True
        if text or finish is not None:
            request.deliver(Piece(text, request.prompt_tokens, len(request.produced), finish))

    @contextmanager
    def _switched_to(self, adapter: str | None) -> Iterator[Any]:
        if len(self._adapters) == 1:
            yield self._model
        elif adapter is None:
            with self._model.disable_adapter():
                yield self._model
        else:
            if self._model.active_adapter != adapter:
                self._model.set_adapter(adapter)
            yield self._model

    def _end_tokens(self) -> frozenset[int]:
        configured = self._base.model.generation_config.eos_token_id
        listed = configured if isinstance(configured, list) else [configured]
        return frozenset(token for token in [*listed, self._base.tokenizer.eos_token_id] if token is not None)
