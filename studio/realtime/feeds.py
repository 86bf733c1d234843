"""What the sockets of one thing share: one subscription, one reader of rows, one text of each message.

A feed holds the newest messages, bounded; each socket has its place in them and takes from there what is new, as fast as
its own reader allows. A socket that has fallen behind what is held reads the rows itself, page by page.
"""

import asyncio
import contextlib
import json
import logging
import time
from bisect import bisect_right
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, ClassVar, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from channels.layers import get_channel_layer
from django.db import InterfaceError, OperationalError
from django.db.models import Q
from django.utils import timezone
from redis.exceptions import RedisError

from jobs import events
from jobs.hints import access_group, job_group, project_group
from jobs.models import Job, JobEvent
from jobs.states import ACTIVE
from studio.realtime.access import in_thread

logger = logging.getLogger(__name__)

#: Rows read at a time.
PAGE = 500
#: Newest messages that a job's feed holds, and characters in them.
HELD_MESSAGES, HELD_CHARS = 1000, 1024 * 1024
#: The rows are looked at this often though no hint came: a hint may be lost.
POLL_S = 15.0
#: A channel layer or a database that is away is asked again after so long.
AGAIN_S = 1.0
STOP_AGAIN_S = 0.05
#: A project's watchers are told of changes at most this often.
REST_S = 0.5
#: Ended jobs are looked at again for this long.
ENDED_S = 60


class FeedFailed(Exception):
    """A mistake of ours ended the feed; its traceback is in the log."""


class Feed:
    """Reads what is new whenever it is told, or after a while untold, and wakes who listens."""

    poll_s: ClassVar[float] = POLL_S

    def __init__(self, group: str) -> None:
        self.group = group
        self.listeners: set[asyncio.Event] = set()
        self.failed = False
        self._told = asyncio.Event()
        self._subscribed = asyncio.Event()
        self._ready = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to listen and to read."""
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._run())]

    async def stop(self) -> None:
        """End both, and leave nothing behind."""
        pending = set(self._tasks)
        while pending:
            for task in pending:
                task.cancel()
            # The Redis client may swallow a cancellation while it connects: it is told again.
            _done, pending = await asyncio.wait(pending, timeout=STOP_AGAIN_S)

    async def ready(self) -> None:
        """Return once the feed knows where it begins. Raises FeedFailed."""
        await self._ready.wait()
        self.check()

    def check(self) -> None:
        """Raise FeedFailed where it reads no more."""
        if self.failed:
            raise FeedFailed(self.group)

    async def _listen(self) -> None:
        """Note each hint of the group; a channel layer that is away is tried again."""
        layer = get_channel_layer()
        while True:
            try:
                channel = await layer.new_channel()
                await layer.group_add(self.group, channel)
                self._subscribed.set()
                # What was said before the subscription held is found by looking.
                self._told.set()
                try:
                    while True:
                        if self.hear(await layer.receive(channel)):
                            self._told.set()
                finally:
                    await layer.group_discard(self.group, channel)
            except (RedisError, OSError) as error:
                logger.warning("no hints of %s: %r", self.group, error)
                await asyncio.sleep(AGAIN_S)

    async def _run(self) -> None:
        # The subscription first, the rows then: what comes in between is hinted at and read once.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(AGAIN_S):
                await self._subscribed.wait()
        try:
            while True:
                await self._look()
        except (
            Exception
        ):  # the boundary of a task that many sockets live on: they are closed, and told why in the log
            logger.exception("the feed of %s failed", self.group)
            self.failed = True
        self._wake()

    async def _look(self) -> None:
        """Read once, tell who listens, wait for a hint."""
        self._told.clear()
        pause = self.poll_s
        try:
            more = await self.read()
        except (OperationalError, InterfaceError) as error:
            logger.warning("the feed of %s waits for the database: %s", self.group, error)
            more, pause = False, min(AGAIN_S, self.poll_s)
        else:
            self._ready.set()
        if not more:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._told.wait()

    def _wake(self) -> None:
        self._ready.set()
        for listener in self.listeners:
            listener.set()

    def hear(self, hint: dict[str, Any]) -> bool:
        """Whether a hint tells of something that was not read yet."""
        raise NotImplementedError

    async def read(self) -> bool:
        """Take in what is new and wake the listeners; whether there is more to read at once."""
        raise NotImplementedError


class JobFeed(Feed):
    """One job's newest events as texts, by number."""

    def __init__(self, job_id: UUID) -> None:
        super().__init__(job_group(job_id))
        self.job_id = job_id
        #: Everything after `floor` and up to `seq` is held.
        self.floor = self.seq = -1
        self._seqs: list[int] = []
        self._texts: list[str] = []
        self._chars = 0

    def hear(self, hint: dict[str, Any]) -> bool:
        """Hints come late, twice, or out of order."""
        return bool(hint["last_seq"] > self.seq)

    async def read(self) -> bool:
        """The rows after the last one; at first the newest page, since who comes back has seen what is before it."""
        if self.seq < 0:
            last = await in_thread(last_seq)(self.job_id)
            self.floor = self.seq = max(0, last - PAGE)
        rows = await in_thread(messages_after)(self.job_id, self.seq, PAGE)
        for seq, text in rows:
            self._seqs.append(seq)
            self._texts.append(text)
            self._chars += len(text)
        if rows:
            self.seq = rows[-1][0]
            self._forget()
            self._wake()
        return len(rows) == PAGE

    def _forget(self) -> None:
        """Let go of the oldest; the newest one stays, however long it is."""
        drop = 0
        while drop < len(self._seqs) - 1 and (
            len(self._seqs) - drop > HELD_MESSAGES or self._chars > HELD_CHARS
        ):
            self._chars -= len(self._texts[drop])
            drop += 1
        if drop:
            self.floor = self._seqs[drop - 1]
            del self._seqs[:drop], self._texts[:drop]

    def after(self, seq: int) -> list[tuple[int, str]]:
        """The next messages after a number that is not below `floor`."""
        begin = bisect_right(self._seqs, seq)
        return list(zip(self._seqs[begin : begin + PAGE], self._texts[begin : begin + PAGE], strict=True))


