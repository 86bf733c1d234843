"""Sockets that follow jobs. What is sent is read from the rows; a hint only says that it is time to read.

A message is {"type": "events", "events": [...]}: all that is new, in order, each with its `seq`; a reader that is slow gets
more of them at a time, never a longer queue. A socket of a job that would have to replay thousands of events begins with
{"type": "series", "seq": ..., "skipped": [first, last], "data": ...} instead, and goes on after `seq`; what was skipped is
there to be read under /api/jobs/<id>/events. {"type": "ping"} breaks a silence, and begins where there is nothing else.

Close codes: 4400 the request is wrong, 4401 nobody is signed in (any more), 4403 access was lost, 4404 no such thing for
you, 4429 too many sockets of one person or key. They come after the handshake, since a browser shows its script no other.
A page of another site is refused before it.
"""

import asyncio
import contextlib
import logging
import math
import time
from collections import Counter
from typing import Any, ClassVar
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import InterfaceError, OperationalError

from jobs import series
from jobs.models import Job
from studio.metrics import live
from studio.projects.models import Project
from studio.realtime import feeds
from studio.realtime.access import Standing, Watcher, comes_from_here, in_thread, watcher_of
from studio.realtime.feeds import AccessFeed, JobFeed, ProjectFeed
from studio.training.schemas import series_out

logger = logging.getLogger(__name__)

BAD_REQUEST, SIGNED_OUT, ACCESS_LOST, NOT_THERE, TOO_MANY = 4400, 4401, 4403, 4404, 4429
FAILED = 1011
#: Silence on a socket is never longer.
PING_S = 20.0
#: Whether the watcher may still watch is asked this often, and whenever the project's access changes.
ACCESS_S = 30.0
#: Who is further behind than this begins with the curves and the newest events.
LONGEST_REPLAY, NEWEST = 5000, 500
#: Digits; a longer number is no row's.
LONGEST_SEQ = 18

#: Who -> sockets they hold open in this process.
crowd: Counter[str] = Counter()


class Follower(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Authorizes at the handshake, then sends what is new whenever its feed says so."""

    # The feed has the one channel of the process; a socket needs none of its own.
    channel_layer_alias = ""

    ping_s: ClassVar[float] = PING_S
    access_s: ClassVar[float] = ACCESS_S

    project: Project
    watcher: Watcher
    identity: str
    pump: asyncio.Task[None] | None = None
    closing: asyncio.Future[None] | None = None
    #: The last message that was sent, as its feed counts.
    place = 0
    #: monotonic times
    sent_at = -math.inf
    checked_at = 0.0
    checked_version = 0

    async def connect(self) -> None:
        """Let in whom the project lets in, and begin."""
        self.watcher = watcher_of(self.scope)
        if not self.watcher.authorization and not comes_from_here(self.scope):
            await self.close()
            return
        await self.accept()
        if not self.prepare():
            await self.close(code=BAD_REQUEST)
            return
        project, standing = await in_thread(self.admit)()
        if standing.identity is None:
            await self.close(code=SIGNED_OUT)
            return
        if project is None or not standing.may_watch:
            await self.close(code=NOT_THERE)
            return
        if crowd[standing.identity] >= settings.SOCKETS_EACH:
            await self.close(code=TOO_MANY)
            return
        self.identity = standing.identity
        crowd[self.identity] += 1
        live.SOCKETS.inc()
        self.project = project
        self.checked_at = time.monotonic()
        self.pump = asyncio.create_task(self.follow())
        self.pump.add_done_callback(self.ended)

    def admit(self) -> tuple[Project | None, Standing]:
        """What is to be followed, and how the watcher stands to it; one visit to the database."""
        project = self.find()
        return project, self.watcher.stands(project)

    def ended(self, pump: asyncio.Task[None]) -> None:
        """The pump stopped: a reader who hung up is nothing new, any other error closes the socket."""
        crowd[self.identity] -= 1
        live.SOCKETS.dec()
        if not crowd[self.identity]:
            del crowd[self.identity]
        error = None if pump.cancelled() else pump.exception()
        if error is None or isinstance(error, OSError):
            return
        logger.error("a socket's follower failed", exc_info=error)
        self.closing = asyncio.ensure_future(self.close(code=FAILED))

    async def disconnect(self, code: int) -> None:
        """Stop, and leave nothing behind."""
        del code
        if self.pump is not None:
            self.pump.cancel()
            await asyncio.wait([self.pump])

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A watcher has nothing to say."""

    async def send_from(self, feed: JobFeed | ProjectFeed, news: asyncio.Event) -> None:
        """Send what is new, wait for more, for as long as the watcher may watch."""
        async with feeds.joined(AccessFeed, self.project.id, news) as access:
            self.checked_version = access.version
            while await self.may_still(access.version):
                feed.check()
                news.clear()
                messages = await self.next_messages(feed)
                if messages:
                    await self.say_events(messages)
                elif access.version == self.checked_version:
                    await self.wait(news)

    async def may_still(self, version: int) -> bool:
        """Whether the watcher may still watch; closes the socket where not. `version` counts changes of access."""
        if version == self.checked_version and time.monotonic() - self.checked_at < self.access_s:
            return True
        try:
            standing = await in_thread(self.watcher.stands)(self.project)
        except (OperationalError, InterfaceError):
            await asyncio.sleep(feeds.AGAIN_S)
            return True
        self.checked_at, self.checked_version = time.monotonic(), version
        if not standing.may_watch:
            await self.close(code=ACCESS_LOST if standing.identity else SIGNED_OUT)
        return standing.may_watch

    async def wait(self, news: asyncio.Event) -> None:
        """Until there is news, or it is time to ask or to say that the socket lives."""
        ping_at = self.sent_at + self.ping_s
        pause = min(ping_at, self.checked_at + self.access_s) - time.monotonic()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, pause)):
                await news.wait()
        if time.monotonic() >= ping_at:
            await self.say('{"type":"ping"}')

    async def say_events(self, messages: list[tuple[int, str]]) -> None:
        """Send messages as one; the place moves on with them."""
        await self.say(f'{{"type":"events","events":[{",".join(text for _, text in messages)}]}}')
        self.place = messages[-1][0]

    async def say(self, text: str) -> None:
        """Send a text; returns once the socket has taken it, so a slow reader slows this follower alone."""
        await self.send(text_data=text)
        self.sent_at = time.monotonic()

    def prepare(self) -> bool:
        """Read the request; whether it makes sense."""
        raise NotImplementedError

    def find(self) -> Project | None:
        """The project that what is to be followed belongs to."""
        raise NotImplementedError

    async def follow(self) -> None:
        """Join the feed and send from it."""
        raise NotImplementedError

    async def next_messages(self, feed: Any) -> list[tuple[int, str]]:
        """The next of what is new, each with its place."""
        raise NotImplementedError


