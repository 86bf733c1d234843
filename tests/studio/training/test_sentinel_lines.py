"""What a sentinel saw and did, as the page of a run says it."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from jobs.models import JobEvent
from jobs.states import JobState
from studio.accounts.models import User
from studio.projects.models import Project
from studio.training.words import SENTINELS, sentinel_line, sentinel_words
from tests import factories

EVENT: dict[str, Any] = {
    "type": "sentinel",
    "at": 1.0,
    "kind": "exploding",
    "step": 12,
    "watched": "loss",
    "value": 9.87654,
    "limit": 4.0,
    "action": "rolled_back",
    "facts": {"to_step": 8, "lr_scale": 0.5},
}


def test_a_line_has_the_events_numbers() -> None:
    assert (
        sentinel_line(EVENT)
        == "Step 12: the loss is 9.877, its limit was 4; back to step 8, learning rate × 0.5"
    )
    assert sentinel_line(EVENT | {"kind": "plateau", "value": None, "action": "failed"}) == (
        "Step 12: no better validation loss, – where 4 was wanted; the run has failed"
    )


def test_every_kind_and_action_has_words_in_both_languages() -> None:
    with translation.override("zh-hans"):
        chinese = sentinel_words()

    assert [name for name in SENTINELS if chinese[name] == SENTINELS[name]] == []


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "Step 12: the loss is 9.877, its limit was 4; back to step 8, learning rate × 0.5"),
        ("zh-hans", "第 12 步：损失为 9.877，上限为 4; 退回第 8 步，学习率 × 0.5"),
    ],
)
def test_the_page_says_it_and_gives_its_script_the_words(
    client: Client, project: Project, alice: User, language: str, line: str
) -> None:
    run = factories.run(project, JobState.RUNNING)
    now = timezone.now()
    JobEvent.objects.create(job=run.job, seq=1, attempt=1, type="sentinel", step=12, at=now, payload=EVENT)
    client.force_login(alice)

    page = client.get(
        f"/p/{project.slug}/runs/{run.id}", headers={"accept-language": language}
    ).content.decode()

    assert line in page
    assert '<script id="sentinel-words" type="application/json">' in page
