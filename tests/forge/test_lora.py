"""The LoRA recipe on a tiny model: it learns, it repeats itself, it survives a kill to the bit."""

import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel

from forge.errors import CheckpointInvalid, LossNotFinite
from forge.files import sha256_file
from forge.models.hub import load_base
from forge.recipes import lora
from forge.training import checkpoint
from forge.training.schedule import learning_rate
from protocol.jobs import Envelope, ExitCode
from protocol.manifest import ArtifactManifest
from protocol.process import Report, StopFlag, Stopped
from tests.forge.conftest import Make, said, start

WEIGHTS = "output/adapter/adapter_model.safetensors"


def run(envelope: Envelope, stop: StopFlag | None = None) -> Envelope:
    with Report(Path(envelope.events)) as report:
        lora.run(envelope, report, stop or StopFlag())
    return envelope


def weights(envelope: Envelope) -> str:
    return sha256_file(Path(envelope.workdir) / WEIGHTS)


def test_it_learns_and_says_what_it_did(training: Make) -> None:
    envelope = run(training("plain", epochs=8, learning_rate=0.03))

    steps, evaluated = said(envelope, "step"), said(envelope, "evaluated")
    assert [step["step"] for step in steps] == list(range(1, steps[0]["steps"] + 1))
    assert steps[-1]["train_loss"] < steps[0]["train_loss"] - 0.3
    assert [event["step"] for event in evaluated] == [0, steps[-1]["step"]]
    assert evaluated[-1]["valid_loss"] < evaluated[0]["valid_loss"]
    facts = said(envelope, "started")[0]["facts"]
    assert 0 < facts["trainable_share"] < 0.2
    assert said(envelope, "finished")[0]["summary"]["steps"] == steps[-1]["step"]


