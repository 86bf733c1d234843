"""What an operator types."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from jobs.models import Job, Node
from jobs.states import JobState

pytestmark = pytest.mark.django_db


def said(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_reap_gives_back_what_lost_its_owner(job: Job) -> None:
    Job.objects.update(lease_owner="elsewhere/0/1/1", lease_expires_at=timezone.now() - timedelta(seconds=1))

    assert said("reap") == "1 given back\n"
    assert Job.objects.get().state == JobState.QUEUED


def test_node_lists_machines_and_what_they_run(job: Job) -> None:
    Job.objects.update(step=3, steps=12, title="Finance terms")
    Node.objects.create(name="gpu-1", slots={"compute": 1}, draining=True)

    lines = said("node").splitlines()

    assert lines[0] == "gpu-1  compute=0/1  never seen  draining"
    assert lines[1].startswith("local  compute=0/1 data=1/2 serve=0/4  cpu")
    assert lines[2] == f"  {job.id}  fake  starting  attempt 1  step 3/12  Finance terms"


def test_a_node_is_drained_and_takes_jobs_again() -> None:
    Node.objects.create(name="gpu-1")

    assert said("node", "drain", "gpu-1") == "gpu-1 takes no new jobs\n"
    assert Node.objects.get().draining
    assert said("node", "undrain", "gpu-1") == "gpu-1 takes new jobs\n"
    assert not Node.objects.get().draining


def test_a_node_that_nobody_knows_is_named() -> None:
    Node.objects.create(name="gpu-1")

    with pytest.raises(CommandError, match=r"There is no node 'gpu-2'; known: gpu-1\."):
        said("node", "drain", "gpu-2")
