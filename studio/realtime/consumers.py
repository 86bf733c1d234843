"""Sockets that follow jobs. What is sent is read from the rows; a hint only says that it is time to read.

Close codes: 4400 the request is wrong, 4401 nobody is signed in, 4403 access was lost, 4404 no such thing for you.
They come after the handshake, since a browser shows its script no other. A page of another site is refused before it.
"""

import asyncio
import contextlib
import json
import logging
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from django.db import InterfaceError, OperationalError
from django.db.models import Q
from django.utils import timezone

from jobs import events
from jobs.models import Job, JobEvent
from jobs.states import ACTIVE
from studio.projects.models import Project
from studio.realtime.access import Watcher, comes_from_here, in_thread, watcher_of

logger = logging.getLogger(__name__)

BAD_REQUEST, SIGNED_OUT, ACCESS_LOST, NOT_THERE = 4400, 4401, 4403, 4404
FAILED = 1011
#: Rows read at a time: a slow reader holds no more than these in memory.
PAGE = 500
#: The rows are looked at this often though no hint came: a hint may be lost.
POLL_S = 15.0
#: Silence on a socket is never longer.
PING_S = 20.0
#: Whether the watcher may still watch is asked at most this often.
ACCESS_S = 30.0
#: A project's watcher is told of changes at most this often.
REST_S = 0.5
#: Ended jobs are looked at again for this long.
ENDED_S = 60
#: Digits; a longer number is no row's.
LONGEST_SEQ = 18


class Follower(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Authorizes at the handshake, then sends what is new whenever it is told, or after a while untold."""

    poll_s = POLL_S
    ping_s = PING_S
    access_s = ACCESS_S

    group: str
    project: Project
    watcher: Watcher
    news: asyncio.Event
    pump: asyncio.Task[None] | None = None
    closing: asyncio.Future[None] | None = None
    #: monotonic times
    sent_at = 0.0
    checked_at = 0.0

    async def connect(self) -> None:
        """Let in whom the project lets in, and begin."""
        self.watcher = watcher_of(self.scope)
        if not self.watcher.authorization and not comes_from_here(self.scope):
            await self.close()
            return
        await self.accept()
        if not await self.watcher.is_known():
            await self.close(code=SIGNED_OUT)
            return
        if not self.prepare():
            await self.close(code=BAD_REQUEST)
            return
        project = await in_thread(self.find)()
        if project is None or not await self.watcher.may_watch(project):
            await self.close(code=NOT_THERE)
            return
        self.project = project
        self.news = asyncio.Event()
        # The group first, the rows then: what comes in between is hinted at and read once.
        await self.layer().group_add(self.group, self.channel_name)
        self.sent_at = self.checked_at = time.monotonic()
        self.pump = asyncio.create_task(self.follow())
        self.pump.add_done_callback(self.ended)

    def ended(self, pump: asyncio.Task[None]) -> None:
        """The pump stopped by itself: a reader who hung up is nothing new, any other error closes the socket."""
        error = None if pump.cancelled() else pump.exception()
        if error is None or isinstance(error, OSError):
            return
        logger.error("a socket's follower failed", exc_info=error)
        self.closing = asyncio.ensure_future(self.close(code=FAILED))

    async def disconnect(self, code: int) -> None:
        """Stop, and leave nothing behind."""
        del code
        if self.pump is None:
            return
        self.pump.cancel()
        await asyncio.wait([self.pump])
        await self.layer().group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A watcher has nothing to say."""

    async def follow(self) -> None:
        """Send what is new, wait for a hint or for the next look, for as long as the socket is open."""
        while await self.may_still():
            try:
                more = await self.send_news()
            except (OperationalError, InterfaceError) as error:
                logger.warning("a socket waits for the database: %s", error)
                more = False
            if not more:
                await self.wait()

    async def may_still(self) -> bool:
        """Whether the watcher may still watch; closes the socket where not."""
        if time.monotonic() - self.checked_at < self.access_s:
            return True
        try:
            allowed = await self.watcher.may_watch(self.project)
        except (OperationalError, InterfaceError):
            return True
        self.checked_at = time.monotonic()
        if not allowed:
            await self.close(code=ACCESS_LOST)
        return allowed

    async def wait(self) -> None:
        """Until a hint, or the poll's time; pings in between."""
        end = time.monotonic() + self.poll_s
        while not self.news.is_set() and time.monotonic() < end:
            ping_at = self.sent_at + self.ping_s
            pause = max(0.0, min(end, ping_at) - time.monotonic())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.news.wait(), pause)
            if time.monotonic() >= self.sent_at + self.ping_s:
                await self.say({"type": "ping"})
        self.news.clear()

    async def say(self, message: dict[str, Any]) -> None:
        """Send one message; returns once the socket has taken it, so a slow reader slows this follower alone."""
        await self.send(text_data=json.dumps(message, ensure_ascii=False, separators=(",", ":")))
        self.sent_at = time.monotonic()

    def layer(self) -> Any:
        """The channel layer."""
        return get_channel_layer()

    def prepare(self) -> bool:
        """Read the request, name the group; whether it makes sense."""
        raise NotImplementedError

    def find(self) -> Project | None:
        """The project that what is to be followed belongs to."""
        raise NotImplementedError

    async def send_news(self) -> bool:
        """Send the next page of what is new; whether there is more."""
        raise NotImplementedError


