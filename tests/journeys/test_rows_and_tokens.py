"""In a real browser: rows of a glossary to a budget, and their tokens."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.rows_and_tokens import make_rows, open_xray, preview_rows, walk_rows
from tests.journeys.test_whole_way import picture, sign_in, small_glossary, upload
from tests.live.house import House

pytestmark = [pytest.mark.journey, pytest.mark.live, pytest.mark.slow]


@pytest.fixture
def page(browser: Browser) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    return context.new_page()


def test_rows_are_made_and_their_tokens_looked_at(page: Page, house: House, tmp_path: Path) -> None:
    sign_in(page, house)
    page.goto(f"{house.url}/p/demo/glossaries")
    upload(page, small_glossary(tmp_path))
    page.locator("a.name", has_text="small").first.wait_for(timeout=90_000)
    page.goto(f"{house.url}/p/demo/glossaries")
    page.click("a.name:has-text('small')")

    preview_rows(page)
    picture(page, "rows-preview")
    make_rows(page, "house words", budget=60)
    open_xray(page)
    walk_rows(page)
    picture(page, "tokens")

    page.get_by_role("link", name="Figures").click()
    expect(page.get_by_text("Contexts per concept")).to_be_visible()
    picture(page, "rows-figures")
