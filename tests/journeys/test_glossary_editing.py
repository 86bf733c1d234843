"""A glossary in a real browser: begun empty, twenty cells by keyboard, a pasted range, undo, bulk status, publish, compare."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.test_whole_way import picture, sign_in
from tests.live.house import House

pytestmark = [pytest.mark.journey, pytest.mark.live, pytest.mark.slow]

ROWS = [
    ("net turnover", "sales"), ("trade debtors", "accounts receivable"), ("own funds", "capital base"),
    ("reporting date", "closing date"), ("pledged security", "collateral"), ("cost of revenue", "cost of sales"),
]  # fmt: skip


@pytest.fixture
def page(browser: Browser) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(15_000)
    return context.new_page()


def glossary_of_six(house: House, name: str) -> str:
    """A glossary with six concepts of two English forms each; its public id."""
    made = house.rest().post("/glossaries", json={"name": name}).raise_for_status().json()["id"]
    new = [
        {"cells": [{"op": "add", "lang": "en", "text": good}, {"op": "add", "lang": "en", "text": bad}]}
        for good, bad in ROWS
    ]
    house.rest().post(f"/glossaries/{made}/draft/edits", json={"new": new}).raise_for_status()
    house.rest().post(f"/glossaries/{made}/draft/publish", json={"note": "Six"}).raise_for_status()
    return str(made)


def cell(page: Page, line: int, key: str) -> str:
    """The text of a cell as it is shown; lines are counted from 0."""
    return page.locator(f"td[data-line='{line}'][data-key='{key}']").inner_text()


def stand_at(page: Page, line: int, key: str) -> None:
    page.locator(f"td[data-line='{line}'][data-key='{key}']").click()


def saved(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_have_attribute("data-state", "ok")


def paste(page: Page, text: str) -> None:
    """What a spreadsheet program leaves on the clipboard, pasted with Ctrl-V."""
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")


def edit_by_keyboard(page: Page, address: str) -> None:
    """Twenty-three cells of a glossary with at least six concepts of two forms, on its page: all without the mouse but the first."""
    page.goto(f"{address}?tab=edit")
    expect(page.locator("term-grid[data-ready]")).to_be_visible()
    stand_at(page, 0, "part_of_speech")
    # Six cells typed one below the other.
    for word in ("noun", "noun", "noun", "noun", "noun", "noun"):
        page.keyboard.type(word)
        page.keyboard.press("Enter")
    saved(page)
    assert [cell(page, line, "part_of_speech") for line in range(6)] == ["noun"] * 6
    # A range of six by two from a sheet.
    stand_at(page, 6, "definition")
    block = "\n".join(f"definition {n}\tField {n % 2}" for n in range(6))
    paste(page, block)
    saved(page)
    expect(page.locator("td[data-line='6'][data-key='definition']")).to_have_text("definition 0")
    expect(page.locator("td[data-line='10'][data-key='definition']")).to_have_text("definition 4")
    # One undo takes the whole range back, one redo brings it again, and it is there after a reload.
    page.keyboard.press("Control+z")
    expect(page.locator("td[data-line='6'][data-key='definition']")).to_have_text("")
    page.keyboard.press("Control+Shift+z")
    expect(page.locator("td[data-line='6'][data-key='definition']")).to_have_text("definition 0")
    # One cell filled down over three lines.
    stand_at(page, 0, "note")
    page.keyboard.type("as in the annual report")
    page.keyboard.press("Enter")
    for key in ("ArrowUp", "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown", "Control+d"):
        page.keyboard.press(key)
    saved(page)
    # A flag, a choice, and F2 to change what is there.
    stand_at(page, 0, "do_not_translate")
    page.keyboard.press("Enter")
    saved(page)
    stand_at(page, 0, "text")
    page.keyboard.press("F2")
    page.keyboard.type(" (group)")
    page.keyboard.press("Enter")
    saved(page)
    # A new concept, in the blank line at the end.
    page.keyboard.press("Insert")
    page.keyboard.type("deferred income")
    page.keyboard.press("Enter")
    saved(page)


def set_status_in_bulk(page: Page) -> None:
    """The second form of the first three concepts becomes forbidden at once."""
    for line in (1, 3, 5):
        page.locator(f"input[data-pick='{line}']").check()
    page.select_option("#grid-bulk", "forbidden")
    saved(page)
    for line in (1, 3, 5):
        expect(page.locator(f"td[data-line='{line}'][data-key='status']")).to_have_attribute(
            "data-status", "forbidden"
        )


def review_and_publish(page: Page, note: str) -> None:
    """Everything approved, published with a note; the page then shows what the version changed."""
    page.click("button:has-text('Approve all')")
    page.fill("textarea[name=note]", note)
    page.click("button:has-text('Publish as a new version')")
    expect(page.locator("#difference")).to_be_visible()


def test_twenty_cells_by_keyboard_to_a_published_version(page: Page, house: House) -> None:
    sign_in(page, house)
    made = glossary_of_six(house, "Edited by hand")
    page.goto(f"{house.url}/p/demo/glossaries")
    page.click("a.name:has-text('Edited by hand')")
    address = page.url.partition("?")[0]

    edit_by_keyboard(page, address)
    set_status_in_bulk(page)
    picture(page, "20-glossary-grid")
    page.reload()
    expect(page.locator("term-grid[data-ready]")).to_be_visible()
    page.wait_for_function("() => !document.querySelector('[data-act=undo]').disabled")
    page.click("button:has-text('Undo')")
    expect(page.locator("td[data-line='1'][data-key='status']")).to_have_attribute("data-status", "admitted")
    page.click("button:has-text('Redo')")
    expect(page.locator("td[data-line='1'][data-key='status']")).to_have_attribute("data-status", "forbidden")

    page.click("a:has-text('Review and publish')")
    picture(page, "21-glossary-review")
    review_and_publish(page, "Edited in the browser")
    expect(page.locator("#difference")).to_contain_text("deferred income")
    picture(page, "22-glossary-diff")

    newest = house.rest().get(f"/glossaries/{made}").json()["newest"]
    assert (newest["number"], newest["note"]) == (3, "Edited in the browser")
    assert newest["changes"] == {"added": 1, "changed": 6, "removed": 0}
    diff = house.rest().get(f"/glossaries/{made}/versions/2/diff/3").json()["data"]
    kinds = [change["kind"] for each in diff for change in each["changes"]]
    assert kinds.count("status_changed") == 3
    assert kinds.count("definition_changed") == 3
    assert "renamed" in kinds


def test_a_bad_cell_says_why_and_another_persons_edit_is_shown(page: Page, house: House) -> None:
    sign_in(page, house)
    made = glossary_of_six(house, "Two people")
    page.goto(f"{house.url}/p/demo/glossaries")
    page.click("a.name:has-text('Two people')")
    page.goto(f"{page.url.partition('?')[0]}?tab=edit")
    expect(page.locator("term-grid[data-ready]")).to_be_visible()

    stand_at(page, 1, "status")
    page.keyboard.press("Enter")
    page.keyboard.press("p")
    page.keyboard.press("Enter")
    wrong = page.locator("td[data-line='1'][data-key='status']")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[data-saved]")).to_contain_text("prefer a second term")

    here = f"/glossaries/{made}/draft/concepts/c002"
    theirs = {"cells": [{"op": "term", "term": 0, "field": "text", "value": "their debtors"}]}
    house.rest().patch(here, json=theirs).raise_for_status()
    stand_at(page, 2, "note")
    page.keyboard.type("a note beside it")
    page.keyboard.press("Enter")
    expect(page.locator("td[data-line='2'][data-key='text']")).to_have_text("their debtors")

    theirs["cells"][0]["value"] = "their claims"
    house.rest().patch(here, json=theirs).raise_for_status()
    stand_at(page, 2, "text")
    page.keyboard.type("my debtors")
    page.keyboard.press("Enter")
    conflict = page.locator("[data-conflict]")
    expect(conflict).to_contain_text(re.compile("my debtors.*their claims"))
    picture(page, "23-glossary-conflict")
    page.click("button:has-text('Keep mine')")
    saved(page)
    said = house.rest().get(here).json()["concept"]
    assert (said["terms"][0]["text"], said["note"]) == ("my debtors", "a note beside it")

    page.click("button:has-text('Comments and history')")
    page.fill("#comment-text", "Whose debtors?")
    page.click("button:has-text('Comment'):visible >> nth=-1")
    expect(page.locator("article.thread")).to_contain_text("Whose debtors?")
    picture(page, "24-glossary-talk")
    page.context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": house.url}])
    page.reload()
    expect(page.locator("term-grid[data-ready]")).to_be_visible()
    expect(page.locator("td[data-line='1'][data-key='status']")).to_have_text("许用")
    picture(page, "25-glossary-grid-zh")
    assert json.loads((Path(__file__).parents[2] / "static/dist/manifest.json").read_text())
