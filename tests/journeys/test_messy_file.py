"""A messy upload in a real browser: every problem listed, bad rows left out; a file nobody can guess, answered; read otherwise."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.test_whole_way import picture, sign_in
from tests.live.house import House

pytestmark = [pytest.mark.journey, pytest.mark.live, pytest.mark.slow]

CHAT = '{{"messages": [{{"role": "user", "content": "问题 {0}？"}}, {{"role": "assistant", "content": "Answer {0}."}}]}}\n'
BROKEN = ('{"messages": [oops]}\n', '{"messages": [{"role": "bot", "content": "x"}]}\n', '{"messages": []}\n')


@pytest.fixture
def page(browser: Browser) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    return context.new_page()


def messy(folder: Path) -> Path:
    """Forty good rows, and twelve that are wrong in three ways."""
    path = folder / "messy.jsonl"
    lines = [CHAT.format(n) + (BROKEN[n % 3] if n % 4 == 1 and n < 48 else "") for n in range(40)]
    path.write_text("".join(lines), "utf-8")
    return path


def unsure(folder: Path) -> Path:
    """A table whose columns are called nothing that is known."""
    path = folder / "interview.csv"
    rows = [f"Was kostet Posten {n}?,Posten {n} kostet {n * 3} Euro.,{n}" for n in range(30)]
    path.write_text("\n".join(["Frage,Erwiderung,Nr", *rows]) + "\n", "utf-8")
    return path


def test_a_messy_file_and_one_that_nobody_can_guess(page: Page, house: House, tmp_path: Path) -> None:
    sign_in(page, house)
    datasets = f"{house.url}/p/demo/datasets"
    page.goto(datasets)
    page.set_input_files("input[type=file]", messy(tmp_path))
    page.get_by_role("link", name="All problems").click()
    expect(page.get_by_role("row")).not_to_have_count(0)
    expect(page.locator("mark").first).to_be_visible()
    picture(page, "30-problems")
    page.get_by_role("link", name="role_invalid").click()
    expect(page.locator("tbody tr").first).to_contain_text("bot")
    page.get_by_role("button", name="Leave these rows out and go on").click()
    page.locator("a.name", has_text="messy").wait_for(timeout=60_000)

    page.goto(datasets)
    page.set_input_files("input[type=file]", unsure(tmp_path))
    page.get_by_role("link", name="Say how to read it").click()
    expect(page.get_by_role("heading", name="The first rows as they stand there")).to_be_visible(
        timeout=60_000
    )
    page.get_by_label("Prompt and completion").check()
    page.get_by_label("Frage").select_option("prompt")
    page.get_by_label("Erwiderung").select_option("completion")
    expect(page.locator(".bubble[data-role=assistant]").first).to_have_text("Posten 0 kostet 0 Euro.")
    picture(page, "31-reading")
    page.get_by_role("button", name="Read it so").click()
    page.locator("a.name", has_text="interview").wait_for(timeout=60_000)
    page.click("a.name:has-text('interview')")
    expect(page.get_by_text("Was kostet Posten").first).to_be_visible()

    page.get_by_role("link", name="interview.csv").click()
    page.get_by_role("button", name="Read it differently").click()
    page.get_by_label("Plain text").check()
    expect(page.locator("select[name=field-1]")).to_have_value("")
    page.get_by_label("Erwiderung").select_option("text")
    page.get_by_role("button", name="Read it so, as a new version").click()
    page.goto(datasets)
    expect(page.locator("tr", has_text="interview").locator("td.num").first).to_have_text("2", timeout=60_000)
    picture(page, "32-datasets")
