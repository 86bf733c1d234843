"""A run that is killed, paused, damaged or out of something ends as an undisturbed one, or says why not."""

import json
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from torch import Tensor

from forge.errors import LossExploded, LossNotFinite, LossZero, OutOfMemory
from forge.files import sha256_file
from forge.models.hub import load_base
from forge.recipes import lora
from forge.training import checkpoint, disk, loop
from forge.training.loop import Loop
from forge.training.sentinels import Exploding, Sentinels
from forge.training.trainee import Measured, Passed
from protocol.errors import DiskFull
from protocol.jobs import Envelope, ExitCode
from protocol.process import StopFlag, Stopped
from tests.forge.conftest import Make, run, said, start, weights
from tests.forge.test_checkpoint import flip


class StopAt(StopFlag):
    """Set once the run has said this step."""

    def __init__(self, envelope: Envelope, step: int) -> None:
        super().__init__()
        self._envelope, self._step = envelope, step

    def __bool__(self) -> bool:
        return any(event["step"] >= self._step for event in said(self._envelope, "step"))


def paused(envelope: Envelope, step: int) -> Path:
    """Run to this step, as somebody pauses there; the checkpoint it left."""
    with pytest.raises(Stopped):
        run(envelope, StopAt(envelope, step))
    return newest(envelope)


def newest(envelope: Envelope) -> Path:
    """The checkpoint that the studio's row points to."""
    return Path(envelope.workdir) / said(envelope, "checkpoint")[-1]["path"]


def kept(envelope: Envelope) -> set[str]:
    return {path.name for path in (Path(envelope.workdir) / "checkpoints").iterdir()}


def losses(*envelopes: Envelope) -> list[float]:
    """The training loss of each step, as the last of the attempts computed it."""
    found = {event["step"]: event["train_loss"] for each in envelopes for event in said(each, "step")}
    return [found[step] for step in sorted(found)]


def metrics(envelope: Envelope) -> bytes:
    return (Path(envelope.workdir) / "output/metrics.csv").read_bytes()


def sentinels(envelope: Envelope) -> list[tuple[str, int, str]]:
    return [(event["kind"], event["step"], event["action"]) for event in said(envelope, "sentinel")]


# Kills and pauses


@pytest.mark.slow
def test_a_run_that_is_killed_five_times_ends_with_the_bits_of_an_undisturbed_one(training: Make) -> None:
    settings: dict[str, Any] = {"epochs": 5, "dropout": 0.1, "evaluate_every": 6, "stop_patience": 50}
    undisturbed = training("undisturbed", **settings)
    whole = start("train", undisturbed)
    seed = random.randrange(10**6)
    draw = random.Random(seed)
    resume: Path | None = None
    attempts: list[Envelope] = []
    for number in range(1, 6):
        attempts.append(training("killed", attempt=number, resume=resume, **settings))
        process = start("train", attempts[-1])
        after, end = draw.randrange(1, 9), time.monotonic() + 90
        while len(said(attempts[-1], "step")) < after:
            assert time.monotonic() < end
            assert process.poll() is None, f"seed {seed}"
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if said(attempts[-1], "checkpoint"):
            resume = newest(attempts[-1])
    attempts.append(training("killed", attempt=6, resume=resume, **settings))

    assert start("train", attempts[-1]).wait(120) == ExitCode.OK
    assert whole.wait(120) == ExitCode.OK

    assert losses(*attempts) == losses(undisturbed), f"seed {seed}"
    assert weights(attempts[-1]) == weights(undisturbed), f"seed {seed}"
    assert metrics(attempts[-1]) == metrics(undisturbed)


def test_a_run_that_is_paused_goes_on_to_the_same_bits(training: Make) -> None:
    undisturbed = run(training("undisturbed", dropout=0.1))
    at = paused(training("paused", dropout=0.1), 5)

    resumed = run(training("paused", attempt=2, resume=at, dropout=0.1))

    assert said(resumed, "started")[0]["resumed_step"] == 5
    assert losses(resumed) == losses(undisturbed)[5:]
    assert weights(resumed) == weights(undisturbed)
    assert metrics(resumed) == metrics(undisturbed)


