"""/metrics: who may read it, and that it says what the rows say."""

import re
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from django.conf import LazySettings
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from jobs.models import Job, JobEvent, Node
from jobs.states import JobState
from studio.accounts.models import User
from studio.metrics import rows
from studio.projects.models import Project
from tests import factories

Figures = dict[tuple[str, tuple[str, ...]], float]


def scrape(client: Client) -> Figures:
    """Name and label values -> value."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {(s.name, tuple(s.labels.values())): s.value for family in families for s in family.samples}


def test_the_queue_is_told_by_pool_with_its_oldest(client: Client, project: Project) -> None:
    Node.objects.create(name="n", slots={"compute": 1, "serve": 4}, seen_at=timezone.now())
    waiting = [factories.job(project, pool="compute") for _ in range(2)]
    Job.objects.filter(id=waiting[0].id).update(updated_at=timezone.now() - timedelta(minutes=5))
    factories.job(project, pool="compute", not_before=timezone.now() + timedelta(hours=1))

    told = scrape(client)

    assert told["studio_queue_jobs", ("compute",)] == 2
    assert 300 <= told["studio_queue_oldest_seconds", ("compute",)] < 360
    assert told["studio_queue_jobs", ("serve",)] == 0
    assert told["studio_slots", ("n", "serve")] == 4
    assert told["studio_database_up", ()] == 1


def test_jobs_are_told_by_kind_and_state(client: Client, project: Project) -> None:
    factories.job(project, "train", JobState.SUCCEEDED)
    factories.job(project, "train", JobState.SUCCEEDED)
    factories.job(project, "serve", JobState.RUNNING)

    told = scrape(client)

    assert told["studio_jobs", ("train", "succeeded")] == 2
    assert told["studio_jobs", ("serve", "running")] == 1


def test_lost_leases_and_retries_are_told_apart(client: Client, project: Project) -> None:
    for reason in ("its owner a/b/1/2 is gone", "The process ended.", "its worker stopped"):
        job = factories.job(project, state=JobState.RUNNING)
        job.move(JobState.QUEUED, reason=reason, attempt=job.attempt)
    rested = factories.job(project, state=JobState.PAUSED)
    rested.move(JobState.QUEUED, reason="somebody resumed it")

    told = scrape(client)

    assert told["studio_leases_lost_total", ()] == 1
    assert told["studio_job_retries_total", ()] == 1


def test_a_running_trainer_tells_its_speed_and_its_lag(client: Client, project: Project) -> None:
    job = factories.job(project, state=JobState.RUNNING, last_seq=2)
    now = timezone.now()
    for seq, speed in ((1, 10.0), (2, 77.5)):
        JobEvent.objects.create(
            job=job, seq=seq, attempt=1, type="step", step=seq, at=now, payload={"tokens_per_s": speed}
        )
    Job.objects.filter(id=job.id).update(updated_at=now + timedelta(seconds=3))

    told = scrape(client)

    assert told["studio_trainer_tokens_per_second", (str(job.id), "train")] == 77.5
    assert told["studio_event_lag_seconds", ()] == pytest.approx(3)


def test_without_a_database_the_rest_is_still_told(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> list[object]:
        raise OperationalError

    monkeypatch.setattr(rows, "queue", away)

    told = scrape(client)

    assert told["studio_database_up", ()] == 0
    assert ("studio_websocket_clients", ()) in told
    assert ("studio_jobs", ()) not in told


def test_requests_are_counted_by_route_and_never_by_address(
    client: Client, project: Project, alice: User
) -> None:
    client.force_login(alice)
    route = ("studio_http_requests_total", ("GET", "p/<slug:slug>/keys", "200"))
    before = scrape(client).get(route, 0)

    client.get(f"/p/{project.slug}/keys")
    client.get("/nowhere-at-all")
    client.generic("BREW", "/nowhere-at-all")

    told = scrape(client)
    assert told[route] == before + 1
    assert told["studio_http_requests_total", ("other", "none", "404")] >= 1
    assert not [key for key in told if "nowhere-at-all" in str(key) or project.slug in str(key)]
    assert told["studio_http_request_seconds_count", ("GET",)] >= 2


@pytest.mark.parametrize(
    "extra",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
    ],
)
def test_from_elsewhere_or_through_a_proxy_nothing_is_told(
    client: Client, db: None, extra: dict[str, str]
) -> None:
    answer = client.get("/metrics", **extra)

    assert answer.status_code == 403
    assert b"studio_" not in answer.content


@pytest.mark.parametrize(
    ("shown", "status"),
    [("Bearer t0ken", 200), ("bearer t0ken", 200), ("Bearer wrong", 403), ("Basic t0ken", 403), ("", 403)],
)
def test_with_a_token_only_it_opens_the_metrics(
    client: Client, db: None, settings: LazySettings, shown: str, status: int
) -> None:
    settings.METRICS_TOKEN = "t0ken"

    answer = client.get("/metrics", REMOTE_ADDR="192.0.2.7", HTTP_AUTHORIZATION=shown)

    assert answer.status_code == status


def test_every_answer_has_its_request_id_and_an_error_says_it(
    client: Client, project: Project, key: str, api_client: Callable[..., httpx.Client]
) -> None:
    page = client.get("/sign-in")
    refused = api_client(key).get("/v1/files/file-none")

    assert re.fullmatch("req_[0-9a-f]{32}", page["x-request-id"])
    assert refused.json()["error"]["request_id"] == refused.headers["x-request-id"]


def test_a_line_feed_in_an_address_begins_no_line_of_the_log(
    client: Client, db: None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "studio.requests"):
        client.get("/a%0Ainfo%20forged?token=secret")

    said = [record.getMessage() for record in caplog.records if record.name == "studio.requests"]
    assert len(said) == 1
    assert said[0].startswith("GET /a%0Ainfo%20forged 404 in ")
