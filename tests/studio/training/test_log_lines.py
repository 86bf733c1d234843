"""Events as the page of a run says them."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from jobs.models import JobEvent
from jobs.states import JobState
from studio.accounts.models import User
from studio.projects.models import Project
from studio.training.words import LINES, REASONS, SENTINELS, event_line, line_words, sentinel_line
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


def test_every_sentence_is_there_in_chinese() -> None:
    with translation.override("zh-hans"):
        chinese = line_words()

    english = SENTINELS | LINES | {reason: reason for reason in REASONS}
    assert [name for name, text in english.items() if chinese[name] == text] == []


@pytest.mark.parametrize(
    ("kind", "payload", "line"),
    [
        ("started", {"resumed_step": None}, "training began"),
        ("started", {"resumed_step": 40}, "training goes on from step 40"),
        ("evaluated", {"step": 8, "valid_loss": 1.23456}, "validation loss 1.235 at step 8"),
        ("failed", {"message": "Out of luck."}, "error: Out of luck."),
        ("moved", {"state": "queued", "reason": "claimed by node-1"}, "STATE: claimed by node-1"),
        ("artifact", {"name": "model", "size_bytes": 3}, "wrote model, SIZE"),
        ("ready", {}, "ready"),
    ],
)
def test_an_event_is_one_line(kind: str, payload: dict[str, Any], line: str) -> None:
    assert event_line(kind, payload, state="STATE", size="SIZE") == line


def test_the_reason_of_a_move_is_in_the_readers_language() -> None:
    payload = {"state": "succeeded", "reason": "its process finished"}

    with translation.override("zh-hans"):
        assert event_line("moved", payload, state="已完成", size="–") == "已完成：进程已完成"


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
    assert '<script id="line-words" type="application/json">' in page
