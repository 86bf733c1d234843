"""ws/projects/<slug>: how a project's jobs stand, and each that changes."""

from collections.abc import Awaitable, Callable

import pytest
from channels.db import database_sync_to_async

from jobs import queue
from jobs.models import Job
from jobs.states import JobState
from studio.accounts.models import User
from studio.projects.models import Project
from studio.realtime.feeds import ProjectFeed
from tests import factories
from tests.sockets import Socket, say

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]

Connect = Callable[..., Awaitable[Socket]]


@pytest.fixture
def queued(project: Project) -> Job:
    """A job that waits."""
    return factories.job(project, "train", title="house", last_seq=1)


async def test_a_socket_begins_with_the_jobs_that_are_not_over(
    project: Project, queued: Job, alice: User, connect: Connect
) -> None:
    socket = await connect(f"/ws/projects/{project.slug}", who=alice)
    await socket.open()

    first = await socket.next()

    assert (first["seq"], first["type"]) == (1, "job")
    assert first["data"] == {
        "job": str(queued.id),
        "kind": "train",
        "title": "house",
        "state": "queued",
        "step": 0,
        "steps": 0,
    }
    assert await socket.is_silent()


async def test_a_job_that_moves_is_told_with_its_new_state(
    project: Project, queued: Job, alice: User, connect: Connect
) -> None:
    socket = await connect(f"/ws/projects/{project.slug}", who=alice)
    await socket.open()
    await socket.next()

    await database_sync_to_async(queue.cancel)(queued)

    changed = await socket.next()
    assert (changed["data"]["job"], changed["data"]["state"]) == (str(queued.id), "cancelled")


async def test_many_changes_in_a_moment_are_told_as_one(
    project: Project, queued: Job, alice: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ProjectFeed, "rest_s", 3.0)
    socket = await connect(f"/ws/projects/{project.slug}", who=alice)
    await socket.open()
    await socket.next()

    for _ in range(20):
        await say(queued)

    assert (await socket.next())["seq"] == 21
    assert await socket.is_silent()


async def test_jobs_of_other_projects_are_not_told(
    project: Project, other_project: Project, alice: User, connect: Connect
) -> None:
    foreign = await database_sync_to_async(factories.job)(other_project, "train", JobState.RUNNING)
    socket = await connect(f"/ws/projects/{project.slug}", who=alice)
    await socket.open()

    await say(foreign)

    assert await socket.is_silent()


async def test_a_lost_hint_costs_a_moment(
    project: Project, queued: Job, alice: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ProjectFeed, "poll_s", 0.2)
    monkeypatch.setattr("jobs.models.publish_on_commit", lambda job, seq: None)
    socket = await connect(f"/ws/projects/{project.slug}", who=alice)
    await socket.open()
    await socket.next()

    await database_sync_to_async(queue.cancel)(queued)

    assert (await socket.next())["data"]["state"] == "cancelled"


async def test_a_stranger_is_told_that_there_is_no_such_project(
    project: Project, charlie: User, connect: Connect
) -> None:
    theirs = await connect(f"/ws/projects/{project.slug}", who=charlie)
    nobodys = await connect("/ws/projects/nowhere", who=charlie)

    for socket in (theirs, nobodys):
        await socket.open()
        assert await socket.close_code() == 4404


async def test_nobody_is_told_to_sign_in(project: Project, connect: Connect) -> None:
    socket = await connect(f"/ws/projects/{project.slug}")
    await socket.open()

    assert await socket.close_code() == 4401
