"""LoRA fine-tuning: what is LoRA's own of a run. The order of things is `forge.training.loop`.

Source: Hu et al. 2021, arXiv 2106.09685. The adapter is peft's, the loop is ours.

- Rows are packed end to end and attend only to themselves, and logits are computed only where a token carries loss: the
  output layer is a fifth of a small model's arithmetic.
- With adapters in the topmost layers only, nothing below the first of them changes: what enters it is computed once for
  every row and kept for all epochs, for the validation rows and for the base model's side of the KL.
- Rows marked as replay are also held to the base model's own distribution (KL), so that general knowledge stays. The base
  model's outputs on them are computed once as well.
"""

import importlib.metadata
from dataclasses import dataclass, field
from pathlib import Path

import torch
from peft import LoraConfig as PeftLoraConfig
from peft import PeftModel, get_peft_model
from torch import Tensor
from torch.nn import Linear, Parameter
from torch.nn.functional import cross_entropy, kl_div

from corpus.cleaning.errors import TrainingContaminated
from corpus.cleaning.held_out import refuse_contaminated
from corpus.tokens.packing import plan, schedule
from forge.data.kept import Kept
from forge.data.packed import PASS_TOKENS, Entering, PackedModel
from forge.data.packing import Pack, build
from forge.data.tokenize import Rows, tokenize_file
from forge.errors import NoLoraTargets, OutOfMemory
from forge.files import appearing, digest_of, list_files, write_json
from forge.models.hub import Base, device, load_base, load_tokens
from forge.training.checkpoint import ADAPTER, State, write_weights
from forge.training.loop import Loop
from forge.training.memory import is_out_of_memory
from forge.training.result import code_version, metrics, write_csv
from forge.training.trainee import Measured, Passed
from protocol.jobs import Envelope
from protocol.manifest import ArtifactManifest
from protocol.process import Report, StopFlag, Stopped
from protocol.specs.models import TrainSpec

#: What enters the first trained layer is kept while it fits in this; beyond it each step computes it again.
KEPT_BYTES = 2 * 1024**3
LIBRARIES = ("torch", "transformers", "peft", "safetensors")


@dataclass
class Loaded:
    """The model with its adapter, and what of it is trained, by the names peft saves it under.

    No layer below `first_layer` has an adapter.
    """

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
    """The rows of a pass. `reference` are the base model's outputs at the trained places of its replay rows."""

    pack: Pack
    entering: Tensor | None = None
    reference: Tensor | None = None


