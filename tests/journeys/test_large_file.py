"""A large file in a real browser: it goes in parts, survives a reload, a pause and a broken line, and becomes a dataset."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.journeys.test_whole_way import picture, sign_in
from tests.live.house import House

pytestmark = [pytest.mark.journey, pytest.mark.live, pytest.mark.slow]


@pytest.fixture
def page(browser: Browser) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    return context.new_page()


def large_file(folder: Path) -> Path:
    """Rows of 30 MB: four parts."""
    path = folder / "large.jsonl"
    answer = "because the ledger says so, and the auditors agree with it. " * 1200
    with path.open("w") as file:
        for number in range(420):
            messages = [
                {"role": "user", "content": f"Question {number}?"},
                {"role": "assistant", "content": f"{number} {answer}"},
            ]
            file.write(json.dumps({"messages": messages}) + "\n")
    return path


def test_a_large_file_goes_on_after_a_reload(page: Page, house: House, tmp_path: Path) -> None:
    sign_in(page, house)
    path = large_file(tmp_path)
    # A person leaves in the middle, and the browser asks whether that is meant.
    page.on("dialog", lambda dialog: dialog.accept())
    sent: list[str] = []

    def hold_third_part(route: Route) -> None:
        sent.append(route.request.url)
        if len(sent) <= 2:
            route.continue_()

    page.goto(f"{house.url}/p/demo/datasets")
    page.route("**/uploads/*/parts", hold_third_part)
    page.set_input_files("input[type=file]", path)
    row = page.locator("[data-transfers] > li")
    expect(row).to_have_attribute("data-phase", "sending")
    expect(row.locator("[data-slot=figure]")).to_have_text(re.compile(r"^(5\d|6\d)\D"), timeout=30_000)
    picture(page, "20-upload-sending")
    row.get_by_role("button", name="Pause").click()
    expect(row).to_have_attribute("data-phase", "paused")

    page.unroute("**/uploads/*/parts")
    page.reload()
    expect(row).to_have_attribute("data-phase", "interrupted")
    picture(page, "21-upload-interrupted")

    again: list[str] = []
    page.on("request", lambda request: again.append(request.url) if request.url.endswith("/parts") else None)
    page.set_input_files("input[type=file]", path)
    expect(page.locator("a.name", has_text="large")).to_be_visible(timeout=60_000)

    assert len(again) == 2
    expect(page.locator("[data-transfers] > li")).to_have_count(0)
    picture(page, "22-upload-done")
