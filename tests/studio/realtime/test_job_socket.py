"""ws/jobs/<uuid>: replay and live without gap or double, whatever is lost, and only for those who may look."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.contrib.sessions.models import Session
from django.db import OperationalError

from jobs import events, hints
from jobs.models import Job
from studio.accounts import services as accounts
from studio.accounts.models import ApiKey, User
from studio.projects import services as projects
from studio.projects.models import Project
from studio.realtime import consumers, feeds
from studio.realtime.consumers import JobConsumer
from studio.realtime.feeds import JobFeed
from tests.sockets import Socket, fill, say

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]

Connect = Callable[..., Awaitable[Socket]]


class Slow:
    """A socket that takes nothing until it is told to go on."""

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        self._gate = asyncio.Event()
        real = socket.app.output_queue.put

        async def put(message: Any) -> None:
            if message["type"] == "websocket.send":
                await self._gate.wait()
            await real(message)

        socket.app.output_queue.put = put

    def go_on(self) -> None:
        """Take what comes from now on."""
        self._gate.set()


def numbers(messages: list[dict[str, Any]]) -> list[int]:
    """Their numbers, in the order they came."""
    return [message["seq"] for message in messages]


async def test_a_socket_replays_what_was_said_and_goes_on_live(
    job: Job, alice: User, connect: Connect
) -> None:
    await database_sync_to_async(fill)(job, 3)
    socket = await connect(f"/ws/jobs/{job.id}", who=alice)

    assert await socket.open()
    replayed = await socket.some(3)
    await say(job)
    live = await socket.next()

    assert numbers([*replayed, live]) == [1, 2, 3, 4]
    assert replayed[0] == {
        "seq": 1,
        "ts": 1795478400.0,
        "type": "progress",
        "data": {"type": "progress", "at": 1.0, "stage": "parse", "done": 1, "total": None, "unit": ""},
    }
    assert (live["type"], live["data"]["message"]) == ("warned", "hello")


async def test_a_replay_of_many_pages_begins_after_a_number(
    job: Job, alice: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "PAGE", 10)
    await database_sync_to_async(fill)(job, 45)
    socket = await connect(f"/ws/jobs/{job.id}?after=5", who=alice)

    await socket.open()

    assert numbers(await socket.some(40)) == list(range(6, 46))
    assert await socket.is_silent()


async def test_events_stored_during_the_replay_come_once_and_in_order(
    job: Job, alice: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "PAGE", 7)
    await database_sync_to_async(fill)(job, 100)
    socket = await connect(f"/ws/jobs/{job.id}", who=alice)

    async def talk() -> None:
        for number in range(50):
            await say(job, str(number))

    talking = asyncio.create_task(talk())
    await socket.open()
    received = await socket.some(150)
    await talking

    assert numbers(received) == list(range(1, 151))
    assert await socket.is_silent()


async def test_what_came_at_once_is_one_message(job: Job, alice: User, connect: Connect) -> None:
    await database_sync_to_async(fill)(job, 20)
    socket = await connect(f"/ws/jobs/{job.id}", who=alice)
    await socket.open()

    message = await socket.receive()

    assert message["type"] == "events"
    assert numbers(message["events"]) == list(range(1, 21))


async def test_many_sockets_of_one_job_cost_one_reader(
    job: Job, alice: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, reads = events.after, []

    def after(*given: Any) -> list[Any]:
        rows = real(*given)
        reads.append(len(rows))
        return rows

    monkeypatch.setattr(events, "after", after)
    sockets = [await connect(f"/ws/jobs/{job.id}", who=alice) for _ in range(10)]
    for socket in sockets:
        await socket.open()

    await say(job)

    assert [numbers(await socket.some(1)) for socket in sockets] == [[1]] * 10
    assert reads.count(1) == 1


async def test_a_slow_reader_gets_all_though_the_feed_holds_few(
    job: Job, alice: User, bob: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "HELD_MESSAGES", 5)
    slow, quick = (
        Slow(await connect(f"/ws/jobs/{job.id}", who=alice)),
        await connect(f"/ws/jobs/{job.id}", who=bob),
    )
    for socket in (slow.socket, quick):
        await socket.open()

    for _ in range(60):
        await say(job)
    assert numbers(await quick.some(60)) == list(range(1, 61))
    slow.go_on()

    assert numbers(await slow.socket.some(60)) == list(range(1, 61))
    assert await slow.socket.is_silent()


async def test_who_is_far_behind_begins_with_the_curves_and_the_newest_events(
    job: Job, alice: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "LONGEST_REPLAY", 100)
    monkeypatch.setattr(consumers, "NEWEST", 30)
    await database_sync_to_async(fill)(job, 250)
    socket = await connect(f"/ws/jobs/{job.id}?after=20", who=alice)
    await socket.open()

    first = await socket.next()
    rest = await socket.some(30)

    assert (first["type"], first["seq"], first["skipped"]) == ("series", 220, [21, 220])
    assert (first["data"]["object"], first["data"]["last_seq"]) == ("series", 250)
    assert numbers(rest) == list(range(221, 251))


async def test_who_is_a_little_behind_gets_every_event(
    job: Job, alice: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "LONGEST_REPLAY", 100)
    await database_sync_to_async(fill)(job, 250)
    socket = await connect(f"/ws/jobs/{job.id}?after=150", who=alice)
    await socket.open()

    assert numbers(await socket.some(100)) == list(range(151, 251))


async def test_one_person_holds_so_many_sockets_and_no_more(
    job: Job, alice: User, bob: User, connect: Connect, settings: Any
) -> None:
    settings.SOCKETS_EACH = 2
    sockets = [await connect(f"/ws/jobs/{job.id}", who=who) for who in (alice, alice, bob)]
    for socket in sockets:
        await socket.open()
        # Its first word says that it is in.
        assert await socket.receive() == {"type": "ping"}

    third = await connect(f"/ws/jobs/{job.id}", who=alice)
    await third.open()
    assert await third.close_code() == 4429
    await say(job)
    for socket in sockets:
        assert (await socket.next())["seq"] == 1

    await sockets[0].close()
    again = await connect(f"/ws/jobs/{job.id}", who=alice)
    await again.open()
    assert (await again.next())["seq"] == 1


async def test_nothing_is_left_of_a_job_that_nobody_watches(job: Job, alice: User, connect: Connect) -> None:
    socket = await connect(f"/ws/jobs/{job.id}", who=alice)
    await socket.open()
    await say(job)
    await socket.next()
    assert feeds.open_feeds() == 2

    await socket.close()

    assert feeds.open_feeds() == 0
    assert not consumers.crowd


async def test_two_sockets_of_one_job_both_get_everything(
    job: Job, alice: User, bob: User, connect: Connect
) -> None:
    sockets = [await connect(f"/ws/jobs/{job.id}", who=who) for who in (alice, bob)]
    for socket in sockets:
        await socket.open()

    for _ in range(5):
        await say(job)

    assert [numbers(await socket.some(5)) for socket in sockets] == [[1, 2, 3, 4, 5]] * 2


async def test_other_jobs_are_not_heard(job: Job, alice: User, connect: Connect) -> None:
    other = await database_sync_to_async(Job.objects.create)(scope=job.scope, kind="train")
    socket = await connect(f"/ws/jobs/{job.id}", who=alice)
    await socket.open()

    await say(other)

    assert await socket.is_silent()


async def test_a_lost_hint_costs_a_moment_and_no_event(
    job: Job, alice: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(JobFeed, "poll_s", 0.2)
    monkeypatch.setattr("jobs.models.publish_on_commit", lambda job, seq: None)
    socket = await connect(f"/ws/jobs/{job.id}", who=alice)
    await socket.open()

    await say(job)

    assert (await socket.next())["seq"] == 1


async def test_hints_that_come_late_or_twice_change_nothing(job: Job, alice: User, connect: Connect) -> None:
    socket = await connect(f"/ws/jobs/{job.id}", who=alice)
    await socket.open()
    await say(job)
    first = await socket.next()

    for _ in range(3):
        await database_sync_to_async(hints.publish_on_commit)(job, 1)
    await say(job)

    assert numbers([first, await socket.next()]) == [1, 2]
    assert await socket.is_silent()


async def test_the_database_may_be_away_for_a_moment(
    job: Job, alice: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = events.after, []

    def after(*given: Any) -> list[Any]:
        calls.append(given)
        if len(calls) == 1:
            raise OperationalError("the server closed the connection")
        return real(*given)

    monkeypatch.setattr(feeds, "AGAIN_S", 0.1)
    monkeypatch.setattr(events, "after", after)
    await database_sync_to_async(fill)(job, 1)
    socket = await connect(f"/ws/jobs/{job.id}", who=alice)
    await socket.open()

    assert (await socket.next())["seq"] == 1


async def test_an_error_of_ours_closes_the_socket(
    job: Job, alice: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def after(*given: Any) -> list[Any]:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(events, "after", after)
    socket = await connect(f"/ws/jobs/{job.id}", who=alice)
    await socket.open()

    assert await socket.close_code() == 1011


async def test_a_quiet_socket_is_pinged(
    job: Job, alice: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(JobConsumer, "ping_s", 0.1)
    socket = await connect(f"/ws/jobs/{job.id}", who=alice)
    await socket.open()

    messages = [await socket.receive() for _ in range(3)]

    assert messages == [{"type": "ping"}] * 3


async def test_what_a_watcher_says_is_left_aside(job: Job, alice: User, connect: Connect) -> None:
    socket = await connect(f"/ws/jobs/{job.id}", who=alice)
    await socket.open()

    await socket.send(text='{"type": "job.changed", "last_seq": 99}')
    await socket.send(bytes=b"\xff")
    await say(job)

    assert (await socket.next())["seq"] == 1


async def test_a_key_opens_its_projects_jobs_from_anywhere(
    job: Job, viewer_key: str, connect: Connect
) -> None:
    socket = await connect(f"/ws/jobs/{job.id}", key=viewer_key, origin="")
    await socket.open()

    await say(job)

    assert (await socket.next())["seq"] == 1


async def test_a_stranger_is_told_that_there_is_no_such_job(
    job: Job, charlie: User, stranger_key: str, connect: Connect
) -> None:
    by_session = await connect(f"/ws/jobs/{job.id}", who=charlie)
    by_key = await connect(f"/ws/jobs/{job.id}", key=stranger_key)

    for socket in (by_session, by_key):
        assert await socket.open()
        assert await socket.close_code() == 4404


async def test_a_job_that_does_not_exist_is_told_the_same(alice: User, connect: Connect) -> None:
    socket = await connect("/ws/jobs/00000000-0000-0000-0000-000000000000", who=alice)
    await socket.open()

    assert await socket.close_code() == 4404


async def test_nobody_is_told_to_sign_in(job: Job, connect: Connect) -> None:
    without = await connect(f"/ws/jobs/{job.id}")
    wrong = await connect(f"/ws/jobs/{job.id}", key="sk-studio-wrong")

    for socket in (without, wrong):
        await socket.open()
        assert await socket.close_code() == 4401


async def test_a_wrong_number_to_begin_after_is_refused(job: Job, alice: User, connect: Connect) -> None:
    socket = await connect(f"/ws/jobs/{job.id}?after=-1", who=alice)
    await socket.open()

    assert await socket.close_code() == 4400


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("", "testserver"),
        ("null", "testserver"),
        ("http://evil.example", "testserver"),
        ("http://testserver:3000", "testserver"),
        ("http://testserver.evil.example", "testserver"),
        ("file://testserver", "testserver"),
        ("http://evil.example", "evil.example"),
        ("http://testserver", ""),
    ],
)
async def test_a_page_of_another_site_gets_no_handshake(
    job: Job, alice: User, connect: Connect, origin: str, host: str
) -> None:
    socket = await connect(f"/ws/jobs/{job.id}", who=alice, origin=origin, host=host)

    assert not await socket.open()


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://testserver", "testserver:80"),
        ("https://testserver", "testserver"),
        ("https://testserver", "testserver:443"),
        ("http://127.0.0.1:8000", "testserver"),
    ],
)
async def test_a_page_of_this_site_gets_one(
    job: Job, alice: User, connect: Connect, origin: str, host: str
) -> None:
    socket = await connect(f"/ws/jobs/{job.id}", who=alice, origin=origin, host=host)

    assert await socket.open()


@pytest.mark.parametrize("path", ["/ws", "/ws/jobs/1", "/ws/elsewhere", "/"])
async def test_where_nothing_is_to_be_followed_there_is_no_handshake(
    connect: Connect, alice: User, path: str
) -> None:
    socket = await connect(path, who=alice)

    assert not await socket.open()


async def test_a_member_who_leaves_loses_the_socket_at_once(
    job: Job, project: Project, alice: User, bob: User, connect: Connect
) -> None:
    others = await connect(f"/ws/jobs/{job.id}", who=alice)
    await others.open()
    socket = await connect(f"/ws/jobs/{job.id}", who=bob)
    await socket.open()
    await say(job)
    await socket.next()

    await database_sync_to_async(projects.remove_member)(project, "bob")

    assert await socket.close_code() == 4403
    await say(job)
    assert numbers(await others.some(2)) == [1, 2]


async def test_a_lost_word_about_access_costs_a_moment(
    job: Job, project: Project, bob: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(JobConsumer, "access_s", 0.1)
    monkeypatch.setattr("studio.projects.services.access_changed_on_commit", lambda scope: None)
    socket = await connect(f"/ws/jobs/{job.id}", who=bob)
    await socket.open()
    await socket.receive()

    await database_sync_to_async(projects.remove_member)(project, "bob")

    assert await socket.close_code() == 4403


async def test_signing_out_ends_the_socket(
    job: Job, alice: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(JobConsumer, "access_s", 0.1)
    socket = await connect(f"/ws/jobs/{job.id}", who=alice)
    await socket.open()
    await say(job)
    await socket.next()

    await database_sync_to_async(Session.objects.all().delete)()

    assert await socket.close_code() == 4401


async def test_a_revoked_key_loses_the_socket(job: Job, viewer_key: str, connect: Connect) -> None:
    socket = await connect(f"/ws/jobs/{job.id}", key=viewer_key)
    await socket.open()
    await say(job)
    await socket.next()

    await database_sync_to_async(lambda: accounts.revoke_key(ApiKey.objects.get()))()

    assert await socket.close_code() == 4401