def test_the_artifact_is_whole_and_names_no_machine(training: Make) -> None:
    envelope = run(training("artifact"))

    folder = Path(envelope.workdir) / "output"
    manifest = ArtifactManifest.model_validate_json((folder / "manifest.json").read_text())
    assert {file.path: file.sha256 for file in manifest.files} == {
        path.relative_to(folder).as_posix(): sha256_file(path)
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert str(Path(envelope.workdir).parent) not in (folder / "manifest.json").read_text()
    config = json.loads((folder / "adapter/adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "tiny-llama"
    assert (
        (folder / "metrics.csv")
        .read_text()
        .startswith("step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy\n")
    )


def test_the_same_seed_gives_the_same_bits_and_another_does_not(training: Make) -> None:
    first, second = run(training("a")), run(training("b"))
    third = training("c")
    third = run(third.model_copy(update={"spec": third.spec.model_copy(update={"seed": 8})}))

    assert weights(first) == weights(second) != weights(third)


def test_the_adapter_loads_and_changes_the_model(training: Make) -> None:
    envelope = run(training("loads"))
    base = load_base(envelope.spec.base)  # type: ignore[union-attr]
    ids = torch.tensor([[5, 6, 7]])
    plain = base.model(ids).logits

    tuned = PeftModel.from_pretrained(base.model, str(Path(envelope.workdir) / "output/adapter"))

    assert not torch.allclose(tuned(ids).logits, plain)
    with tuned.disable_adapter():
        torch.testing.assert_close(tuned(ids).logits, plain)


def test_only_the_topmost_layers_are_trained_when_asked(training: Make) -> None:
    loaded = lora.load(training("top", layers=1).spec)  # type: ignore[arg-type]

    assert {name.split(".layers.")[1].split(".")[0] for name in loaded.parameters} == {"2"}


def test_the_pull_towards_the_base_is_nothing_at_first_and_something_later(training: Make) -> None:
    envelope = training("pull", kl_weight=5.0)
    loaded = lora.load(envelope.spec)  # type: ignore[arg-type]
    rows = lora.prepare(envelope.spec, loaded).train  # type: ignore[arg-type]
    made = lora.Constants(reference=lora.reference(loaded, rows, None))
    batch = lora.batch_of(rows, list(range(6)), made)
    config = envelope.spec.config  # type: ignore[union-attr]

    start_ = lora.loss(loaded, batch, config)
    disturb(loaded)
    later = lora.loss(loaded, batch, config)

    assert float(start_.total.detach()) == pytest.approx(start_.cross_entropy, abs=1e-5)
    assert float(later.total.detach()) > later.cross_entropy


def disturb(loaded: lora.Loaded) -> None:
    """An adapter that does something, as after many steps."""
    with torch.no_grad():
        for value in loaded.parameters.values():
            value.add_(0.05 * torch.ones_like(value))


def test_the_pull_is_the_divergence_written_out(training: Make) -> None:
    envelope = training("kl", kl_weight=2.0)
    loaded = lora.load(envelope.spec)  # type: ignore[arg-type]
    rows = lora.prepare(envelope.spec, loaded).train  # type: ignore[arg-type]
    made = lora.Constants(reference=lora.reference(loaded, rows, None))
    numbers = [1, 0, 2, 5]
    disturb(loaded)

    found = lora.loss(loaded, lora.batch_of(rows, numbers, made), envelope.spec.config)  # type: ignore[union-attr]

    pull = n_trained = 0.0
    for row in (rows.rows[number] for number in numbers):
        ids = torch.tensor([row.ids])
        places = [index - 1 for index in range(1, len(row.ids)) if row.trained[index]]
        n_trained += len(places)
        if row.replay:
            tuned = loaded.model(ids).logits[0, places].log_softmax(-1)
            with loaded.model.disable_adapter():
                plain = loaded.model(ids).logits[0, places].log_softmax(-1)
            pull += float((plain.exp() * (plain - tuned)).sum().detach())
    assert pull > 0
    assert float(found.total.detach()) - found.cross_entropy == pytest.approx(2 * pull / n_trained, rel=1e-3)


def test_what_is_computed_once_changes_no_loss_and_no_gradient(training: Make) -> None:
    envelope = training("once", layers=1, kl_weight=1.0)
    spec = envelope.spec
    loaded = lora.load(spec)  # type: ignore[arg-type]
    prepared = lora.prepare(spec, loaded)  # type: ignore[arg-type]
    with Report(Path(envelope.events)) as report:
        made = lora.constants(spec, loaded, prepared, report, StopFlag())  # type: ignore[arg-type]
    plain = lora.Constants(reference=lora.reference(loaded, prepared.train, None))
    disturb(loaded)

    def measured(constants: lora.Constants) -> tuple[float, list[torch.Tensor]]:
        batch = lora.batch_of(prepared.train, [3, 0, 17, 9], constants)
        total = lora.loss(loaded, batch, spec.config).total  # type: ignore[union-attr]
        return float(total.detach()), list(torch.autograd.grad(total, list(loaded.parameters.values())))

    (kept, kept_slopes), (again, slopes) = measured(made), measured(plain)

    assert made.train is not None
    assert kept == pytest.approx(again, abs=1e-5)
    torch.testing.assert_close(kept_slopes, slopes, atol=1e-5, rtol=1e-4)
    assert lora.validate(loaded, prepared.train, made.train) == pytest.approx(
        lora.validate(loaded, prepared.train, None), abs=1e-5
    )


def test_what_does_not_fit_in_memory_is_computed_again(
    training: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    envelope = training("large", layers=1)
    monkeypatch.setattr(lora, "KEPT_BYTES", 1000)

    run(envelope)

    assert said(envelope, "progress") == []
    assert said(envelope, "finished")


def test_a_loss_that_is_not_finite_stops_the_run(training: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    original = lora.loss

    def poisoned(*args: Any) -> lora.Losses:
        losses = original(*args)
        return lora.Losses(
            losses.total * float("nan"), losses.cross_entropy, losses.accuracy, losses.n_tokens
        )

    monkeypatch.setattr(lora, "loss", poisoned)

    with pytest.raises(LossNotFinite, match="The loss at step 1 is nan"):
        run(training("nan"))


def test_a_run_that_is_asked_to_stop_leaves_a_checkpoint(training: Make) -> None:
    class Always(StopFlag):
        def __bool__(self) -> bool:
            return True

    envelope = training("stopped")
    with pytest.raises(Stopped):
        run(envelope, Always())

    assert [event["step"] for event in said(envelope, "checkpoint")] == [1]
    checkpoint.verify(Path(envelope.workdir) / "checkpoints/step-1")


@pytest.mark.slow
def test_a_run_that_is_killed_ends_with_the_bits_of_an_undisturbed_one(training: Make) -> None:
    undisturbed = training("undisturbed", epochs=6, dropout=0.1)
    whole = start("train", undisturbed)
    killed = training("killed", epochs=6, dropout=0.1)
    process = start("train", killed)
    end = time.monotonic() + 90
    while len(said(killed, "step")) < 10:
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    last = said(killed, "checkpoint")[-1]
    resumed = training("killed", attempt=2, resume=Path(killed.workdir) / last["path"], epochs=6, dropout=0.1)

    assert start("train", resumed).wait(120) == ExitCode.OK
    assert whole.wait(120) == ExitCode.OK

    steps = said(undisturbed, "step")
    assert said(resumed, "started")[0]["resumed_step"] == last["step"]
    assert said(resumed, "step")[-1]["step"] == steps[-1]["step"]
    assert [e["train_loss"] for e in said(resumed, "step")] == [
        e["train_loss"] for e in steps[last["step"] :]
    ]
    assert weights(resumed) == weights(undisturbed)
    assert (Path(resumed.workdir) / "output/metrics.csv").read_bytes() == (
        Path(undisturbed.workdir) / "output/metrics.csv"
    ).read_bytes()


def test_a_changed_checkpoint_is_refused(training: Make) -> None:
    envelope = run(training("broken"))
    folder = max((Path(envelope.workdir) / "checkpoints").glob("step-*"), key=checkpoint.step_of)
    data = bytearray((folder / "weights.safetensors").read_bytes())
    data[-1] ^= 1
    (folder / "weights.safetensors").write_bytes(bytes(data))

    with pytest.raises(CheckpointInvalid, match=r"missing or changed: weights\.safetensors"):
        checkpoint.verify(folder)


def test_only_the_last_two_checkpoints_are_kept(training: Make) -> None:
    envelope = run(training("kept", checkpoint_every=2))

    assert len(list((Path(envelope.workdir) / "checkpoints").glob("step-*"))) == 2


def test_the_rate_rises_and_falls() -> None:
    rates = [learning_rate(n, 100, peak=1.0, warmup_share=0.1, min_share=0.1) for n in range(1, 101)]

    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9] == 1.0
    assert rates[-1] == pytest.approx(0.1)
    assert sorted(rates[9:], reverse=True) == rates[9:]
