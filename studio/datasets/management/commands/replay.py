"""manage.py replay VERSION: a dataset version's recipe done again, on this machine, beside the studio."""

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from corpus.__main__ import COMMANDS
from corpus.commands.replay import Shelf, replay
from corpus.commands.replay_cli import find_files
from corpus.errors import ReplayDiffers
from protocol.errors import StudioError
from studio.datasets import versions
from studio.datasets.models import DatasetVersion
from studio.datasets.services import VERSION_PREFIX
from studio.projects import ids


class Command(BaseCommand):
    """Compares what the recipe gives today with what is stored; ends with 1 where it differs."""

    help = "Do a dataset version's recipe again and compare the content hash."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which version, and where to leave what is made."""
        parser.add_argument("version", help="id of the version, dsv_...")
        parser.add_argument("--out", type=Path, help="keep what each operation made in this folder")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say the hash."""
        del args
        id_ = ids.parse(VERSION_PREFIX, options["version"])
        version = DatasetVersion.objects.filter(id=id_).first() if id_ else None
        if version is None:
            raise CommandError(f"There is no dataset version {options['version']}.")
        with tempfile.TemporaryDirectory(prefix="replay-") as folder:
            try:
                found = self._replay(version, options["out"] or Path(folder) / "replay")
            except StudioError as error:
                raise CommandError(f"{error.code.value}: {error.message}", returncode=1) from error
        self.stdout.write(f"{found} equal")

    def _replay(self, version: DatasetVersion, folder: Path) -> str:
        recipe = versions.recipe_of(version)
        wanted = {sha for op in recipe.operations for sha in (*op.inputs, *op.outputs.values())}
        shelf = Shelf(find_files([Path(settings.BLOBS_HOME)], wanted))
        found = replay(recipe, shelf, COMMANDS, folder)
        if found != version.content_hash:
            last = recipe.last
            raise ReplayDiffers(
                step=len(recipe.operations), op=last.op, expected=version.content_hash, found=found
            )
        return found
