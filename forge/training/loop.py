"""The training loop: steps, validations, checkpoints, and an answer to everything that can go wrong in between.

A recipe brings what is its own (`Trainee`: what is trained, the loss, the adapter's files); the loop brings the order of
things. Everything a step depends on is a function of seed, step and the checkpoint, so a run that was killed, paused or
moved computes the same bits as one that was not. docs/training.md tells the method in plain words.
"""

import math
from pathlib import Path

from forge.errors import CheckpointInvalid
from forge.training import checkpoint
from forge.training.alarms import error_of, say_sentinel
from forge.training.checkpoint import Best, State, name_of
from forge.training.disk import Room, checkpoint_bytes
from forge.training.optim import adamw, clip
from forge.training.passes import Passes, PlannedStep, Sums
from forge.training.schedule import learning_rate
from forge.training.sentinels import Alarm, Sentinels, not_finite
from forge.training.shelf import FOLDER, Shelf
from forge.training.speed import Speed
from forge.training.trainee import Trainee
from protocol.jobs import Envelope
from protocol.process import Report, StopFlag, Stopped
from protocol.training import TrainingConfig

#: A run goes back so often; a second explosion at half the learning rate is the configuration's fault.
ROLLBACKS = 1
#: What a run that went back multiplies its learning rate with.
SLOWER = 0.5


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
        self.passes = Passes(trainee, self.optimizer, report)
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
        self.passes.try_longest(self.steps, self.state)
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
        sums = self.passes.gradient(number, rows, self.state)
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
        measured = self.passes.validated(self.state.step)
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
        say_sentinel(self.report, alarm.kind, step, alarm.watched, alarm.value, alarm.limit, action, **facts)
