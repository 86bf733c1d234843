"""From the sheet a terminologist has to the tokens a model will learn: import, decide, edit, look at coverage, make rows."""

import json
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.rows_and_tokens import make_rows, open_xray, preview_rows
from tests.journeys.test_glossary_editing import edit_by_keyboard, review_and_publish, set_status_in_bulk
from tests.journeys.test_whole_way import picture, sign_in, upload
from tests.live.house import House

pytestmark = [pytest.mark.journey, pytest.mark.live, pytest.mark.slow]

NAME = "House words"
#: What the bank says, and what it does not.
WORDS = [
    ("net turnover", "sales"),
    ("trade debtors", "accounts receivable"),
    ("own funds", "capital base"),
    ("reporting date", "closing date"),
    ("pledged security", "collateral"),
    ("cost of revenue", "cost of sales"),
]


@pytest.fixture
def page(browser: Browser) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(30_000)
    return context.new_page()


def sheet(folder: Path) -> Path:
    """A workbook in which one concept has two preferred terms."""
    book = openpyxl.Workbook()
    rows = book.active
    assert rows is not None
    rows.append(["concept", "lang", "term", "status", "definition"])
    for number, (good, bad) in enumerate(WORDS):
        rows.append([f"c{number}", "en", good, "preferred", ""])
        rows.append([f"c{number}", "en", bad, "preferred" if number == 0 else "admitted", ""])
    path = folder / f"{NAME}.xlsx"
    book.save(path)
    return path


def texts(house: House) -> None:
    """A dataset that uses some of the words, rightly and wrongly."""
    lines = []
    for number in range(40):
        good, bad = WORDS[number % 3]
        answer = f"The {bad if number % 4 == 0 else good} of the year was {number} million."
        question = {"role": "user", "content": f"Tell me about figure {number}."}
        lines.append(json.dumps({"messages": [question, {"role": "assistant", "content": answer}]}))
    client = house.client()
    stored = client.files.create(
        file=("Annual reports.jsonl", "\n".join(lines).encode()), purpose="fine-tune"
    )
    assert client.files.wait_for_processing(stored.id, poll_interval=0.5).status == "processed"


def import_and_decide(page: Page, house: House, file: Path) -> str:
    """Upload the sheet, choose between the two preferred terms, accept; the address of the glossary."""
    page.goto(f"{house.url}/p/demo/glossaries")
    upload(page, file)
    page.locator("a.name", has_text=NAME).first.wait_for(timeout=90_000)
    page.goto(f"{house.url}/p/demo/glossaries")
    page.click(f"a.name:has-text('{NAME}')")
    expect(page.get_by_role("button", name="Accept and publish")).to_be_disabled()
    picture(page, "30-import-conflict")
    page.locator(".import-choices button", has_text="net turnover").first.click()
    accept = page.get_by_role("button", name="Accept and publish")
    expect(accept).to_be_enabled()
    accept.click()
    page.get_by_role("link", name="Open version 1").click(timeout=60_000)
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    return page.url.partition("?")[0]


def look_at_coverage(page: Page, address: str) -> None:
    """Measure the dataset by the glossary, and open the rows behind a number."""
    page.goto(f"{address}/coverage")
    page.get_by_label("Dataset version").select_option(label="Annual reports v1")
    page.get_by_role("button", name="Measure coverage").click()
    expect(page.locator("#coverage-report")).to_be_visible(timeout=90_000)
    picture(page, "31-coverage")
    page.locator("tr", has_text="net turnover").locator("a[href*='kind=wrong']").click()
    expect(page.locator("mark", has_text="sales").first).to_be_visible()


def test_from_a_sheet_with_a_conflict_to_the_tokens(page: Page, house: House, tmp_path: Path) -> None:
    texts(house)
    sign_in(page, house)
    address = import_and_decide(page, house, sheet(tmp_path))

    edit_by_keyboard(page, address)
    set_status_in_bulk(page)
    page.click("a:has-text('Review and publish')")
    review_and_publish(page, "Six words of the house")

    look_at_coverage(page, address)
    page.goto(address)
    preview_rows(page)
    make_rows(page, "Rows of the house", budget=60)
    open_xray(page)
    picture(page, "33-tokens")
