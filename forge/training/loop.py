"""The training loop: steps, validations, checkpoints, and an answer to everything that can go wrong in between.

A recipe brings what is its own (`Trainee`: what is trained, the loss, the adapter's files); the loop brings the order of
things. Everything a step depends on is a function of seed, step and the checkpoint, so a run that was killed, paused or
moved computes the same bits as one that was not. docs/training.md tells the method in plain words.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import Parameter

from forge.errors import CheckpointInvalid, LossExploded, LossNotFinite, LossZero, OutOfMemory
from forge.training import checkpoint
from forge.training.checkpoint import Best, State, name_of
from forge.training.disk import Room, checkpoint_bytes
from forge.training.memory import give_back, is_out_of_memory
from forge.training.optim import adamw, clip
from forge.training.random_states import put_back, random_states
from forge.training.schedule import learning_rate
from forge.training.sentinels import Alarm, Sentinels, not_finite
from forge.training.shelf import FOLDER, Shelf
from forge.training.speed import Speed
from protocol.jobs import Envelope
from protocol.process import Report, StopFlag, Stopped
from protocol.training import TrainingConfig

#: A run goes back so often; a second explosion at half the learning rate is the configuration's fault.
ROLLBACKS = 1
#: What a run that went back multiplies its learning rate with.
SLOWER = 0.5
#: Tokens of a pass without gradients.
MEASURED_TOKENS = 2048

#: A step of the plan: the epoch after it, and the numbers of its rows.
PlannedStep = tuple[float, list[int]]


@dataclass(frozen=True)
class Passed:
    """One pass: its share of what the step minimises, with a graph; and plain sums over its trained tokens."""

    total: Tensor
    nats: float
    right: float
    n_tokens: int
    n_trained: int


@dataclass(frozen=True)
class Measured:
    """A validation: loss in nats per trained token, share of right guesses, number of trained tokens."""

    loss: float
    accuracy: float
    n_tokens: int


class Trainee(Protocol):
    """What is trained, as its recipe brings it."""

    parameters: dict[str, Parameter]
    device: torch.device

    def n_trained(self, rows: list[int]) -> int:
        """Tokens of these rows that carry loss."""
        ...

    def n_tokens(self, rows: list[int]) -> int:
        """Tokens of these rows."""
        ...

    def passes(self, rows: list[int], limit: int) -> list[list[int]]:
        """The rows of a step in passes of up to `limit` tokens; a longer row has a pass for itself."""
        ...

    def forward(self, rows: list[int], n_trained: int) -> Passed:
        """One pass over some rows of a step that has `n_trained` tokens that carry loss."""
        ...

    def validate(self, limit: int) -> Measured | None:
        """Measure the validation rows in passes of up to `limit` tokens; None when there are none."""
        ...

    def complete(self, adapter: Path) -> None:
        """Write into a folder of trained weights what else makes them an adapter that can be served."""
        ...


@dataclass(frozen=True)
class Sums:
    """A whole step's losses. `total` is what was minimised, `cross_entropy` in nats per trained token."""

    total: float
    cross_entropy: float
    accuracy: float
    n_tokens: int
    n_trained: int


