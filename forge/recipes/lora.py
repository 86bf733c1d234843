"""LoRA fine-tuning: load, prepare, loss, train, save.

Source: Hu et al. 2021, arXiv 2106.09685. The adapter is peft's, the loop is ours.

- Rows are packed end to end and attend only to themselves, and logits are computed only where a token carries loss: the
  output layer is a fifth of a small model's arithmetic.
- With adapters in the topmost layers only, nothing below the first of them changes: what enters it is computed once for
  every row and kept for all epochs, for the validation rows and for the base model's side of the KL.
- Rows marked as replay are also held to the base model's own distribution (KL), so that general knowledge stays. The base
  model's outputs on them are computed once as well.
- Everything a step depends on is a function of seed, step and the checkpoint: a resumed run computes the same bits.
"""

import csv
import importlib.metadata
import json
import time
from dataclasses import dataclass, field
from pathlib import Path

import torch
from peft import LoraConfig as PeftLoraConfig
from peft import PeftModel, get_peft_model
from torch import Tensor
from torch.nn import Linear, Parameter
from torch.nn.functional import cross_entropy, kl_div

from forge.data.packed import PASS_TOKENS, Entering, PackedModel
from forge.data.packing import Pack, build, plan, schedule
from forge.data.tokenize import Rows, tokenize_file
from forge.errors import LossNotFinite, NoLoraTargets
from forge.files import appearing, digest_of, list_files, write_json
from forge.models.hub import Base, load_base
from forge.training import checkpoint
from forge.training.optim import adamw, clip
from forge.training.schedule import learning_rate
from protocol.jobs import Envelope, TrainSpec
from protocol.manifest import ArtifactManifest
from protocol.process import Report, StopFlag, Stopped
from protocol.training import LoraConfig

#: What enters the first trained layer is kept while it fits in this; beyond it each step computes it again.
KEPT_BYTES = 2 * 1024**3
LIBRARIES = ("torch", "transformers", "peft", "safetensors")


@dataclass
class Loaded:
    """The model with its adapter, and what of it is trained. No layer below `first_layer` has an adapter."""

    base: Base
    model: PeftModel
    packed: PackedModel
    parameters: dict[str, Parameter]
    first_layer: int
    total: int


@dataclass
class Prepared:
    """The data of a run, and every step's rows."""

    train: Rows
    validation: Rows | None
    steps: list[tuple[float, list[int]]]


