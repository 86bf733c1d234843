"""manage.py seal_secrets: seal every stored secret by the newest SECRET_KEY, so that older ones can be forgotten."""

from typing import Any

from django.core.management.base import BaseCommand

from studio.sealing import seal_all_anew


class Command(BaseCommand):
    """Seal all secrets anew."""

    help = "Seal every stored secret by SECRET_KEY; afterwards SECRET_KEY_FALLBACKS is not needed for them."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """All or none of them. Raises SecretUnreadable."""
        self.stdout.write(f"{seal_all_anew()} secrets are sealed by the newest key.")
