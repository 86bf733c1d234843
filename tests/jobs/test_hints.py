"""Watchers are told after the commit; a channel layer that is away costs no event."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from channels.layers import channel_layers, get_channel_layer
from channels_redis.pubsub import RedisPubSubChannelLayer

from jobs import events, hints
from jobs.models import Job
from protocol.events import Started

Capture = Callable[..., Any]


@pytest.fixture
def layer_at() -> Iterator[Callable[[str], None]]:
    """Puts the channel layer somewhere else for a test."""
    before = channel_layers.backends.copy()

    def put(address: str) -> None:
        channel_layers.backends["default"] = RedisPubSubChannelLayer(hosts=[address])

    yield put
    channel_layers.backends.clear()
    channel_layers.backends.update(before)


def test_a_watcher_of_the_job_and_one_of_the_project_are_told(
    job: Job, django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        events.append(job, 1, [Started(at=1.0)])
    assert len(callbacks) == 1

    async def watch(group: str) -> dict[str, Any]:
        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(group, channel)
        await asyncio.to_thread(callbacks[0])
        found: dict[str, Any] = await asyncio.wait_for(layer.receive(channel), 5)
        await layer.flush()
        return found

    hint = {"job": str(job.id), "last_seq": job.last_seq + 1, "state": "starting"}
    assert asyncio.run(watch(hints.job_group(job.id))) == {"type": "job.changed"} | hint
    assert asyncio.run(watch(hints.project_group(job.scope))) == {"type": "project.changed"} | hint


def test_a_layer_that_is_away_costs_no_event(
    job: Job,
    layer_at: Callable[[str], None],
    django_capture_on_commit_callbacks: Capture,
    caplog: pytest.LogCaptureFixture,
) -> None:
    layer_at("redis://127.0.0.1:1/0")

    with caplog.at_level(logging.WARNING), django_capture_on_commit_callbacks(execute=True):
        stored = events.append(job, 1, [Started(at=1.0)])

    assert stored == 1
    assert "no hints for 5 s" in caplog.text


def test_a_frozen_layer_is_waited_for_once(
    job: Job,
    layer_at: Callable[[str], None],
    frozen: str,
    django_capture_on_commit_callbacks: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layer_at(frozen)
    monkeypatch.setattr(hints, "PATIENCE_S", 0.3)
    began = time.monotonic()

    with django_capture_on_commit_callbacks(execute=True):
        for number in range(10):
            events.append(job, 1, [Started(at=number)])

    assert time.monotonic() - began < 2
    assert job.events.filter(type="started").count() == 10
