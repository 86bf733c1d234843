"""The dashboard and the scrape configuration ask for what is there."""

import json
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from jobs.models import JobEvent, Node
from jobs.states import JobState
from studio.projects.models import Project
from tests import factories

DASHBOARD = Path("docker/grafana/studio.json")
SCRAPE = Path("docker/prometheus.yml")
METRIC = re.compile(r"\b(?:studio|process)_[a-z_]+")
SELECTOR = re.compile(r"\{([^}]*)\}")
GROUPED = re.compile(r"\bby \(([^)]*)\)")


def queries() -> list[str]:
    """Every expression of the dashboard."""
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


@pytest.fixture
def told(client: Client, project: Project) -> dict[str, set[str]]:
    """Every metric a busy house tells, with its labels."""
    Node.objects.create(name="n", slots={"compute": 1}, seen_at=timezone.now())
    factories.job(project, pool="compute")
    job = factories.job(project, state=JobState.RUNNING, last_seq=1)
    JobEvent.objects.create(
        job=job, seq=1, attempt=1, type="step", step=1, at=timezone.now(), payload={"tokens_per_s": 5.0}
    )
    client.get("/sign-in")
    families = text_string_to_metric_families(client.get("/metrics").content.decode())
    return {sample.name: set(sample.labels) for family in families for sample in family.samples}


def test_every_query_names_a_metric_that_is_told(told: dict[str, set[str]]) -> None:
    asked = {name for query in queries() for name in METRIC.findall(query)}

    assert asked
    assert asked - told.keys() == set()


@pytest.mark.parametrize("query", queries())
def test_every_query_uses_labels_that_its_metric_has(told: dict[str, set[str]], query: str) -> None:
    labels = {name.strip() for names in GROUPED.findall(query) for name in names.split(",")}
    labels |= {
        re.split(r"[=!]", each)[0].strip() for text in SELECTOR.findall(query) for each in text.split(",")
    }
    has = {label for name in METRIC.findall(query) for label in told[name]}

    assert labels - has == set()


def test_every_metric_of_ours_is_on_the_dashboard(told: dict[str, set[str]]) -> None:
    asked = {name for query in queries() for name in METRIC.findall(query)}
    shown = {name.removesuffix("_bucket") for name in asked}
    parts = ("_sum", "_count", "_bucket", "_created")
    ours = {name for name in told if name.startswith("studio_") and not name.endswith(parts)}

    assert ours - shown == set()


def test_the_scrape_goes_to_the_route_of_the_metrics() -> None:
    assert f"metrics_path: {reverse('metrics')}\n" in SCRAPE.read_text("utf-8")
