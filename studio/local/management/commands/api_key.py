"""`manage.py api_key`: a new API key for a project."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studio.accounts import services as accounts
from studio.local.first_start import find_or_make_project
from studio.projects.models import Role


class Command(BaseCommand):
    """Make an API key, and the project where it is missing; print the key."""

    help = "Print a new API key for a project, which is made where it is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which project, what the key may do, what it is called."""
        parser.add_argument("--project", required=True, help="name of the project")
        parser.add_argument("--role", choices=[role.value for role in Role], default=Role.EDITOR.value)
        parser.add_argument(
            "--name", default="command line", help="what the key is called in the list of keys"
        )

    def handle(self, **options: Any) -> None:
        """Print the key alone, for scripts."""
        project = find_or_make_project(options["project"])
        _key, raw = accounts.create_key(project.id, options["name"], Role(options["role"]))
        self.stdout.write(raw)