def test_a_pause_leaves_an_adapter_that_can_be_served(training: Make) -> None:
    envelope = training("paused")
    at = paused(envelope, 5)
    base = load_base(envelope.spec.base)  # type: ignore[union-attr]
    ids = torch.tensor([[5, 6, 7]])
    plain = base.model(ids).logits

    tuned = PeftModel.from_pretrained(base.model, str(at / "adapter"))

    checkpoint.verify(at)
    assert at.name == "step-5"
    assert not torch.allclose(tuned(ids).logits, plain)
    assert (
        json.loads((at / "adapter/adapter_config.json").read_text())["base_model_name_or_path"]
        == "tiny-llama"
    )


@pytest.mark.slow
def test_sigterm_ends_the_process_as_stopped_with_a_sound_checkpoint(training: Make) -> None:
    envelope = training("asked", epochs=30)
    process = start("train", envelope)
    end = time.monotonic() + 60
    while len(said(envelope, "step")) < 2:
        assert time.monotonic() < end
        time.sleep(0.005)

    process.send_signal(signal.SIGTERM)

    assert process.wait(60) == ExitCode.STOPPED
    last = said(envelope)[-1]
    assert last["type"] == "checkpoint"
    assert last["step"] == said(envelope, "step")[-1]["step"]
    checkpoint.verify(newest(envelope))


def test_the_last_word_of_peft_and_ours_are_the_same_adapter(training: Make, tmp_path: Path) -> None:
    envelope = training("plain")
    loaded = lora.load(envelope.spec)  # type: ignore[arg-type]
    trainee = lora.LoraTrainee(envelope.spec, loaded, lora.prepare(envelope.spec))  # type: ignore[arg-type]
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"

    checkpoint.write_weights(ours, loaded.parameters)
    trainee.complete(ours)
    loaded.model.save_pretrained(str(theirs))

    name = "adapter_model.safetensors"
    assert sha256_file(ours / name) == sha256_file(theirs / name)
    mine, peft = (json.loads((each / "adapter_config.json").read_text()) for each in (ours, theirs))
    assert mine | {"base_model_name_or_path": "", "target_modules": []} == peft | {
        "base_model_name_or_path": "",
        "target_modules": [],
    }


# Damage


def damaged(training: Make, name: str, damage: Callable[[Path], None]) -> tuple[Envelope, Envelope]:
    """A run paused at step 9, some of its checkpoints damaged, and what went on from it."""
    first = training(name)
    at = paused(first, 9)
    damage(at.parent)
    return first, run(training(name, attempt=2, resume=at))


def test_a_damaged_newest_checkpoint_is_set_aside_and_the_one_before_it_used(training: Make) -> None:
    undisturbed = run(training("undisturbed"))

    first, second = damaged(
        training, "damaged", lambda folder: flip(folder / "step-9/adapter/adapter_model.safetensors")
    )

    (event,) = said(second, "set_aside")
    assert (event["path"], event["kept_as"]) == ("1/checkpoints/step-9", "1/checkpoints/unsound-step-9")
    assert event["files"] == ["adapter/adapter_model.safetensors"]
    assert "unsound-step-9" in kept(first)
    assert said(second, "started")[0]["resumed_step"] == 8
    assert said(second, "checkpoint")[0]["path"] == "checkpoints/step-8"
    assert weights(second) == weights(undisturbed)
    assert metrics(second) == metrics(undisturbed)


def test_without_a_sound_checkpoint_the_run_starts_anew_and_says_so(training: Make) -> None:
    undisturbed = run(training("undisturbed"))

    def all_of_them(folder: Path) -> None:
        for each in folder.glob("step-*"):
            (each / "state.json").write_bytes(b"")

    _, second = damaged(training, "all", all_of_them)

    assert {event["files"][0] for event in said(second, "set_aside")} == {"state.json"}
    assert [event["message"] for event in said(second, "warned")] == [
        "No sound checkpoint is left: the run starts anew."
    ]
    assert said(second, "started")[0]["resumed_step"] is None
    assert weights(second) == weights(undisturbed)


