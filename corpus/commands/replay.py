"""Doing a recipe again, to see that it gives the same rows."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from corpus.errors import RecipeInputMissing, RecipeInvalid, ReplayDiffers, ReplayFailed
from corpus.output import FOLDER
from corpus.progress import Progress
from corpus.recipe import SPLITS, VERSIONS, Operation, Recipe, content_hash_of, spec_of
from corpus.source import verified
from protocol.errors import SpecInvalid
from protocol.jobs import Envelope
from protocol.process import Command, Report, StopFlag
from protocol.specs.datasets import ReplayRecipeSpec

#: Kinds that only look, or that call an endpoint: no recipe holds them.
_NO_OPERATIONS = frozenset({"replay_recipe", "prepare_glossary"})


@dataclass
class Shelf:
    """Files by their sha256: those that are stored, and those that operations left on the way."""

    stored: Mapping[str, Path]
    made: dict[str, Path] = field(default_factory=dict)

    def has(self, sha256: str) -> bool:
        """Whether the bytes are at hand."""
        return sha256 in self.made or sha256 in self.stored

    def find(self, sha256: str) -> Path:
        """The path of the bytes. Raises RecipeInputMissing."""
        path = self.made.get(sha256) or self.stored.get(sha256)
        if path is None:
            raise RecipeInputMissing(sha256=sha256)
        return path


def replay_command(commands: Mapping[str, Command]) -> Command:
    """The command that does a recipe again with `commands`, by kind."""

    def replay_recipe(envelope: Envelope, report: Report, stop: StopFlag) -> None:
        spec = envelope.spec
        if not isinstance(spec, ReplayRecipeSpec):
            raise SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")
        recipe = Recipe.read(spec.recipe)
        shelf = Shelf({ref.sha256: verified(ref) for ref in spec.files})
        report.say("started", facts={"operations": len(recipe.operations), "files": len(spec.files)})
        progress = Progress(report, stop, stage="replay", total=len(recipe.operations), unit="operations")
        folder = Path(envelope.workdir) / "replay"
        shutil.rmtree(folder, ignore_errors=True)
        content_hash = replay(recipe, shelf, commands, folder, progress, stop)
        shutil.rmtree(folder)
        if spec.content_hash and content_hash != spec.content_hash:
            raise ReplayDiffers(
                step=len(recipe.operations), op=recipe.last.op, expected=spec.content_hash, found=content_hash
            )
        progress.finish()
        summary = {"content_hash": content_hash, "operations": len(recipe.operations), "equal": True}
        report.say("finished", summary=summary)

    return replay_recipe


def replay(
    recipe: Recipe,
    shelf: Shelf,
    commands: Mapping[str, Command],
    folder: Path,
    progress: Progress | None = None,
    stop: StopFlag | None = None,
) -> str:
    """The content hash that the recipe gives today; what it makes lies under `folder`.

    An operation whose inputs are gone is passed over where what it made is at hand. Raises ReplayDiffers for the first
    operation that gives other rows than it once did, RecipeInputMissing, RecipeInvalid, and ReplayFailed, also for a
    folder that is not empty.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ReplayFailed(op=recipe.last.op, reason=f"{folder} is not empty")
    made: dict[str, str] = {}
    for step, operation in enumerate(recipe.operations, start=1):
        if progress is not None:
            progress(step - 1)
        if _can_pass_over(operation, shelf):
            made = dict(operation.outputs)
            continue
        made = _do(operation, shelf, commands, folder / str(step), stop or StopFlag())
        if operation.outputs and made != operation.outputs:
            raise ReplayDiffers(
                step=step,
                op=operation.op,
                expected=operation.content_hash,
                found=content_hash_of(made),
                recorded_version=operation.version,
                present_version=VERSIONS.get(operation.op, 1),
            )
    return content_hash_of(made)


def _can_pass_over(operation: Operation, shelf: Shelf) -> bool:
    is_whole = all(map(shelf.has, operation.inputs))
    return not is_whole and bool(operation.outputs) and all(map(shelf.has, operation.outputs.values()))


def _do(
    operation: Operation, shelf: Shelf, commands: Mapping[str, Command], folder: Path, stop: StopFlag
) -> dict[str, str]:
    """The hashes of the splits an operation leaves."""
    if operation.op in _NO_OPERATIONS or operation.op not in commands:
        raise RecipeInvalid(reason=f"{operation.op!r} is no operation that makes rows")
    folder.mkdir()
    events = folder / "events.jsonl"
    envelope = Envelope(
        job_id="replay",
        attempt=1,
        workdir=str(folder),
        events=str(events),
        spec=spec_of(operation, shelf.find),
    )
    with Report(events) as report:
        commands[operation.op](envelope, report, stop)
    artifacts = {
        event["name"]: event
        for event in map(json.loads, events.read_text("utf-8").splitlines())
        if event["type"] == "artifact"
    }
    if "train" not in artifacts:
        raise ReplayFailed(op=operation.op, reason="it left no training rows")
    made = {split: artifacts[split] for split in SPLITS if artifacts.get(split, {}).get("size_bytes")}
    for name, artifact in made.items():
        shelf.made[artifact["sha256"]] = folder / FOLDER / f"{name}.jsonl"
    # An empty training split is a file all the same.
    return {name: artifact["sha256"] for name, artifact in ({"train": artifacts["train"]} | made).items()}
