"""The page of a run: what can be asked of it where it stands."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from jobs import events
from jobs.models import WaitsFor
from jobs.states import JobState
from studio.accounts.models import User
from studio.projects.models import Project, Role
from studio.training.models import Run
from tests import factories


@pytest.fixture(autouse=True)
def homes(settings: LazySettings, tmp_path: Path) -> None:
    settings.JOBS_HOME = tmp_path / "jobs"


@pytest.fixture
def member(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def page_of(client: Client, run: Run) -> str:
    return client.get(f"/p/{run.project.slug}/runs/{run.id}").content.decode()


@pytest.mark.parametrize(
    ("state", "verbs"),
    [
        (JobState.QUEUED, {"pause", "cancel"}),
        (JobState.RUNNING, {"pause", "cancel"}),
        (JobState.PAUSING, {"cancel"}),
        (JobState.PAUSED, {"resume", "cancel", "restart"}),
        (JobState.CANCELLING, set()),
        (JobState.FAILED, {"retry", "restart"}),
        (JobState.CANCELLED, {"retry", "restart"}),
        (JobState.SUCCEEDED, {"restart"}),
    ],
)
def test_a_page_offers_what_the_state_allows(
    member: Client, project: Project, state: JobState, verbs: set[str]
) -> None:
    run = factories.run(project, state)

    page = page_of(member, run)

    offered = {verb for verb in ("pause", "resume", "cancel", "retry", "restart") if f'/{verb}"' in page}
    assert offered == verbs


def test_cancelling_is_confirmed_since_something_is_lost(member: Client, project: Project) -> None:
    page = page_of(member, factories.run(project, JobState.RUNNING))

    assert "What it has learnt since its last checkpoint is lost." in page


def test_a_viewer_is_offered_nothing(client: Client, project: Project) -> None:
    viewer = factories.user("vera")
    factories.member(project, viewer, Role.VIEWER)
    client.force_login(viewer)

    page = page_of(client, factories.run(project, JobState.RUNNING))

    assert "/cancel" not in page
    assert "/pause" not in page


def test_a_chosen_checkpoint_begins_a_new_run(member: Client, project: Project) -> None:
    run = factories.run(project, JobState.FAILED)
    folder = events.job_folder(run.job_id, 0) / "checkpoints" / "step-25"
    folder.mkdir(parents=True)
    run.job.checkpoint = {"attempt": 0, "step": 25, "path": "checkpoints/step-25", "sha256": "0" * 64}
    run.job.save(update_fields=["checkpoint"])
    assert 'name="step" value="25"' in page_of(member, run)

    answer = member.post(f"/p/{project.slug}/runs/{run.id}/restart", {"step": "25"})

    again = Run.objects.exclude(id=run.id).get()
    assert answer.headers["Location"].endswith(str(again.id))
    page = page_of(member, again)
    assert "Goes on from step 25 of" in page
    assert str(run.id) in page


@pytest.mark.parametrize("step", ["x", "-1", "9" * 12])
def test_a_step_that_is_none_is_said(member: Client, project: Project, step: str) -> None:
    run = factories.run(project, JobState.FAILED)

    answer = member.post(f"/p/{project.slug}/runs/{run.id}/restart", {"step": step}, follow=True)

    assert "A step is a whole number." in answer.content.decode()
    assert Run.objects.count() == 1


def test_the_wrong_state_is_said_on_the_page(member: Client, project: Project) -> None:
    run = factories.run(project, JobState.SUCCEEDED)

    answer = member.post(f"/p/{project.slug}/runs/{run.id}/pause", follow=True)

    assert "is already succeeded" in answer.content.decode()


def test_a_run_without_room_says_why_it_rests(member: Client, project: Project) -> None:
    error = {"code": "disk_full", "message": "", "data": {"needed_bytes": 3 * 10**9, "free_bytes": 10**6}}
    job = factories.job(project, "train", JobState.PAUSED, waits_for=WaitsFor.ROOM, error=error)

    page = page_of(member, factories.run(project, job=job))

    assert "It goes on by itself once there is room." in page
    assert "are needed" in page


def test_a_run_in_line_says_its_place(member: Client, project: Project) -> None:
    run = factories.run(project)

    page = page_of(member, run)

    assert "Number 1 in line." in page
    assert "No machine that is there can run it" in page
