"""`manage.py ps`: what runs, one `NAME PID` a line."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from jobs.models import Job
from jobs.states import HELD
from studio.local.parts import Register


class Command(BaseCommand):
    """List the parts of the running studio, its trainers and its inference servers."""

    help = "List what runs: one NAME PID a line."
    requires_system_checks = []

    def handle(self, **_options: object) -> None:
        """Print the lines."""
        parts = Register(settings.HOME / "run" / "parts.json").read()
        running = {name: seen.pid for name, seen in parts.items() if seen.alive()}
        if "up" not in running:
            raise CommandError(f"The studio of {settings.HOME} is not running; start it with `make up`.")
        for name, pid in {**running, **trainers()}.items():
            self.stdout.write(f"{name} {pid}")


def trainers() -> dict[str, int]:
    """The processes of jobs that a worker holds: train:1f2e3d4c, serve:..."""
    held = Job.objects.filter(state__in=[state.value for state in HELD], process_group__isnull=False)
    try:
        return {f"{job.kind}:{job.id.hex[:8]}": job.process_group or 0 for job in held.order_by("created_at")}
    except OperationalError:
        # PostgreSQL is being started again; the parts are known all the same.
        return {}
