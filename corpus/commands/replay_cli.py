"""`python -m corpus replay recipe.json --files FOLDER`: a recipe done again by hand."""

import argparse
import hashlib
import json
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from corpus.commands.replay import Shelf, replay
from corpus.errors import RecipeInvalid, ReplayDiffers
from corpus.recipe import Recipe
from protocol.errors import StudioError
from protocol.process import Command

_HASH = re.compile("[0-9a-f]{64}")


def main(commands: Mapping[str, Command], argv: Sequence[str]) -> int:
    """0 when the recipe gives the same rows, 1 when it does not or cannot be done; says which on the terminal."""
    parser = argparse.ArgumentParser(
        prog="python -m corpus replay", description="Do a dataset's recipe again and compare the hashes."
    )
    parser.add_argument(
        "recipe", type=Path, help="a recipe, or a dataset version as GET /api/.../versions/N gives it"
    )
    parser.add_argument(
        "--files", type=Path, action="append", default=[], help="where the inputs lie, under any names"
    )
    parser.add_argument("--out", type=Path, help="keep what each operation made in this folder")
    args = parser.parse_args(argv)
    try:
        recipe, expected = read_recipe(args.recipe)
        wanted = {sha for op in recipe.operations for sha in (*op.inputs, *op.outputs.values())}
        shelf = Shelf(find_files(args.files, wanted))
        if args.out is not None:
            content_hash = replay(recipe, shelf, commands, args.out)
        else:
            with tempfile.TemporaryDirectory(prefix="replay-") as folder:
                content_hash = replay(recipe, shelf, commands, Path(folder) / "replay")
        if expected and content_hash != expected:
            raise ReplayDiffers(
                step=len(recipe.operations), op=recipe.last.op, expected=expected, found=content_hash
            )
    except StudioError as error:
        sys.stderr.write(f"{error.code.value}: {error.message}\n")
        return 1
    known = expected or (recipe.last.content_hash if recipe.last.outputs else "")
    sys.stdout.write(f"{content_hash} {'equal' if known else 'nothing to compare it with'}\n")
    return 0


def read_recipe(path: Path) -> tuple[Recipe, str]:
    """A recipe and the content hash it is to give, if the file says one. Raises RecipeInvalid."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RecipeInvalid(reason=f"{path} cannot be read: {error}") from error
    if isinstance(data, dict) and "recipe" in data:
        return Recipe.read(data["recipe"]), str(data.get("content_hash", ""))
    return Recipe.read(data), ""


def find_files(folders: Sequence[Path], wanted: set[str]) -> dict[str, Path]:
    """The wanted files by sha256: first those that are named by their hash, then by reading the others."""
    found: dict[str, Path] = {}
    others: list[Path] = []
    for path in (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()):
        if path.name in wanted:
            found[path.name] = path
        elif not _HASH.fullmatch(path.name):
            # A file named by another hash is another file: a store of many is not read through.
            others.append(path)
    for path in others:
        if wanted <= found.keys():
            break
        with path.open("rb") as file:
            found.setdefault(hashlib.file_digest(file, "sha256").hexdigest(), path)
    return {sha: path for sha, path in found.items() if sha in wanted}
