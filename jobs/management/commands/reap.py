"""`manage.py reap`: gives back jobs whose worker is gone, as the worker does every two seconds."""

from django.core.management.base import BaseCommand

from jobs import reaper


class Command(BaseCommand):
    """Give back what lost its owner and ring for what waits, once."""

    help = "Give back jobs whose worker is gone and wake workers for jobs that wait."

    def handle(self, **_options: object) -> None:
        """Do it and say how many."""
        lost = reaper.reap()
        self.stdout.write(f"{lost} given back")