class ProjectFeed(Feed):
    """How a project's jobs stand: all that are not over or ended just now, each in its newest words."""

    rest_s: ClassVar[float] = REST_S

    def __init__(self, project_id: UUID) -> None:
        super().__init__(project_group(project_id))
        self.project_id = project_id
        #: Counts the changes; a listener's place is the newest change it has been told.
        self.version = 0
        #: Job -> its number of events, the change in which it was told last, and its text. Oldest change first.
        self._jobs: dict[UUID, tuple[int, int, str]] = {}
        self._hinted: set[UUID] = set()
        self._looked_at = -self.poll_s

    def hear(self, hint: dict[str, Any]) -> bool:
        """Which job has something new."""
        self._hinted.add(UUID(hint["job"]))
        return True

    async def read(self) -> bool:
        """The jobs that were hinted at; now and then all that are not long over."""
        hinted, self._hinted = self._hinted, set()
        everything = time.monotonic() - self._looked_at >= self.poll_s
        jobs = await in_thread(jobs_of)(self.project_id, hinted, everything=everything)
        if everything:
            self._looked_at = time.monotonic()
            self._jobs = {job.id: self._jobs[job.id] for job in jobs if job.id in self._jobs}
        changed = [job for job in jobs if job.last_seq > self._jobs.get(job.id, (-1, 0, ""))[0]]
        for job in changed:
            self.version += 1
            self._jobs.pop(job.id, None)
            self._jobs[job.id] = job.last_seq, self.version, as_job_message(job)
        if changed:
            self._wake()
            # Pages redraw themselves for these: what comes meanwhile is told together.
            await asyncio.sleep(self.rest_s)
        return bool(self._hinted)

    def after(self, version: int) -> list[tuple[int, str]]:
        """The jobs that changed after a change, in the order of the changes."""
        return [(at, text) for _seq, at, text in self._jobs.values() if at > version]


class AccessFeed(Feed):
    """Says that somebody's access to a project has changed; whoever watches asks for their own."""

    # Nothing is read, so there is nothing to look for; sockets ask by themselves now and then.
    poll_s: ClassVar[float] = 3600.0

    def __init__(self, project_id: UUID) -> None:
        super().__init__(access_group(project_id))
        #: Counts the changes.
        self.version = 0

    def hear(self, hint: dict[str, Any]) -> bool:
        """Another change."""
        del hint
        self.version += 1
        return True

    async def read(self) -> bool:
        """Have all listeners look at the version."""
        self._wake()
        return False


F = TypeVar("F", JobFeed, ProjectFeed, AccessFeed)
#: One set of feeds for each event loop: a feed's tasks live and die with theirs.
_feeds: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Feed]] = WeakKeyDictionary()


@asynccontextmanager
async def joined(make: type[F], of: UUID, listener: asyncio.Event) -> AsyncIterator[F]:
    """The feed of a thing while somebody listens: made for the first one, stopped with the last. Raises FeedFailed."""
    feeds = _feeds.setdefault(asyncio.get_running_loop(), {})
    key = f"{make.__name__} {of}"
    known = feeds.get(key)
    if isinstance(known, make) and not known.failed:
        feed = known
    else:
        feed = make(of)
        feeds[key] = feed
        feed.start()
    feed.listeners.add(listener)
    try:
        await feed.ready()
        yield feed
    finally:
        feed.listeners.discard(listener)
        if not feed.listeners:
            if feeds.get(key) is feed:
                del feeds[key]
            await feed.stop()


def open_feeds() -> int:
    """How many things are followed in this process's event loop."""
    return len(_feeds.get(asyncio.get_running_loop(), {}))


def last_seq(job_id: UUID) -> int:
    """Number of the job's newest event."""
    return Job.objects.filter(id=job_id).values_list("last_seq", flat=True).first() or 0


def messages_after(job_id: UUID, seq: int, limit: int) -> list[tuple[int, str]]:
    """The events after a number, as watchers get them."""
    return [(row.seq, as_message(row)) for row in events.after(job_id, seq, limit)]


def jobs_of(project_id: UUID, hinted: set[UUID], *, everything: bool) -> list[Job]:
    """The jobs named, or all that are not long over; the one that changed last comes last."""
    which = Q(id__in=hinted)
    if everything:
        lately = timezone.now() - timedelta(seconds=ENDED_S)
        which |= Q(state__in=ACTIVE) | Q(updated_at__gte=lately)
    return list(reversed(Job.objects.filter(which, scope=project_id).order_by("-updated_at")[:PAGE]))


def as_text(message: dict[str, Any]) -> str:
    """A message as it is sent."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def as_message(row: JobEvent) -> str:
    """An event as watchers get it."""
    return as_text({"seq": row.seq, "ts": row.at.timestamp(), "type": row.type, "data": row.payload})


def as_job_message(job: Job) -> str:
    """How a job stands, as watchers of its project get it."""
    data = {
        "job": str(job.id),
        "kind": job.kind,
        "title": job.title,
        "state": job.state,
        "step": job.step,
        "steps": job.steps,
    }
    return as_text({"seq": job.last_seq, "ts": job.updated_at.timestamp(), "type": "job", "data": data})