class Loop:
    """One attempt at a run."""

    def __init__(
        self,
        envelope: Envelope,
        config: TrainingConfig,
        trainee: Trainee,
        steps: list[PlannedStep],
        report: Report,
        stop: StopFlag,
    ) -> None:
        self.config = config
        self.trainee = trainee
        self.steps = steps
        self.report = report
        self.stop = stop
        self.optimizer = adamw(
            trainee.parameters.values(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self.state = State(pass_tokens=config.pass_tokens or config.batch_tokens)
        self.sentinels = Sentinels(patience=config.stop_patience, min_delta=config.stop_min_delta)
        self.shelf = Shelf(Path(envelope.workdir), report)
        self.room = Room(Path(envelope.workdir), envelope.min_free_bytes)
        self.speed = Speed()
        self._measured_tokens = MEASURED_TOKENS
        self._resume_from = Path(envelope.resume_from) if envelope.resume_from else None

    @property
    def evaluate_every(self) -> int:
        """Steps between validations; early stopping needs some."""
        config = self.config
        return config.evaluate_every or (config.checkpoint_every if config.stop_patience else 0)

    @property
    def checkpoint_bytes(self) -> int:
        """What one checkpoint of this run takes at most."""
        return checkpoint_bytes(self.trainee.parameters.values(), len(self.steps))

    def begin(self) -> int | None:
        """Be where the newest sound checkpoint was; its step, or None at the start. Raises DiskFull.

        The first checkpoint is written before the first step: a disk that takes none is known at once, and a run that
        goes wrong before the second one has something to go back to.
        """
        # The newest ones, the best, the one to go back to, and one that is being written.
        self.room.require(self.checkpoint_bytes * (self.config.keep_checkpoints + 3))
        if self._resume_from is not None and self._go_on_from(self._resume_from):
            return self.state.step
        self._put_aside(proven=True, told=False)
        return None

    def train(self) -> State:
        """All steps that are left. Raises Stopped, DiskFull, OutOfMemory, LossNotFinite, LossExploded, LossZero."""
        self._try_longest()
        alarm = self._measure() if self.state.valid_loss is None else None
        while alarm or self.state.step < len(self.steps):
            if alarm is None:
                alarm = self._step() or self._settle()
            elif alarm.kind == "plateau":
                self._end_early(alarm)
                return self.state
            else:
                self._answer(alarm)
                alarm = None
        if self.config.stop_patience:
            self._take_best()
        return self.state

    def _step(self) -> Alarm | None:
        """One optimizer step; what a sentinel says of it. After an alarm about NaN the weights are as before."""
        number = self.state.step + 1
        epoch, rows = self.steps[number - 1]
        sums = self._gradient(number, rows)
        norm = clip(self.trainee.parameters.values(), self.config.max_grad_norm)
        if alarm := not_finite(sums.total, norm):
            self.optimizer.zero_grad(set_to_none=True)
            return alarm
        rate = self._rate(number)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self._record(number, epoch, rate, norm, sums)
        alarm = self.sentinels.see_step(sums.cross_entropy)
        # The loss of this step is that of the weights before it.
        if self.sentinels.calm:
            self.state.anchor = self.state.unproven or self.state.anchor
        self.state.unproven = ""
        return alarm

    def _rate(self, number: int) -> float:
        config = self.config
        planned = learning_rate(
            number,
            len(self.steps),
            peak=config.learning_rate,
            warmup_share=config.warmup_share,
            min_share=config.min_lr_share,
        )
        return planned * self.state.lr_scale

    def _gradient(self, number: int, rows: list[int]) -> Sums:
        """The gradient of a step, in as many passes as memory makes necessary."""
        before = random_states()
        while True:
            passes = self.trainee.passes(rows, self.state.pass_tokens)
            try:
                return self._accumulate(rows, passes)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
            # Out here: while an error is being handled, its traceback holds every tensor of the failed pass.
            self.optimizer.zero_grad(set_to_none=True)
            give_back()
            put_back(before)
            self._less(number, rows, passes)

    def _accumulate(self, rows: list[int], passes: list[list[int]]) -> Sums:
        n_trained = self.trainee.n_trained(rows)
        total = nats = right = 0.0
        n_tokens = 0
        for some in passes:
            passed = self.trainee.forward(some, n_trained)
            passed.total.backward()
            total += float(passed.total.detach())
            nats += passed.nats
            right += passed.right
            n_tokens += passed.n_tokens
        return Sums(total, nats / n_trained, right / n_trained, n_tokens, n_trained)

    def _less(self, number: int, rows: list[int], passes: list[list[int]]) -> None:
        """Halve the passes until this step has more of them. Raises OutOfMemory when each is a single row by now."""
        tried = self.state.pass_tokens
        largest = max(self.trainee.n_tokens(some) for some in passes)
        if all(len(some) == 1 for some in passes):
            self._say("out_of_memory", number, "pass_tokens", largest, None, "failed")
            raise OutOfMemory(
                device=str(self.trainee.device), tokens=largest, where=f"with one row of {largest} tokens"
            )
        while len(self.trainee.passes(rows, self.state.pass_tokens)) <= len(passes):
            self.state.pass_tokens //= 2
        self._say("out_of_memory", number, "pass_tokens", tried, self.state.pass_tokens, "smaller_passes")

    def _try_longest(self) -> None:
        """Make the steps that take most memory, without taking them, so that a lack of it shows in the first seconds."""
        before = random_states()
        rows = [rows for _, rows in self.steps]
        # Activations grow with a step's tokens, logits with those that carry loss.
        hardest = [max(rows, key=self.trainee.n_tokens), max(rows, key=self.trainee.n_trained)]
        # The optimizer's moments are made in the first step and stay.
        moments = [torch.empty_like(value) for value in self.trainee.parameters.values() for _ in range(2)]
        for step in hardest if hardest[0] != hardest[1] else hardest[:1]:
            self._gradient(0, step)
            self.optimizer.zero_grad(set_to_none=True)
        del moments
        put_back(before)

    def _record(self, number: int, epoch: float, rate: float, norm: float, sums: Sums) -> None:
        """Count a step and say it."""
        state = self.state
        self.speed.took(sums.n_tokens)
        state.step = number
        state.tokens += sums.n_tokens
        state.trained_tokens += sums.n_trained
        state.train_loss = sums.cross_entropy
        self._put(number, train_loss=sums.cross_entropy, train_accuracy=sums.accuracy)
        self.report.say(
            "step",
            step=number,
            steps=len(self.steps),
            epoch=epoch,
            train_loss=sums.cross_entropy,
            train_accuracy=sums.accuracy,
            lr=rate,
            grad_norm=norm,
            tokens_per_s=self.speed.tokens_per_s,
            tokens=state.tokens,
            trained_tokens=state.trained_tokens,
            eta_s=self.speed.eta_s(len(self.steps) - number),
        )

    def _put(self, step: int, **figures: float) -> None:
        self.state.curve.setdefault(step, {}).update(figures)

    def _settle(self) -> Alarm | None:
        """What is due after a step: validation, checkpoint, rest. Raises Stopped when it was asked for."""
        step, best = self.state.step, self.state.best
        if step == len(self.steps):
            return self._finish()
        every = self.evaluate_every
        alarm = self._measure() if every and step % every == 0 else None
        if alarm is not None and alarm.kind == "not_finite":
            return alarm
        # Both are functions of the step alone: a run that was paused in between has the same.
        regular = step % self.config.checkpoint_every == 0 or self.state.best != best
        stopping = bool(self.stop) and alarm is None
        if regular or stopping:
            self._put_aside(regular=regular)
        if stopping:
            raise Stopped
        return alarm

    def _finish(self) -> Alarm | None:
        """Measure the last weights and put them aside: a run always leaves a checkpoint, however short it was."""
        alarm = self._measure()
        if alarm is None:
            self._put_aside(regular=True)
        return alarm

    def _measure(self) -> Alarm | None:
        """Measure the validation rows; an alarm when they are no better for too long."""
        measured = self._validated()
        if measured is None:
            return None
        if not math.isfinite(measured.loss):
            return Alarm("not_finite", "valid_loss", measured.loss)
        state = self.state
        state.valid_loss = measured.loss
        self._put(state.step, valid_loss=measured.loss, valid_accuracy=measured.accuracy)
        self.report.say(
            "evaluated",
            step=state.step,
            valid_loss=measured.loss,
            valid_accuracy=measured.accuracy,
            n_tokens=measured.n_tokens,
        )
        # Without an interval there is nothing to compare, and after the last step nothing to choose for.
        if not self.evaluate_every or state.step == len(self.steps):
            return None
        if state.best is None or measured.loss < state.best.valid_loss:
            state.best = Best(state.step, measured.loss, name_of(state.step, state.rollbacks))
        return self.sentinels.plateau.see(measured.loss)

    def _validated(self) -> Measured | None:
        """The validation, in smaller passes where memory runs out. Raises OutOfMemory."""
        while True:
            limit = self._measured_tokens
            try:
                return self.trainee.validate(limit)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
            give_back()
            if limit == 1:
                raise OutOfMemory(
                    device=str(self.trainee.device), tokens=1, where="in validation, row by row"
                )
            self._measured_tokens //= 2
            self._say(
                "out_of_memory",
                self.state.step,
                "pass_tokens",
                limit,
                self._measured_tokens,
                "smaller_passes",
            )

    def _answer(self, alarm: Alarm) -> None:
        """Go back once with a smaller learning rate where that may help. Raises the alarm's error where it may not."""
        made = alarm.kind == "exploding" or alarm.kind == "zero_loss" or alarm.watched == "valid_loss"
        number = self.state.step if made else self.state.step + 1
        if alarm.kind != "zero_loss" and self.state.rollbacks < ROLLBACKS and self._roll_back(alarm, number):
            return
        self._alarmed(alarm, number, "failed")
        raise error_of(alarm, number)

    def _roll_back(self, alarm: Alarm, number: int) -> bool:
        """Be at the last good checkpoint, with a smaller learning rate; whether there was one."""
        rollbacks, scale, pass_tokens = self.state.rollbacks, self.state.lr_scale, self.state.pass_tokens
        if self._restore(self.shelf.folder / self.state.anchor) is None:
            return False
        state = self.state
        state.rollbacks, state.lr_scale = rollbacks + 1, scale * SLOWER
        state.pass_tokens = min(pass_tokens, state.pass_tokens)
        self._alarmed(alarm, number, "rolled_back", to_step=state.step, lr_scale=state.lr_scale)
        # From here on the run is another one: whoever goes on from it shall know.
        self._put_aside(proven=True)
        return True

    def _end_early(self, alarm: Alarm) -> None:
        """The run ends well, with the best weights it had."""
        best = self.state.best
        facts: dict[str, int | float] = {"best_step": best.step, "best_loss": best.valid_loss} if best else {}
        self._alarmed(alarm, self.state.step, "stopped", **facts)
        self._take_best()

    def _take_best(self) -> None:
        """Have the weights of the lowest validation loss; the last ones where the checkpoint with them is gone."""
        best, state = self.state.best, self.state
        if best is None or state.valid_loss is None or state.valid_loss <= best.valid_loss:
            return
        folder = self.shelf.find(best.checkpoint)
        if folder is None:
            message = f"The checkpoint of step {best.step}, the best one, is gone; the last weights are kept."
            self.report.say("warned", code=CheckpointInvalid.code.value, message=message)
            return
        checkpoint.restore_weights(folder, self.trainee.parameters)
        state.valid_loss = best.valid_loss
        state.kept_step = best.step

    def _go_on_from(self, first: Path) -> bool:
        """Go on from this checkpoint, or from the first sound one before it; whether there was one."""
        folder = self._restore(first)
        if folder is None:
            message = "No sound checkpoint is left: the run starts anew."
            self.report.say("warned", code=CheckpointInvalid.code.value, message=message)
            return False
        best = self.state.best
        for name in {self.state.anchor, best.checkpoint if best else ""} - {"", folder.name}:
            if found := self.shelf.find(name):
                self.shelf.adopt(found)
            elif name == self.state.anchor:
                # A run that was given one checkpoint of another has nothing else to go back to.
                self.state.anchor = folder.name
        # Said once more, since it is this attempt's now: whoever comes next looks here and nowhere else.
        self._say_checkpoint(self.shelf.adopt(folder))
        return True

    def _restore(self, first: Path) -> Path | None:
        """Be where the first sound checkpoint was, from this one on backwards; it, or None when there is none."""
        for folder in self.shelf.sound(first):
            try:
                self.state = checkpoint.restore(folder, self.trainee.parameters, self.optimizer)
            except CheckpointInvalid as unsound:
                self.shelf.set_aside(folder, unsound)
                continue
            self.sentinels.recall(self.state.seen)
            return folder
        return None

    def _put_aside(self, *, regular: bool = False, proven: bool = False, told: bool = True) -> None:
        """Write a checkpoint, say it, remove what is too many.

        A regular one is made at the same step in every run, so it is one to go back to once the next step has proved it.
        """
        state = self.state
        name = name_of(state.step, state.rollbacks)
        if proven:
            state.anchor = name
        elif regular and self.sentinels.calm:
            state.unproven = name
        state.seen = self.sentinels.seen()
        with self.room.writing(self.checkpoint_bytes):
            saved = checkpoint.save(
                self.shelf.folder, self.trainee.parameters, self.optimizer, state, self.trainee.complete
            )
        if told:
            self._say_checkpoint(saved.path)
        # Only now: until it was said, the one before it is what the studio knows.
        self.shelf.keep(
            self.config.keep_checkpoints, {state.anchor, state.best.checkpoint if state.best else ""}
        )

    def _say_checkpoint(self, folder: Path) -> None:
        saved = checkpoint.described(folder)
        self.report.say(
            "checkpoint",
            step=self.state.step,
            path=f"{FOLDER}/{folder.name}",
            sha256=saved.sha256,
            size_bytes=saved.size_bytes,
            train_loss=self.state.train_loss,
            valid_loss=self.state.valid_loss,
        )
        self.report.sync()

    def _alarmed(self, alarm: Alarm, step: int, action: str, **facts: int | float) -> None:
        self._say(alarm.kind, step, alarm.watched, alarm.value, alarm.limit, action, **facts)

    def _say(
        self,
        kind: str,
        step: int,
        watched: str,
        value: float,
        limit: float | None,
        action: str,
        **facts: int | float,
    ) -> None:
        self.report.say(
            "sentinel",
            kind=kind,
            step=step,
            watched=watched,
            value=value if math.isfinite(value) else None,
            limit=limit,
            action=action,
            facts=facts,
        )


def error_of(alarm: Alarm, step: int) -> LossNotFinite | LossExploded | LossZero:
    """The error that an alarm ends a run with."""
    match alarm.kind:
        case "not_finite":
            what = {"loss": "loss", "grad_norm": "gradient norm", "valid_loss": "validation loss"}[
                alarm.watched
            ]
            return LossNotFinite(what=what, step=step, value=alarm.value)
        case "exploding":
            return LossExploded(step=step, value=alarm.value, limit=alarm.limit)
        case _:
            return LossZero(step=step, value=alarm.value)
