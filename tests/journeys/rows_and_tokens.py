"""A part of a way: make training rows from the glossary that is open, and look at their tokens."""

import re

from playwright.sync_api import Page, expect


def preview_rows(page: Page) -> None:
    """On a glossary's page: to the tab of rows, all kinds on, and ten rows before any job starts."""
    page.get_by_role("link", name="Make rows").click()
    for box in page.locator("input[name=generators]").all():
        box.check()
    page.get_by_role("button", name="Preview 10 rows").click()
    expect(page.locator("[data-preview] > li")).to_have_count(10)


def make_rows(page: Page, name: str, *, budget: int) -> None:
    """Fill in the form that stands on the page, start the jobs, and open the dataset once it is made."""
    page.fill("input[name=name]", name)
    page.fill("input[name=budget]", str(budget))
    page.fill("input[name=pairs_per_concept]", "2")
    page.locator("form").get_by_role("button", name="Make training rows").click()
    link = page.locator("a.name").get_by_text(name, exact=True)
    link.wait_for(timeout=90_000)
    link.click()


def open_xray(page: Page) -> None:
    """On a dataset's page: to the tab of tokens, with the tokens of all rows counted."""
    page.get_by_role("link", name="Tokens", exact=True).click()
    expect(page.locator("[data-xray] .token[data-state=trained]").first).to_be_visible()
    page.get_by_role("button", name="Count the tokens of all rows").click()
    expect(page.get_by_text("Tokens learnt")).to_be_visible(timeout=90_000)


def walk_rows(page: Page) -> None:
    """By the keyboard to the next row and back."""
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile(r"row=2"))
    page.keyboard.press("k")
    expect(page).to_have_url(re.compile(r"row=1"))