class JobConsumer(Follower):
    """One job's events from a number on: ws/jobs/<uuid>?after=<seq>."""

    seq = 0
    job_id: UUID

    def prepare(self) -> bool:
        """Where to begin is `after`, 0 by default."""
        self.job_id = self.scope["url_route"]["kwargs"]["job_id"]
        self.group = f"job.{self.job_id}"
        after = read_after(self.scope["query_string"])
        if after is None:
            return False
        self.seq = after
        return True

    def find(self) -> Project | None:
        """The job's scope."""
        job = Job.objects.filter(id=self.job_id).first()
        return Project.objects.filter(id=job.scope).first() if job else None

    async def send_news(self) -> bool:
        """The rows after the last one that was sent."""
        rows = await in_thread(events.after)(self.job_id, self.seq, PAGE)
        for row in rows:
            await self.say(as_message(row))
            self.seq = row.seq
        return len(rows) == PAGE

    async def job_changed(self, hint: dict[str, Any]) -> None:
        """There is something to read, unless it was read already."""
        if hint["last_seq"] > self.seq:
            self.news.set()


class ProjectConsumer(Follower):
    """How a project's jobs stand: all that are not over at first, then each that changes: ws/projects/<slug>."""

    rest_s = REST_S

    slug: str
    known: dict[UUID, int]
    hinted: set[UUID]
    looked_at = 0.0

    def prepare(self) -> bool:
        """The group is known once the project is."""
        self.slug = self.scope["url_route"]["kwargs"]["slug"]
        self.known, self.hinted = {}, set()
        return True

    def find(self) -> Project | None:
        """By its slug."""
        project = Project.objects.filter(slug=self.slug).first()
        if project is not None:
            self.group = f"project.{project.id}"
        return project

    async def send_news(self) -> bool:
        """The jobs that were hinted at; now and then all that are not long over."""
        hinted, self.hinted = self.hinted, set()
        everything = time.monotonic() - self.looked_at >= self.poll_s or not self.looked_at
        if everything:
            self.looked_at = time.monotonic()
        changed = await in_thread(self.changed)(hinted, everything=everything)
        for job in changed:
            self.known[job.id] = job.last_seq
            await self.say(as_job_message(job))
        if changed:
            # A page redraws itself for these: what comes meanwhile is told together.
            await asyncio.sleep(self.rest_s)
        return bool(self.hinted)

    def changed(self, hinted: set[UUID], *, everything: bool) -> list[Job]:
        """Jobs with events that were not told yet."""
        which = Q(id__in=hinted)
        if everything:
            lately = timezone.now() - timedelta(seconds=ENDED_S)
            which |= Q(state__in=ACTIVE) | Q(updated_at__gte=lately)
        jobs = Job.objects.filter(which, scope=self.project.id).order_by("-updated_at")[:PAGE]
        return [job for job in reversed(jobs) if job.last_seq > self.known.get(job.id, -1)]

    async def project_changed(self, hint: dict[str, Any]) -> None:
        """One of its jobs has something new."""
        self.hinted.add(UUID(hint["job"]))
        self.news.set()


class Refusal(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Answers where nothing is to be followed."""

    async def connect(self) -> None:
        """Refuse the handshake."""
        await self.close()


def read_after(query: bytes) -> int | None:
    """`after` of a query string, 0 where it is not given; nothing where it is no number of a row."""
    values = dict(part.partition("=")[::2] for part in query.decode("latin-1").split("&"))
    text = values.get("after", "0")
    if not text.isascii() or not text.isdigit() or len(text) > LONGEST_SEQ:
        return None
    return int(text)


def as_message(row: JobEvent) -> dict[str, Any]:
    """An event as watchers get it."""
    return {"seq": row.seq, "ts": row.at.timestamp(), "type": row.type, "data": row.payload}


def as_job_message(job: Job) -> dict[str, Any]:
    """How a job stands, as watchers of its project get it."""
    data = {
        "job": str(job.id),
        "kind": job.kind,
        "title": job.title,
        "state": job.state,
        "step": job.step,
        "steps": job.steps,
    }
    return {"seq": job.last_seq, "ts": job.updated_at.timestamp(), "type": "job", "data": data}
