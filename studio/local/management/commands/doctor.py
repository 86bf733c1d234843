"""`manage.py doctor`: what this machine has and lacks."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studio.local.doctor import Level, findings


class Command(BaseCommand):
    """Check the machine; exit code 1 when the studio cannot run on it."""

    help = "Check Python, torch, GPU, disk, memory, port, embedded servers, Node and browser."
    requires_system_checks = []

    def handle(self, **_options: Any) -> None:
        """One line a finding, and how to mend it."""
        failed = 0
        for finding in findings():
            self.stdout.write(f"{finding.level:<4}  {finding.subject:<9} {finding.says}")
            if finding.mend:
                self.stdout.write(f"{'':17}-> {finding.mend}")
            failed += finding.level is Level.FAIL
        if failed:
            raise CommandError(f"{failed} of these must be mended before the studio can run.")
