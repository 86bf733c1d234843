"""A machine whose clock is wrong: leases live by the database's clock, so nobody's job is taken away or kept too long."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from jobs import reaper, supervisor
from jobs.models import Job
from jobs.states import JobState
from tests.jobs.fake_trainer import STEPS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("off", [timedelta(days=1), timedelta(days=-1)], ids=["fast", "slow"])
def test_a_wrong_clock_takes_no_job_away(
    enqueue: Callable[..., Job], in_thread: Callable[[Callable[[], Any]], threading.Thread], off: timedelta
) -> None:
    with time_machine.travel(datetime.now(UTC) + off):
        job = enqueue("slow")
        thread = in_thread(lambda: supervisor.run(str(job.id)))
        given_back = 0
        while thread.is_alive():
            given_back += reaper.reap()
            time.sleep(0.2)

    job.refresh_from_db()
    assert given_back == 0
    assert (job.state, job.attempt) == (JobState.SUCCEEDED, 1)
    steps = list(job.events.filter(type="step").order_by("seq").values_list("step", flat=True))
    assert steps == list(range(1, STEPS + 1))
    # Stored by the database's clock too.
    assert job.finished_at is not None
    assert abs(datetime.now(UTC) - job.finished_at) < timedelta(minutes=1)
