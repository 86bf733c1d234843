"""Tags and filters: figures, times, states, icons, the built frontend."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.template import Context, Template
from django.test import RequestFactory

from protocol.errors import ErrorCode
from studio.dashboard.built import manifest_entry
from studio.dashboard.errors import FrontendNotBuilt
from studio.dashboard.next_steps import NEXT_STEPS
from studio.dashboard.templatetags import studio

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0\u202fB"), (999, "999\u202fB"), (1500, "1.5\u202fKB"), (123_000_000, "123\u202fMB"), (None, "–")],
)
def test_bytes_are_shown_in_the_unit_that_fits(value: float | None, text: str) -> None:
    assert studio.size(value) == text


def test_figures_are_grouped_and_shares_are_percentages() -> None:
    assert studio.number(1234567) == "1\u202f234\u202f567"
    assert studio.percent(0.1254, 1) == "12.5\u202f%"
    assert studio.percent(None) == "–"


@pytest.mark.parametrize(
    ("seconds", "text"), [(12.4, "12 s"), (119, "2 min"), (3725, "1 h 2 min"), (None, "–")]
)
def test_a_duration_has_two_units_at_most(seconds: float | None, text: str) -> None:
    assert studio.duration(seconds) == text


@time_machine.travel(NOW, tick=False)
def test_a_time_is_relative_and_exact_on_hover() -> None:
    assert ">just now</time>" in studio.ago(NOW)
    text = studio.ago(NOW - timedelta(hours=2))
    assert "2\xa0hours ago" in text
    assert 'datetime="2026-03-01T10:00:00+00:00"' in text
    assert studio.ago(None) == "–"


def test_a_state_is_a_word_and_its_mark() -> None:
    assert studio.badge("running", slot="state") == (
        '<span class="badge" data-state="running" data-slot="state">Running</span>'
    )


def test_what_is_not_a_known_word_is_escaped() -> None:
    assert studio.badge("<b>") == '<span class="badge" data-state="&lt;b&gt;">&lt;b&gt;</span>'


def test_an_icon_speaks_only_with_a_label() -> None:
    assert 'aria-hidden="true"' in studio.icon("home")
    assert 'role="img" aria-label="Done"' in studio.icon("check", "Done")


def test_every_icon_that_is_used_is_drawn() -> None:
    drawn = Path("static/img/icons.svg").read_text("utf-8")
    used: set[str] = set()
    for template in Path("templates").rglob("*.html"):
        text = template.read_text("utf-8")
        for mark in ('{% icon "', 'icon_name="'):
            used |= {part.partition('"')[0] for part in text.split(mark)[1:]}

    assert {name for name in used if f'id="{name}"' not in drawn} == set()


def test_a_query_keeps_what_it_is_not_told_to_change() -> None:
    request = RequestFactory().get("/", {"q": "a b", "page": "3"})
    template = Template('{% load studio %}{% query page="" v=2 %}')

    assert template.render(Context({"request": request})) == "?q=a+b&amp;v=2"


def test_next_steps_belong_to_codes_that_exist() -> None:
    assert {str(code) for code in NEXT_STEPS} <= {code.value for code in ErrorCode}


def test_a_missing_build_says_what_builds_it(tmp_path: Path) -> None:
    with pytest.raises(FrontendNotBuilt, match="The frontend is not built: 'src/app.ts' .* `make setup`"):
        manifest_entry(manifest=tmp_path / "manifest.json")


def test_a_new_build_is_read_anew(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    entries: list[dict[str, Any]] = []
    for stamp, name in enumerate(["old.js", "new.js"]):
        manifest.write_text(f'{{"src/app.ts": {{"file": "{name}"}}}}', "utf-8")
        os.utime(manifest, (stamp, stamp))
        entries.append(manifest_entry(manifest=manifest))

    assert [entry["file"] for entry in entries] == ["old.js", "new.js"]
