"""`manage.py node`: the machines that run jobs, what runs where, and whether they take new jobs."""

import argparse

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from jobs import line
from jobs.models import Job, Node
from jobs.states import HELD


class Command(BaseCommand):
    """List nodes, or have one take no new jobs."""

    help = "List the nodes and what they run; drain one (it takes no new jobs) or undrain it."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """What to do, and with which node."""
        parser.add_argument("action", nargs="?", choices=["list", "drain", "undrain"], default="list")
        parser.add_argument("name", nargs="?", help="name of the node to drain or undrain")

    def handle(self, *, action: str, name: str | None, **_options: object) -> None:
        """Do it."""
        if action == "list":
            for node in Node.objects.all():
                self.show(node)
        else:
            self.change(name, draining=action == "drain")

    def change(self, name: str | None, *, draining: bool) -> None:
        """Drain or undrain. Raises CommandError for a node that nobody knows."""
        if Node.objects.filter(name=name).update(draining=draining) == 0:
            known = ", ".join(Node.objects.values_list("name", flat=True)) or "none"
            raise CommandError(f"There is no node {name!r}; known: {known}.")
        self.stdout.write(f"{name} takes {'no ' if draining else ''}new jobs")

    def states(self, node: Node) -> list[tuple[str, bool]]:
        """Why a node takes no new jobs."""
        is_lost = node.seen_at is not None and node.seen_at < timezone.now() - line.LOST_AFTER
        return [("draining", node.draining), ("lost", is_lost), ("no room", not line.has_room(node))]

    def show(self, node: Node) -> None:
        """A line for the node and one for each job it holds."""
        free = line.free_slots(node)
        slots = " ".join(f"{pool}={count - free[pool]}/{count}" for pool, count in sorted(node.slots.items()))
        seen = (
            f"seen {(timezone.now() - node.seen_at).total_seconds():.0f} s ago"
            if node.seen_at
            else "never seen"
        )
        marks = [node.name, slots, *([",".join(node.labels)] if node.labels else []), seen]
        marks += [mark for mark, holds in self.states(node) if holds]
        self.stdout.write("  ".join(marks))
        for job in Job.objects.filter(node=node, state__in=HELD).order_by("created_at"):
            progress = f"  step {job.step}/{job.steps}" if job.steps else ""
            self.stdout.write(
                f"  {job.id}  {job.kind}  {job.state}  attempt {job.attempt}{progress}  {job.title}"
            )
