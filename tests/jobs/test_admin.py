"""Operators look at jobs, cancel them, try them again; they change nothing else."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from jobs.models import Job, JobEvent, Node
from jobs.states import JobState
from tests.jobs.fake_kind import make_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client: Client) -> Client:
    """Signed in as a superuser."""
    person = get_user_model().objects.create_superuser(username="root", password=None)
    client.force_login(person)
    return client


def act(operator: Client, action: str, *jobs: Job) -> str:
    form = {"action": action, "_selected_action": [str(job.id) for job in jobs]}
    return operator.post(reverse("admin:jobs_job_changelist"), form, follow=True).content.decode()


def test_the_list_is_filtered_and_searched(operator: Client, job: Job) -> None:
    other = make_job(kind="endless")
    address = reverse("admin:jobs_job_changelist")

    by_pool = operator.get(address, {"pool__exact": "serve", "kind__exact": "endless"}).content.decode()
    by_id = operator.get(address, {"q": str(job.id)}).content.decode()

    assert (str(other.id) in by_pool, str(job.id) in by_pool) == (True, False)
    assert (str(other.id) in by_id, str(job.id) in by_id) == (False, True)


def test_a_job_shows_its_last_events_only(operator: Client, job: Job) -> None:
    JobEvent.objects.bulk_create(
        JobEvent(
            job=job, seq=seq, attempt=1, type="progress", at=job.created_at, payload={"mark": f"m{seq}m"}
        )
        for seq in range(job.last_seq + 1, 201)
    )
    Job.objects.update(last_seq=200)

    page = operator.get(reverse("admin:jobs_job_change", args=[job.id])).content.decode()

    assert "m200m" in page
    assert "m151m" in page
    assert "m150m" not in page


def test_nobody_changes_a_job_by_hand(operator: Client, job: Job) -> None:
    answer = operator.post(reverse("admin:jobs_job_change", args=[job.id]), {"state": "succeeded"})

    assert answer.status_code == 403
    assert operator.get(reverse("admin:jobs_job_add")).status_code == 403


def test_chosen_jobs_are_cancelled_and_one_that_is_over_is_named(operator: Client, job: Job) -> None:
    waiting, over = make_job(), make_job()
    Job.objects.filter(id=over.id).update(state=JobState.FAILED)

    page = act(operator, "cancel_jobs", job, waiting, over)

    states = {str(row.id): row.state for row in Job.objects.all()}
    assert states == {str(job.id): "cancelling", str(waiting.id): "cancelled", str(over.id): "failed"}
    assert f"Job {over.id} is already failed" in page


def test_a_chosen_job_that_failed_is_tried_again(operator: Client) -> None:
    failed = make_job()
    Job.objects.update(state=JobState.FAILED)

    act(operator, "retry_jobs", failed)

    again = Job.objects.exclude(id=failed.id).get()
    assert (again.state, again.payload["retry_of"]) == (JobState.QUEUED, str(failed.id))


def test_a_node_is_drained(operator: Client) -> None:
    Node.objects.create(name="gpu-1", slots={"compute": 1})
    form = {
        "form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-name": "gpu-1", "form-0-draining": "on",
        "_save": "Save",
    }  # fmt: skip

    operator.post(reverse("admin:jobs_node_changelist"), form)

    assert Node.objects.get().draining


def test_chosen_jobs_rest_and_go_on(operator: Client) -> None:
    waiting = make_job()

    act(operator, "pause_jobs", waiting)
    assert Job.objects.get().state == JobState.PAUSED
    page = act(operator, "resume_jobs", waiting)

    assert Job.objects.get().state == JobState.QUEUED
    assert "1 job was asked." in page


def test_chosen_nodes_are_drained_and_show_what_runs_there(operator: Client, job: Job) -> None:
    Job.objects.update(title="finance")
    address, name = reverse("admin:jobs_node_changelist"), Node.objects.get().name

    operator.post(address, {"action": "drain", "_selected_action": [name]})
    assert Node.objects.get().draining
    assert "fake finance" in operator.get(address).content.decode()
    operator.post(address, {"action": "undrain", "_selected_action": [name]})

    assert not Node.objects.get().draining