def test_the_newest_and_the_best_checkpoint_are_kept(training: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    spiking(monkeypatch, at=9, rate=1.0)
    envelope = run(training("kept", evaluate_every=2, epochs=1, keep_checkpoints=1))

    valid = {event["step"]: event["valid_loss"] for event in said(envelope, "evaluated")}
    del valid[max(valid)]
    best = min(valid, key=lambda step: valid[step])
    *_, before, last = (event["step"] for event in said(envelope, "checkpoint"))
    assert best < before
    assert last == said(envelope, "step")[-1]["step"]
    # The newest, the best, and the one to go back to: no step has proved the newest yet.
    assert kept(envelope) == {f"step-{best}", f"step-{before}", f"step-{last}"}
    assert best < last - 4


# The disk


def test_a_disk_without_room_is_found_before_the_first_step(training: Make) -> None:
    envelope = training("full").model_copy(update={"min_free_bytes": 2**60})

    process = start("train", envelope)

    assert process.wait(60) == ExitCode.FAILED
    (failed,) = said(envelope)
    assert (failed["code"], failed["permanent"]) == ("disk_full", False)
    assert failed["data"]["needed_bytes"] > 2**60 > failed["data"]["free_bytes"] > 0
    assert kept(envelope) == set()


def test_a_disk_that_fills_up_ends_the_run_before_it_writes(
    training: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    envelope = training("fills")
    usage = disk.shutil.disk_usage

    def later_full(folder: Path) -> Any:
        free = 1000 if len(said(envelope, "step")) >= 8 else usage(folder).free
        return type("Usage", (), {"free": free})

    monkeypatch.setattr(disk.shutil, "disk_usage", later_full)

    with pytest.raises(DiskFull) as full:
        run(envelope)

    assert full.value.data["free_bytes"] == 1000
    assert full.value.data["needed_bytes"] > envelope.min_free_bytes
    assert not full.value.permanent
    assert newest(envelope).name == "step-4"
    checkpoint.verify(newest(envelope))


def test_a_disk_that_is_full_in_the_middle_leaves_the_last_good_checkpoint_and_no_half_one(
    training: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = run(training("undisturbed"))
    envelope = training("middle")
    write = checkpoint.write_json

    def refused(path: Path, value: object) -> None:
        # The kernel itself says "no space left" of this one.
        write(Path("/dev/full") if len(said(envelope, "step")) >= 8 else path, value)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "write_json", refused)
        with pytest.raises(DiskFull, match="free some, then it goes on"):
            run(envelope)

    assert kept(envelope) == {"step-0", "step-4"}
    resumed = run(training("middle", attempt=2, resume=newest(envelope)))
    assert weights(resumed) == weights(undisturbed)


def test_a_full_disk_by_the_words_of_safetensors_is_a_full_disk(tmp_path: Path) -> None:
    room = disk.Room(tmp_path, 0)
    words = "Error while serializing: I/O error: No space left on device (os error 28)"

    with pytest.raises(DiskFull), room.writing(10):
        raise disk.SafetensorError(words)
    with pytest.raises(disk.SafetensorError), room.writing(10):
        raise disk.SafetensorError("header too large")
    with pytest.raises(PermissionError), room.writing(10):
        raise PermissionError(13, "denied")


def test_a_checkpoint_takes_no_more_than_was_estimated(training: Make) -> None:
    envelope = run(training("estimate", rank=64))
    loaded = lora.load(envelope.spec)  # type: ignore[arg-type]
    size = sum(path.stat().st_size for path in newest(envelope).rglob("*") if path.is_file())

    estimate = disk.checkpoint_bytes(loaded.parameters.values(), said(envelope, "step")[0]["steps"])

    assert 0.5 * estimate < size < estimate


# Sentinels


def spiking(
    monkeypatch: pytest.MonkeyPatch, *, at: int, rate: float, rollbacks: tuple[int, ...] = (0,)
) -> None:
    """A learning rate that is far too high at one step, as long as the run went back so often."""
    planned = Loop._rate

    def spike(self: Loop, number: int) -> float:
        hit = number == at and self.state.rollbacks in rollbacks
        return rate if hit else planned(self, number)

    monkeypatch.setattr(Loop, "_rate", spike)


def finer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny model guesses evenly whatever is done to it, so its loss cannot multiply: let less be an explosion."""
    monkeypatch.setattr(
        loop,
        "Sentinels",
        lambda **settings: Sentinels(**settings, exploding=Exploding(factor=1.0, margin=0.05)),
    )


def test_a_loss_that_is_no_number_sends_the_run_back_once_with_half_the_rate(
    training: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    spiking(monkeypatch, at=6, rate=1e30)

    envelope = run(training("nan"))

    (event,) = said(envelope, "sentinel")
    assert sentinels(envelope) == [("not_finite", 7, "rolled_back")]
    assert event["value"] is None
    assert event["facts"] == {"to_step": 4, "lr_scale": 0.5}
    steps = said(envelope, "step")
    assert [step["step"] for step in steps] == [1, 2, 3, 4, 5, 6, 5, *range(6, steps[0]["steps"] + 1)]
    first, again = (step["lr"] for step in steps if step["step"] == 5)
    assert again == first / 2
    assert said(envelope, "finished")
    assert "nan" not in metrics(envelope).decode()


def test_a_loss_that_is_no_number_again_fails_for_good_with_its_numbers(
    training: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    spiking(monkeypatch, at=6, rate=1e30, rollbacks=(0, 1))
    envelope = training("nan")

    with pytest.raises(LossNotFinite, match="The loss at step 7 is nan") as failed:
        run(envelope)

    assert failed.value.permanent
    assert sentinels(envelope) == [("not_finite", 7, "rolled_back"), ("not_finite", 7, "failed")]


def test_a_run_that_goes_wrong_before_its_first_checkpoint_goes_back_to_its_start(
    training: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    spiking(monkeypatch, at=1, rate=1e30)

    envelope = run(training("early"))

    assert said(envelope, "sentinel")[0]["facts"]["to_step"] == 0
    assert said(envelope, "finished")


def test_an_exploding_loss_is_stopped_within_three_steps_and_the_run_goes_back(
    training: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    finer(monkeypatch)
    spiking(monkeypatch, at=7, rate=30.0)

    envelope = run(training("explodes", learning_rate=1e-3, epochs=1))

    (event,) = said(envelope, "sentinel")
    assert sentinels(envelope) == [("exploding", 10, "rolled_back")]
    assert event["value"] > event["limit"] > 0
    # Step 8 has a checkpoint of its own, but the loss was bad already: that is no state to go back to.
    assert event["facts"]["to_step"] == 4
    assert losses(envelope)[-1] < losses(envelope)[0] + 0.5


def test_a_loss_that_explodes_again_fails_for_good_with_its_numbers(
    training: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    finer(monkeypatch)
    spiking(monkeypatch, at=7, rate=30.0, rollbacks=(0, 1))

    with pytest.raises(LossExploded, match=r"The loss at step 1\d is \d.*, its limit was \d") as failed:
        run(training("explodes", learning_rate=5e-3, epochs=1))

    assert failed.value.data["value"] > failed.value.data["limit"]


@pytest.mark.parametrize("step", [3, 5, 8, 9])
def test_a_run_that_went_back_is_the_same_when_it_is_paused(
    training: Make, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    finer(monkeypatch)
    spiking(monkeypatch, at=7, rate=30.0)
    settings = {"learning_rate": 1e-3, "epochs": 1}
    undisturbed = run(training("undisturbed", **settings))
    first = training("paused", **settings)

    at = paused(first, step)
    second = training("paused", attempt=2, resume=at, **settings)
    between = paused(second, 11)
    resumed = run(training("paused", attempt=3, resume=between, **settings))

    assert said(first, "sentinel") == []
    assert [event["facts"] for event in said(second, "sentinel")] == [{"to_step": 4, "lr_scale": 0.5}]
    assert weights(resumed) == weights(undisturbed)
    assert metrics(resumed) == metrics(undisturbed)


def test_a_checkpoint_whose_own_weights_are_bad_is_not_gone_back_to(
    training: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    spiking(monkeypatch, at=8, rate=1e30)

    envelope = run(training("bad"))

    assert [event["step"] for event in said(envelope, "checkpoint")][:3] == [4, 8, 4]
    assert sentinels(envelope) == [("not_finite", 9, "rolled_back")]
    assert said(envelope, "sentinel")[0]["facts"]["to_step"] == 4
    assert said(envelope, "finished")


def test_a_run_that_was_given_one_checkpoint_goes_back_to_that(
    training: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    spiking(monkeypatch, at=8, rate=1e30)
    origin = paused(training("origin"), 6)
    envelope = training("given", attempt=1)
    given = Path(envelope.workdir).parent / "0/checkpoints/step-6"
    shutil.copytree(origin, given)

    run(envelope.model_copy(update={"resume_from": str(given)}))

    assert said(envelope, "started")[0]["resumed_step"] == 6
    assert said(envelope, "sentinel")[0]["facts"]["to_step"] == 6
    assert said(envelope, "set_aside") == []
    assert said(envelope, "finished")


def test_a_loss_of_zero_fails_within_three_steps(training: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    original = lora.loss

    def nothing(*args: Any) -> Passed:
        passed = original(*args)
        return Passed(passed.total * 0, 0.0, passed.right, passed.n_tokens, passed.n_trained)

    monkeypatch.setattr(lora, "loss", nothing)
    envelope = training("zero")

    with pytest.raises(LossZero, match="up to step 3"):
        run(envelope)

    assert sentinels(envelope) == [("zero_loss", 3, "failed")]


def test_a_plateau_ends_the_run_well_with_the_best_weights(
    training: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    spiking(monkeypatch, at=5, rate=1.0)
    envelope = run(training("plateau", epochs=8, evaluate_every=2, stop_patience=2, keep_checkpoints=1))

    (event,) = said(envelope, "sentinel")
    assert sentinels(envelope) == [("plateau", 8, "stopped")]
    assert event["facts"]["best_step"] == 4
    summary = said(envelope, "finished")[0]["summary"]
    assert (summary["steps"], summary["kept_step"]) == (8, 4)
    assert summary["valid_loss"] == event["facts"]["best_loss"] < event["value"]
    best = Path(envelope.workdir) / "checkpoints/step-4/adapter/adapter_model.safetensors"
    assert weights(envelope) == sha256_file(best)


def test_a_plateau_is_the_same_when_the_run_is_paused_before_it(
    training: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    spiking(monkeypatch, at=5, rate=1.0)
    settings = {"epochs": 8, "evaluate_every": 2, "stop_patience": 2, "keep_checkpoints": 1}
    undisturbed = run(training("undisturbed", **settings))
    at = paused(training("paused", **settings), 7)

    resumed = run(training("paused", attempt=2, resume=at, **settings))

    assert sentinels(resumed) == [("plateau", 8, "stopped")]
    assert weights(resumed) == weights(undisturbed)


def test_early_stopping_without_an_interval_validates_at_every_checkpoint(training: Make) -> None:
    envelope = run(training("interval", stop_patience=1, stop_min_delta=10))

    assert [event["step"] for event in said(envelope, "evaluated")] == [0, 4]
    assert sentinels(envelope) == [("plateau", 4, "stopped")]


# Memory


def poor(monkeypatch: pytest.MonkeyPatch, fits: Callable[[lora.Batch], bool], error: Exception) -> None:
    """A device whose memory ends in the backward pass of a batch that does not fit."""
    original = lora.loss

    class Ends(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, value: Tensor) -> Tensor:
            return value.clone()

        @staticmethod
        def backward(ctx: Any, slope: Tensor) -> Tensor:
            raise error

    def checked(loaded: lora.Loaded, batch: lora.Batch, *rest: Any) -> Passed:
        passed = original(loaded, batch, *rest)
        if fits(batch) or not torch.is_grad_enabled():
            return passed
        total = Ends.apply(passed.total)
        return Passed(total, passed.nats, passed.right, passed.n_tokens, passed.n_trained)

    monkeypatch.setattr(lora, "loss", checked)


ERRORS = (
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    MemoryError(),
    RuntimeError(
        "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to "
        "allocate 400000000000000 bytes. Error code 12 (Cannot allocate memory)"
    ),
)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_without_memory_the_passes_halve_and_the_run_is_the_same(
    training: Make, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    settings: dict[str, Any] = {"kl_weight": 1.0, "layers": 2, "batch_tokens": 400}
    undisturbed = run(training("undisturbed", **settings))
    halved = run(training("halved", **settings, pass_tokens=200))
    poor(monkeypatch, lambda batch: len(batch.pack.lengths) <= 4, error)

    envelope = run(training("poor", **settings))

    (event,) = said(envelope, "sentinel")
    assert sentinels(envelope) == [("out_of_memory", 0, "smaller_passes")]
    assert (event["value"], event["limit"]) == (400, 200)
    assert losses(envelope) == pytest.approx(losses(undisturbed), rel=1e-4)
    same = ("step", "epoch", "lr", "trained_tokens")
    assert [[e[name] for name in same] for e in said(envelope, "step")] == [
        [e[name] for name in same] for e in said(undisturbed, "step")
    ]
    assert losses(envelope) == losses(halved)
    assert weights(envelope) == weights(halved)


def test_memory_that_ends_in_the_middle_of_a_step_makes_that_step_anew(
    training: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = run(training("undisturbed", batch_tokens=400, pass_tokens=200))
    envelope = training("later", batch_tokens=400, pass_tokens=200)
    seen: list[int] = []

    def fits(batch: lora.Batch) -> bool:
        # Not the first pass of the sixth step: by then a part of its gradient is there.
        if len(said(envelope, "step")) == 5:
            seen.append(len(batch.pack.lengths))
        return len(seen) != 2

    poor(monkeypatch, fits, ERRORS[0])

    run(envelope)

    assert sentinels(envelope) == [("out_of_memory", 6, "smaller_passes")]
    assert losses(envelope)[:5] == losses(undisturbed)[:5]
    assert losses(envelope)[5:] == pytest.approx(losses(undisturbed)[5:], rel=1e-4)


def test_smaller_passes_are_kept_by_a_run_that_goes_on(
    training: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    halved = run(training("halved", batch_tokens=400, pass_tokens=200))
    first = training("poor", batch_tokens=400)
    with monkeypatch.context() as patch:
        poor(patch, lambda batch: len(batch.pack.lengths) <= 4, ERRORS[0])
        at = paused(first, 5)

    resumed = run(training("poor", attempt=2, resume=at, batch_tokens=400))

    assert said(resumed, "sentinel") == []
    assert weights(resumed) == weights(halved)


def test_where_not_even_one_row_fits_the_run_fails_for_good_with_advice(
    training: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    poor(monkeypatch, lambda batch: False, ERRORS[0])
    envelope = training("none")

    with pytest.raises(OutOfMemory, match="lower the longest row, the trained layers or the rank") as failed:
        run(envelope)

    assert failed.value.permanent
    assert sentinels(envelope)[-1] == ("out_of_memory", 0, "failed")
    assert said(envelope, "step") == []


def test_a_validation_without_memory_is_made_in_smaller_passes(
    training: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = run(training("undisturbed"))
    original = lora.validate

    def checked(loaded: Any, rows: Any, entering: Any, limit: int) -> Measured:
        if limit > 600:
            raise ERRORS[0]
        return original(loaded, rows, entering, limit)

    monkeypatch.setattr(lora, "validate", checked)

    envelope = run(training("validation"))

    assert [e["valid_loss"] for e in said(envelope, "evaluated")] == pytest.approx(
        [e["valid_loss"] for e in said(undisturbed, "evaluated")], rel=1e-5
    )
    assert [event["limit"] for event in said(envelope, "sentinel")] == [1024, 512]


def test_another_error_is_no_lack_of_memory(training: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    poor(monkeypatch, lambda batch: False, RuntimeError("mat1 and mat2 shapes cannot be multiplied"))

    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        run(training("wrong"))