def run(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """The whole job, from the spec to the artifacts."""
    spec = envelope.spec
    if not isinstance(spec, TrainSpec):
        raise TypeError(f"a train process was given a {spec.kind} spec")
    torch.manual_seed(spec.seed)
    torch.use_deterministic_algorithms(mode=True, warn_only=True)
    try:
        train(envelope, spec, report, stop)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        # The loop answers for its own; this is before it.
        raise OutOfMemory(device=str(device()), where="while the model and its data were prepared") from error


def train(envelope: Envelope, spec: TrainSpec, report: Report, stop: StopFlag) -> None:
    """Look for evaluation rows, prepare, load, go on from where the checkpoint left off, make all steps, save."""
    if envelope.resume_from is None:
        look_for_held_out(spec, report, stop)
    # The rows first: where there is nothing to learn, that is said before the weights are read.
    prepared = prepare(spec)
    loaded = load(spec)
    trainee = LoraTrainee(spec, loaded, prepared)
    loaded.model.train()
    loop = Loop(envelope, spec.config, trainee, prepared.steps, report, stop)
    resumed_step = loop.begin()
    report.say("started", resumed_step=resumed_step, facts=facts(spec, loaded, prepared))
    kept = Kept(Path(envelope.workdir).parent / "kept", loop.room.min_free_bytes)
    trainee.made = constants(spec, loaded, prepared, kept, report, stop)
    state = loop.train()
    with loop.room.writing(loop.checkpoint_bytes):
        save(envelope, spec, trainee, state, report)
    kept.forget()


def look_for_held_out(spec: TrainSpec, report: Report, stop: StopFlag) -> None:
    """Raise TrainingContaminated where the rows hold what the model will be measured with; only say so where that is wanted."""
    sets = [(one.name, Path(one.file.path)) for one in spec.held_out]

    def on_row(_: int) -> None:
        if stop:
            raise Stopped

    try:
        refuse_contaminated(Path(spec.train.path), sets, on_row)
    except TrainingContaminated as error:
        if not spec.despite_contamination:
            raise
        data = error.data | {"reason": spec.despite_contamination}
        report.say("warned", code=error.code.value, message=error.message, data=data)


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
    parameters = {
        name.replace(".default.", "."): value
        for name, value in model.named_parameters()
        if value.requires_grad
    }
    return Loaded(base, model, PackedModel(base.model), parameters, n_layers - wanted, total)


def prepare(spec: TrainSpec) -> Prepared:
    """Rows as tokens, and the plan of all steps. Raises NoTrainableTokens."""
    config = spec.config
    tokens = load_tokens(spec.base)
    rows = tokenize_file(Path(spec.train.path), tokens, config.max_length)
    held_out = (
        tokenize_file(Path(spec.validation.path), tokens, config.max_length) if spec.validation else None
    )
    steps = schedule(rows.rows, epochs=config.epochs, limit=config.batch_tokens, seed=spec.seed)
    return Prepared(rows, held_out, steps)


def constants(
    spec: TrainSpec, loaded: Loaded, prepared: Prepared, kept: Kept, report: Report, stop: StopFlag
) -> Constants:
    """Compute what every step would compute again, or take what an earlier attempt computed. Raises Stopped."""
    files = [rows for rows in (prepared.train, prepared.validation) if rows is not None]
    config = loaded.base.model.config
    size = sum(rows.n_tokens for rows in files) * config.hidden_size * loaded.base.model.dtype.itemsize
    made = Constants()
    made_from: dict[str, object] = {
        **facts(spec, loaded, prepared),
        "base": spec.base.revision,
        "train": spec.train.sha256,
        "validation": spec.validation.sha256 if spec.validation else "",
        "torch": torch.__version__,
    }
    loaded.model.eval()

    def entering(rows: Rows, name: str) -> Entering:
        def tell(done: int) -> None:
            report.say(
                "progress", stage=f"frozen layers, {name}", done=done, total=len(rows.rows), unit="rows"
            )
            if stop:
                raise Stopped

        def compute() -> dict[str, Tensor]:
            return Entering.compute(loaded.packed, rows.rows, loaded.first_layer, tell).as_tensors()

        return Entering.of_tensors(kept.get(name.replace(" ", "-"), made_from, compute), loaded.base.device)

    if loaded.packed.by_layer and loaded.first_layer > 0 and size <= KEPT_BYTES:
        made.train = entering(prepared.train, "training rows")
        if prepared.validation is not None:
            made.validation = entering(prepared.validation, "validation rows")
    if spec.config.kl_weight > 0:

        def outputs_of_base() -> dict[str, Tensor]:
            computed = reference(loaded, prepared.train, made.train)
            return {str(row): outputs.cpu() for row, outputs in computed.items()}

        known = kept.get("reference", made_from, outputs_of_base)
        made.reference = {int(row): outputs.to(loaded.base.device) for row, outputs in known.items()}
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


class LoraTrainee:
    """What the loop trains: see `forge.training.trainee.Trainee`."""

    def __init__(self, spec: TrainSpec, loaded: Loaded, prepared: Prepared) -> None:
        self.parameters = loaded.parameters
        self.device = loaded.base.device
        self.made = Constants()
        self._spec = spec
        self._loaded = loaded
        self._prepared = prepared
        self._rows = prepared.train.rows
        self._lengths = [len(row.ids) for row in self._rows]

    def n_trained(self, rows: list[int]) -> int:
        """Tokens of these rows that carry loss."""
        return sum(self._rows[row].n_trained for row in rows)

    def n_tokens(self, rows: list[int]) -> int:
        """Tokens of these rows."""
        return sum(self._lengths[row] for row in rows)

    def passes(self, rows: list[int], limit: int) -> list[list[int]]:
        """The rows in passes of up to `limit` tokens, in their order."""
        return plan(self._lengths, rows, limit)

    def forward(self, rows: list[int], n_trained: int) -> Passed:
        """One pass over some rows of a step that has `n_trained` tokens that carry loss."""
        batch = batch_of(self._prepared.train, rows, self.made)
        return loss(self._loaded, batch, self._spec.config.kl_weight, n_trained)

    def validate(self, limit: int) -> Measured | None:
        """Measure the validation rows in passes of up to `limit` tokens."""
        if self._prepared.validation is None:
            return None
        return validate(self._loaded, self._prepared.validation, self.made.validation, limit)

    def complete(self, adapter: Path) -> None:
        """Write the adapter's configuration: with it peft loads the weights by the base model's name, wherever it lies."""
        written = self._loaded.model.peft_config["default"].to_dict()
        config = {name: sorted(value) if isinstance(value, set) else value for name, value in written.items()}
        config |= {"base_model_name_or_path": self._spec.base.model_id, "inference_mode": True}
        write_json(adapter / "adapter_config.json", config)


def loss(loaded: Loaded, batch: Batch, kl_weight: float, n_trained: int) -> Passed:
    """A pass's share of the step's loss: the mean cross-entropy over the step's `n_trained` tokens, plus `kl_weight` times
    the KL from base to tuned on those of replay rows, summed over them and divided by `n_trained` as well.
    """
    pack = batch.pack
    targets = pack.targets.to(loaded.base.device)
    logits = loaded.packed.logits(loaded.packed.outputs(pack, batch.entering, loaded.first_layer))
    nats = cross_entropy(logits, targets, reduction="sum")
    total = nats / n_trained
    if batch.reference is not None:
        with torch.no_grad():
            base = loaded.packed.logits(batch.reference).log_softmax(-1)
        tuned = logits[pack.replay.to(logits.device)].log_softmax(-1)
        total = total + kl_weight * kl_div(tuned, base, log_target=True, reduction="sum") / n_trained
    right = (logits.detach().argmax(-1) == targets).sum()
    return Passed(total, float(nats.detach()), float(right), pack.n_tokens, len(targets))


@torch.no_grad()
def validate(loaded: Loaded, rows: Rows, entering: Entering | None, limit: int = PASS_TOKENS) -> Measured:
    """All rows, in passes of up to `limit` tokens."""
    loaded.model.eval()
    total = right = 0.0
    n_tokens = 0
    try:
        for numbers in plan([len(row.ids) for row in rows.rows], range(len(rows.rows)), limit):
            batch = batch_of(rows, numbers, Constants(entering))
            passed = loss(loaded, batch, 0.0, batch.pack.n_trained)
            total += passed.nats
            right += passed.right
            n_tokens += passed.n_trained
    finally:
        loaded.model.train()
    return Measured(total / n_tokens, right / n_tokens, n_tokens)


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


def save(envelope: Envelope, spec: TrainSpec, trainee: LoraTrainee, state: State, report: Report) -> None:
    """The adapter, its manifest and the result file, as one folder that appears whole."""
    target = Path(envelope.workdir) / "output"
    with appearing(target) as folder:
        write_weights(folder / ADAPTER, trainee.parameters)
        trainee.complete(folder / ADAPTER)
        write_csv(folder / "metrics.csv", state.curve)
        manifest = ArtifactManifest(
            files=list_files(folder),
            base=spec.base.model_copy(update={"path": ""}),
            data={"train": spec.train.sha256}
            | ({"validation": spec.validation.sha256} if spec.validation else {}),
            config=spec.config,
            seed=spec.seed,
            code=code_version(),
            libraries={name: importlib.metadata.version(name) for name in LIBRARIES},
            metrics=metrics(state),
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