class JobConsumer(Follower):
    """One job's events from a number on: ws/jobs/<uuid>?after=<seq>."""

    job_id: UUID

    def prepare(self) -> bool:
        """Where to begin is `after`, 0 by default."""
        self.job_id = self.scope["url_route"]["kwargs"]["job_id"]
        after = read_after(self.scope["query_string"])
        if after is None:
            return False
        self.place = after
        return True

    def find(self) -> Project | None:
        """The job's scope."""
        scope = Job.objects.filter(id=self.job_id).values("scope")
        return Project.objects.filter(id__in=scope).first()

    async def follow(self) -> None:
        """Join the job's feed; who is far behind gets the curves first."""
        news = asyncio.Event()
        async with feeds.joined(JobFeed, self.job_id, news) as feed:
            if feed.seq - self.place > LONGEST_REPLAY:
                await self.say_series()
            await self.send_from(feed, news)

    async def say_series(self) -> None:
        """The curves so far instead of thousands of events; the newest come as they are."""
        begun = self.place
        read = await in_thread(self.read_series)()
        self.place = max(begun, read.last_seq - NEWEST)
        await self.say(
            feeds.as_text(
                {
                    "type": "series",
                    "seq": self.place,
                    "ts": time.time(),
                    "skipped": [begun + 1, self.place],
                    "data": series_out(read).model_dump(),
                }
            )
        )

    def read_series(self) -> series.Series:
        """All of the job's curves. Asks the database."""
        return series.read(Job.objects.get(id=self.job_id))

    async def next_messages(self, feed: JobFeed) -> list[tuple[int, str]]:
        """The events after the last one that was sent: as the feed holds them, else by the rows."""
        while self.place < feed.floor:
            try:
                messages = await in_thread(feeds.messages_after)(self.job_id, self.place, feeds.PAGE)
            except (OperationalError, InterfaceError) as error:
                logger.warning("a socket waits for the database: %s", error)
                await asyncio.sleep(feeds.AGAIN_S)
                continue
            if messages:
                return messages
            # What is below the floor was thinned out.
            self.place = feed.floor
        return feed.after(self.place)


class ProjectConsumer(Follower):
    """How a project's jobs stand: all that are not over at first, then each that changes: ws/projects/<slug>."""

    slug: str

    def prepare(self) -> bool:
        """Nothing is asked but the project."""
        self.slug = self.scope["url_route"]["kwargs"]["slug"]
        return True

    def find(self) -> Project | None:
        """By its slug."""
        return Project.objects.filter(slug=self.slug).first()

    async def follow(self) -> None:
        """Join the project's feed."""
        news = asyncio.Event()
        async with feeds.joined(ProjectFeed, self.project.id, news) as feed:
            await self.send_from(feed, news)

    async def next_messages(self, feed: ProjectFeed) -> list[tuple[int, str]]:
        """The jobs that changed since they were told last."""
        return feed.after(self.place)


class Refusal(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Answers where nothing is to be followed."""

    channel_layer_alias = ""

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