@dataclass
class Constants:
    """What no step changes: what enters the first trained layer, and the base model's outputs on replay rows by number."""

    train: Entering | None = None
    validation: Entering | None = None
    reference: dict[int, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """The rows of a step. `reference` are the base model's outputs at the trained places of its replay rows."""

    pack: Pack
    entering: Tensor | None = None
    reference: Tensor | None = None


@dataclass
class History:
    """What the result file says: a line a step."""

    lines: dict[int, dict[str, float]] = field(default_factory=dict)

    def put(self, step: int, **values: float) -> None:
        """Add values of a step."""
        self.lines.setdefault(step, {}).update(values)


@dataclass(frozen=True)
class Losses:
    """What is minimised, its cross-entropy part in nats per token, the share of right guesses, the tokens computed."""

    total: Tensor
    cross_entropy: float
    accuracy: float
    n_tokens: int


def run(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """The whole job, from the spec to the artifacts."""
    spec = envelope.spec
    if not isinstance(spec, TrainSpec):
        raise TypeError(f"a train process was given a {spec.kind} spec")
    torch.manual_seed(spec.seed)
    torch.use_deterministic_algorithms(mode=True, warn_only=True)
    loaded = load(spec)
    prepared = prepare(spec, loaded)
    train(envelope, spec, loaded, prepared, report, stop)


def load(spec: TrainSpec) -> Loaded:
    """The base model with a fresh adapter in its topmost layers. Raises NoLoraTargets."""
    config = spec.config
    base = load_base(spec.base)
    n_layers = int(base.model.config.num_hidden_layers)
    wanted = min(config.layers or n_layers, n_layers)
    layers = list(range(n_layers - wanted, n_layers))
    targets = sorted(
        {
            name.rpartition(".")[2]
            for name, module in base.model.named_modules()
            if isinstance(module, Linear) and any(f".layers.{layer}." in f"{name}." for layer in layers)
        }
    )
    if not targets:
        raise NoLoraTargets(model=spec.base.model_id, layers=wanted)
    adapter = PeftLoraConfig(
        task_type="CAUSAL_LM",
        r=config.rank,
        lora_alpha=config.alpha,  # type: ignore[arg-type] # peft divides by it; a fraction is fine
        lora_dropout=config.dropout,
        target_modules=targets,
        layers_to_transform=layers,
        layers_pattern="layers",
    )
    total = sum(parameter.numel() for parameter in base.model.parameters())
    model = get_peft_model(base.model, adapter)
    parameters = {name: value for name, value in model.named_parameters() if value.requires_grad}
    return Loaded(base, model, PackedModel(base.model), parameters, n_layers - wanted, total)


def prepare(spec: TrainSpec, loaded: Loaded) -> Prepared:
    """Rows as tokens, and the plan of all steps. Raises NoTrainableTokens."""
    config = spec.config
    tokenizer = loaded.base.tokenizer
    rows = tokenize_file(Path(spec.train.path), tokenizer, config.max_length)
    held_out = (
        tokenize_file(Path(spec.validation.path), tokenizer, config.max_length) if spec.validation else None
    )
    steps = schedule(rows.rows, epochs=config.epochs, limit=config.batch_tokens, seed=spec.seed)
    return Prepared(rows, held_out, steps)


def constants(
    spec: TrainSpec, loaded: Loaded, prepared: Prepared, report: Report, stop: StopFlag
) -> Constants:
    """Compute what every step would compute again. Raises Stopped; nothing is lost by that."""
    files = [rows for rows in (prepared.train, prepared.validation) if rows is not None]
    config = loaded.base.model.config
    size = sum(rows.n_tokens for rows in files) * config.hidden_size * loaded.base.model.dtype.itemsize
    made = Constants()
    loaded.model.eval()

    def entering(rows: Rows, name: str) -> Entering:
        def tell(done: int) -> None:
            report.say(
                "progress", stage=f"frozen layers, {name}", done=done, total=len(rows.rows), unit="rows"
            )
            if stop:
                raise Stopped

        return Entering(loaded.packed, rows.rows, loaded.first_layer, tell)

    if loaded.packed.by_layer and loaded.first_layer > 0 and size <= KEPT_BYTES:
        made.train = entering(prepared.train, "training rows")
        if prepared.validation is not None:
            made.validation = entering(prepared.validation, "validation rows")
    if spec.config.kl_weight > 0:
        made.reference = reference(loaded, prepared.train, made.train)
    loaded.model.train()
    return made


@torch.no_grad()
def reference(loaded: Loaded, rows: Rows, entering: Entering | None) -> dict[int, Tensor]:
    """The base model's outputs (n, e) at the trained places of every replay row, by the row's number."""
    replay = [number for number, row in enumerate(rows.rows) if row.replay]
    found: dict[int, Tensor] = {}
    with loaded.model.disable_adapter():
        for numbers in plan([len(row.ids) for row in rows.rows], replay, PASS_TOKENS):
            batch = batch_of(rows, numbers, Constants(entering))
            outputs = loaded.packed.outputs(batch.pack, batch.entering, loaded.first_layer)
            found |= dict(zip(numbers, outputs.split([rows.rows[n].n_trained for n in numbers]), strict=True))
    return found


def batch_of(rows: Rows, numbers: list[int], made: Constants) -> Batch:
    """The rows of these numbers as one pack, with what is known of them beforehand."""
    pack = build([rows.rows[number] for number in numbers])
    held = [made.reference[number] for number in numbers if number in made.reference]
    return Batch(
        pack,
        entering=made.train.of(numbers, pack.prefix) if made.train else None,
        reference=torch.cat(held) if held else None,
    )


def loss(loaded: Loaded, batch: Batch, config: LoraConfig) -> Losses:
    """Mean cross-entropy over the trained tokens, plus `kl_weight` times the KL from base to tuned on those of replay
    rows, summed over them and divided by the number of all trained tokens.
    """
    pack = batch.pack
    targets = pack.targets.to(loaded.base.device)
    logits = loaded.packed.logits(loaded.packed.outputs(pack, batch.entering, loaded.first_layer))
    entropy = cross_entropy(logits, targets)
    total = entropy
    if batch.reference is not None:
        with torch.no_grad():
            base = loaded.packed.logits(batch.reference).log_softmax(-1)
        tuned = logits[pack.replay.to(logits.device)].log_softmax(-1)
        total = entropy + config.kl_weight * kl_div(tuned, base, log_target=True, reduction="sum") / len(
            targets
        )
    accuracy = (logits.detach().argmax(-1) == targets).float().mean()
    return Losses(total, float(entropy.detach()), float(accuracy), pack.n_tokens)


@torch.no_grad()
def validate(loaded: Loaded, rows: Rows, entering: Entering | None) -> tuple[float, float, int]:
    """Loss in nats per trained token, share of right guesses, and the number of tokens, over all rows."""
    loaded.model.eval()
    total = right = 0.0
    n_tokens = 0
    for numbers in plan([len(row.ids) for row in rows.rows], range(len(rows.rows)), PASS_TOKENS):
        batch = batch_of(rows, numbers, Constants(entering))
        targets = batch.pack.targets.to(loaded.base.device)
        logits = loaded.packed.logits(loaded.packed.outputs(batch.pack, batch.entering, loaded.first_layer))
        total += float(cross_entropy(logits, targets, reduction="sum"))
        right += float((logits.argmax(-1) == targets).sum())
        n_tokens += len(targets)
    loaded.model.train()
    return total / n_tokens, right / n_tokens, n_tokens


def train(  # noqa: C901, PLR0915 - the loop of a recipe is meant to be read in one piece
    envelope: Envelope, spec: TrainSpec, loaded: Loaded, prepared: Prepared, report: Report, stop: StopFlag
) -> None:
    """All steps from where the checkpoint left off, then save. Raises LossNotFinite, Stopped."""
    config = spec.config
    checkpoints = Path(envelope.workdir) / "checkpoints"
    optimizer = adamw(loaded.parameters.values(), lr=config.learning_rate, weight_decay=config.weight_decay)
    position = checkpoint.Position(step=0, tokens=0, trained_tokens=0)
    history = History()
    loaded.model.train()
    if envelope.resume_from:
        position = checkpoint.restore(Path(envelope.resume_from), loaded.parameters, optimizer)
        history = recall(Path(envelope.resume_from))
    steps = len(prepared.steps)
    report.say("started", resumed_step=position.step or None, facts=facts(spec, loaded, prepared))
    made = constants(spec, loaded, prepared, report, stop)

    def measure(step: int) -> float | None:
        if prepared.validation is None:
            return None
        value, accuracy, n_tokens = validate(loaded, prepared.validation, made.validation)
        history.put(step, valid_loss=value, valid_accuracy=accuracy)
        report.say("evaluated", step=step, valid_loss=value, valid_accuracy=accuracy, n_tokens=n_tokens)
        return value

    def put_aside(at: checkpoint.Position) -> None:
        history_file(checkpoints, history)
        saved = checkpoint.save(checkpoints, loaded.parameters, optimizer, at)
        report.say(
            "checkpoint",
            step=at.step,
            path=f"checkpoints/{saved.path.name}",
            sha256=saved.sha256,
            size_bytes=saved.size_bytes,
            train_loss=at.train_loss,
            valid_loss=at.valid_loss,
        )
        report.sync()

    valid = position.valid_loss
    if position.step == 0:
        valid = measure(0)
    speed = Speed()
    for number in range(position.step + 1, steps + 1):
        epoch, numbers = prepared.steps[number - 1]
        rate = learning_rate(
            number,
            steps,
            peak=config.learning_rate,
            warmup_share=config.warmup_share,
            min_share=config.min_lr_share,
        )
        for group in optimizer.param_groups:
            group["lr"] = rate
        batch = batch_of(prepared.train, numbers, made)
        losses = loss(loaded, batch, config)
        if not torch.isfinite(losses.total):
            raise LossNotFinite(what="loss", step=number, value=float(losses.total.detach()))
        losses.total.backward()
        norm = clip(loaded.parameters.values(), config.max_grad_norm)
        if norm != norm or norm == float("inf"):
            raise LossNotFinite(what="gradient norm", step=number, value=norm)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

        speed.took(losses.n_tokens)
        position = checkpoint.Position(
            step=number,
            tokens=position.tokens + losses.n_tokens,
            trained_tokens=position.trained_tokens + batch.pack.n_trained,
            train_loss=losses.cross_entropy,
            valid_loss=valid,
        )
        history.put(number, train_loss=losses.cross_entropy, train_accuracy=losses.accuracy)
        report.say(
            "step",
            step=number,
            steps=steps,
            epoch=epoch,
            train_loss=losses.cross_entropy,
            train_accuracy=losses.accuracy,
            lr=rate,
            grad_norm=norm,
            tokens_per_s=speed.tokens_per_s,
            tokens=position.tokens,
            trained_tokens=position.trained_tokens,
            eta_s=speed.eta_s(steps - number),
        )
        due = number % config.checkpoint_every == 0
        if config.evaluate_every and number % config.evaluate_every == 0 and number < steps:
            valid = measure(number)
        if number < steps and (due or stop):
            put_aside(position)
        if stop and number < steps:
            raise Stopped
    valid = measure(steps)
    save(envelope, spec, loaded, history, position, report)


class Speed:
    """Tokens a second and seconds to go, over the steps of this attempt, smoothed."""

    def __init__(self) -> None:
        self._at = time.monotonic()
        self._step_s: float | None = None
        self.tokens_per_s = 0.0

    def took(self, n_tokens: int) -> None:
        """A step is done."""
        now = time.monotonic()
        spent = max(now - self._at, 1e-6)
        self._at = now
        self.tokens_per_s = n_tokens / spent
        self._step_s = spent if self._step_s is None else 0.9 * self._step_s + 0.1 * spent

    def eta_s(self, steps_left: int) -> float:
        """Seconds until the last step, as far as the past tells."""
        return (self._step_s or 0.0) * steps_left


def facts(spec: TrainSpec, loaded: Loaded, prepared: Prepared) -> dict[str, str | int | float]:
    """What a person wants to know before the first step."""
    trainable = sum(parameter.numel() for parameter in loaded.parameters.values())
    rows = prepared.train
    return {
        "trainable_parameters": trainable,
        "total_parameters": loaded.total,
        "trainable_share": trainable / loaded.total,
        "rows": len(rows.rows),
        "tokens": rows.n_tokens,
        "trained_tokens": rows.n_trained,
        "truncated_rows": rows.truncated,
        "untrainable_rows": rows.untrainable,
        "validation_rows": len(prepared.validation.rows) if prepared.validation else 0,
        "steps": len(prepared.steps),
        "device": str(loaded.base.device),
        "threads": torch.get_num_threads(),
        "dtype": str(loaded.base.model.dtype).removeprefix("torch."),
        "seed": spec.seed,
    }


def history_file(checkpoints: Path, history: History) -> None:
    """Keep the curve beside the checkpoints, for the result file of a run that is resumed."""
    checkpoints.mkdir(parents=True, exist_ok=True)
    aside = checkpoints / "history.tmp"
    write_json(aside, {str(step): values for step, values in history.lines.items()})
    aside.replace(checkpoints / "history.json")


def recall(resumed: Path) -> History:
    """The curve up to a checkpoint."""
    path = resumed.parent / "history.json"
    if not path.is_file():
        return History()
    at = checkpoint.step_of(resumed)
    lines = {int(step): values for step, values in json.loads(path.read_text("utf-8")).items()}
    return History({step: values for step, values in lines.items() if step <= at})


def save(
    envelope: Envelope,
    spec: TrainSpec,
    loaded: Loaded,
    history: History,
    position: checkpoint.Position,
    report: Report,
) -> None:
    """The adapter, its manifest and the result file, as one folder that appears whole."""
    target = Path(envelope.workdir) / "output"
    with appearing(target) as folder:
        adapter = folder / "adapter"
        loaded.model.save_pretrained(str(adapter))
        # peft writes the machine's path of the base model and a model card with it: neither belongs to the artifact.
        (adapter / "README.md").unlink(missing_ok=True)
        config = json.loads((adapter / "adapter_config.json").read_text("utf-8"))
        config |= {
            "base_model_name_or_path": spec.base.model_id,
            "target_modules": sorted(config["target_modules"]),
        }
        write_json(adapter / "adapter_config.json", config)
        write_csv(folder / "metrics.csv", history)
        manifest = ArtifactManifest(
            files=list_files(folder),
            base=spec.base.model_copy(update={"path": ""}),
            data={"train": spec.train.sha256}
            | ({"validation": spec.validation.sha256} if spec.validation else {}),
            config=spec.config,
            seed=spec.seed,
            code=code_version(),
            libraries={name: importlib.metadata.version(name) for name in LIBRARIES},
            metrics=metrics(history, position),
        )
        write_json(folder / "manifest.json", manifest.model_dump(mode="json"))
    files = list_files(target)
    size = sum(file.size_bytes for file in files)
    report.say(
        "artifact",
        name="model",
        path="output",
        sha256=digest_of(files),
        size_bytes=size,
        facts=manifest.metrics,
    )
    result = next(file for file in files if file.path == "metrics.csv")
    report.say(
        "artifact",
        name="result_file",
        path="output/metrics.csv",
        sha256=result.sha256,
        size_bytes=result.size_bytes,
    )
    report.say("finished", summary=manifest.metrics)


def code_version() -> str:
    """Version of the code that trained."""
    try:
        return importlib.metadata.version("deepseek-studio")
    except importlib.metadata.PackageNotFoundError:
        return "0.1.0"


def metrics(history: History, position: checkpoint.Position) -> dict[str, float]:
    """The run in a few numbers."""
    measured = [values["valid_loss"] for _, values in sorted(history.lines.items()) if "valid_loss" in values]
    figures = {
        "steps": float(position.step),
        "tokens": float(position.tokens),
        "trained_tokens": float(position.trained_tokens),
        "train_loss": position.train_loss or 0.0,
    }
    if measured:
        figures |= {"valid_loss_before": measured[0], "valid_loss": measured[-1]}
    return figures


def write_csv(path: Path, history: History) -> None:
    """The result file as the hosted service writes it."""
    names = {
        "train_loss": "train_loss",
        "train_accuracy": "train_accuracy",
        "valid_loss": "valid_loss",
        "valid_accuracy": "valid_mean_token_accuracy",
    }
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["step", *names.values()])
        for step, values in sorted(history.lines.items()):
            writer.writerow([step, *(f"{values[name]:.6f}" if name in values else "" for name in names)])
