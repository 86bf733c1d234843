"""`manage.py down`: stop the studio that `up` or `demo` started."""

import os
import signal
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from studio.local.parts import Register

WITHIN_S = 60.0


class Command(BaseCommand):
    """Ask the running studio to end, and wait until it has."""

    help = "Stop the studio of this folder."
    requires_system_checks = []

    def handle(self, **_options: Any) -> None:
        """SIGTERM to its supervisor, which stops everything in order."""
        seen = Register(settings.HOME / "run" / "parts.json").read().get("up")
        if seen is None or not seen.alive():
            raise CommandError(f"The studio of {settings.HOME} is not running.")
        os.kill(seen.pid, signal.SIGTERM)
        end = time.monotonic() + WITHIN_S
        while seen.alive():
            if time.monotonic() > end:
                raise CommandError(f"The studio (process {seen.pid}) is still stopping; look into its logs.")
            time.sleep(0.1)
        self.stdout.write("The studio has stopped.")
