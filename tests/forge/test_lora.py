"""The LoRA recipe on a tiny model: it learns, it repeats itself, it leaves an adapter that others can load."""

import json
from pathlib import Path

import pytest
import torch
from peft import PeftModel

from corpus.cleaning.errors import TrainingContaminated
from forge.data.kept import Kept
from forge.files import sha256_file
from forge.models.hub import load_base
from forge.recipes import lora
from forge.training.schedule import learning_rate
from protocol.manifest import ArtifactManifest
from protocol.process import Report, StopFlag
from protocol.specs.files import NamedFile
from tests.forge.conftest import Make, ref, run, said, weights


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


def test_evaluation_rows_in_training_end_it_before_the_model_is_loaded(
    training: Make, tmp_path: Path
) -> None:
    exam = tmp_path / "exam.jsonl"
    exam.write_text(json.dumps({"prompt": "what is the house word  number 3", "completion": "?"}) + "\n")
    envelope = training("contaminated")
    held_out = (NamedFile(name="exam.jsonl", file=ref(exam)),)
    refused = envelope.model_copy(update={"spec": envelope.spec.model_copy(update={"held_out": held_out})})
    knowing = refused.spec.model_copy(update={"despite_contamination": "A drill."})

    with pytest.raises(TrainingContaminated) as error:
        run(refused)
    run(refused.model_copy(update={"spec": knowing}))

    assert ("exam.jsonl", 4) in {(one["set"], one["row"]) for one in error.value.data["found"]}
    (warned,) = [event for event in said(refused, "warned") if event["code"] == "training_contaminated"]
    assert warned["data"]["reason"] == "A drill."


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
    rows = lora.prepare(envelope.spec).train  # type: ignore[arg-type]
    made = lora.Constants(reference=lora.reference(loaded, rows, None))
    batch = lora.batch_of(rows, list(range(6)), made)
    n = batch.pack.n_trained

    first = lora.loss(loaded, batch, 5.0, n)
    disturb(loaded)
    later = lora.loss(loaded, batch, 5.0, n)

    assert float(first.total.detach()) == pytest.approx(first.nats / n, abs=1e-5)
    assert float(later.total.detach()) > later.nats / n


def disturb(loaded: lora.Loaded) -> None:
    """An adapter that does something, as after many steps."""
    with torch.no_grad():
        for value in loaded.parameters.values():
            value.add_(0.05 * torch.ones_like(value))


def test_the_pull_is_the_divergence_written_out(training: Make) -> None:
    envelope = training("kl", kl_weight=2.0)
    loaded = lora.load(envelope.spec)  # type: ignore[arg-type]
    rows = lora.prepare(envelope.spec).train  # type: ignore[arg-type]
    made = lora.Constants(reference=lora.reference(loaded, rows, None))
    numbers = [1, 0, 2, 5]
    disturb(loaded)

    batch = lora.batch_of(rows, numbers, made)
    found = lora.loss(loaded, batch, 2.0, batch.pack.n_trained)

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
    assert float(found.total.detach()) - found.nats / n_trained == pytest.approx(
        2 * pull / n_trained, rel=1e-3
    )


def test_what_is_computed_once_changes_no_loss_and_no_gradient(training: Make) -> None:
    envelope = training("once", layers=1, kl_weight=1.0)
    spec = envelope.spec
    loaded = lora.load(spec)  # type: ignore[arg-type]
    prepared = lora.prepare(spec)  # type: ignore[arg-type]
    store = Kept(Path(envelope.workdir) / "kept", min_free_bytes=0)
    with Report(Path(envelope.events)) as report:
        made, again_made = (
            lora.constants(spec, loaded, prepared, store, report, StopFlag())  # type: ignore[arg-type]
            for _ in range(2)
        )
    # The second time nothing was computed, and it is the same to the bit.
    finished = [event for event in said(envelope, "progress") if event["done"] == event["total"]]
    assert len({event["stage"] for event in finished}) == len(finished)
    assert made.train is not None
    assert again_made.train is not None
    assert torch.equal(made.train.as_tensors()["tokens"], again_made.train.as_tensors()["tokens"])
    assert made.reference
    assert all(torch.equal(made.reference[row], again_made.reference[row]) for row in made.reference)
    plain = lora.Constants(reference=lora.reference(loaded, prepared.train, None))
    disturb(loaded)

    def measured(constants: lora.Constants) -> tuple[float, list[torch.Tensor]]:
        batch = lora.batch_of(prepared.train, [3, 0, 17, 9], constants)
        total = lora.loss(loaded, batch, 1.0, batch.pack.n_trained).total
        return float(total.detach()), list(torch.autograd.grad(total, list(loaded.parameters.values())))

    (kept, kept_slopes), (again, slopes) = measured(made), measured(plain)

    assert made.train is not None
    assert kept == pytest.approx(again, abs=1e-5)
    torch.testing.assert_close(kept_slopes, slopes, atol=1e-5, rtol=1e-4)
    kept_loss, loss = (lora.validate(loaded, prepared.train, each).loss for each in (made.train, None))
    assert kept_loss == pytest.approx(loss, abs=1e-5)


def test_what_does_not_fit_in_memory_is_computed_again(
    training: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    envelope = training("large", layers=1)
    monkeypatch.setattr(lora, "KEPT_BYTES", 1000)

    run(envelope)

    assert said(envelope, "progress") == []
    assert said(envelope, "finished")


def test_the_rate_rises_and_falls() -> None:
    rates = [learning_rate(n, 100, peak=1.0, warmup_share=0.1, min_share=0.1) for n in range(1, 101)]

    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9] == 1.0
    assert rates[-1] == pytest.approx(0.1)
    assert sorted(rates[9:], reverse=True) == rates[9:]
