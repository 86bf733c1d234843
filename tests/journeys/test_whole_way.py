"""The whole way in a real browser: sign in, upload, make rows, train, watch the chart move, measure, deploy, chat."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.live.house import House

pytestmark = [pytest.mark.journey, pytest.mark.live, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "tests" / "output" / "pictures"
PASSWORD = "a long enough word"


@pytest.fixture
def page(browser: Browser) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    return context.new_page()


def picture(page: Page, name: str) -> None:
    """Keep what a person would see: wide and as on a phone, light and dark."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for width, scheme in ((1280, "light"), (1280, "dark"), (390, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.wait_for_timeout(150)
        page.screenshot(path=PICTURES / f"{name}-{width}-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")


def sign_in(page: Page, house: House) -> None:
    log = (house.home / "up.log").read_text()
    password = re.search(r"password (\S+)", log)
    assert password is not None
    page.goto(f"{house.url}/sign-in")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", password.group(1))
    page.click("form:has(input[name=password]) button")
    expect(page).to_have_url(re.compile("/p/demo/"))


def upload(page: Page, file: Path) -> None:
    """Choose a file on a page of uploads; the script goes on to the page's list once the file is taken."""
    with page.expect_navigation():
        page.set_input_files("input[type=file]", file)


def small_glossary(folder: Path) -> Path:
    """Six concepts of the sample, as CSV."""
    rows = ["concept,lang,term,status,definition"]
    for number, (good, bad) in enumerate(
        [("net turnover", "sales"), ("trade debtors", "accounts receivable"), ("own funds", "capital base"),
         ("reporting date", "closing date"), ("pledged security", "collateral"), ("cost of revenue", "cost of sales")]
    ):  # fmt: skip
        rows.append(f"c{number},en,{good},preferred,what the bank means in case number {number} of its list")
        rows.append(f"c{number},en,{bad},deprecated,")
    path = folder / "small.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_from_an_upload_to_a_chat(page: Page, house: House, tmp_path: Path) -> None:
    sign_in(page, house)
    picture(page, "01-home")

    page.goto(f"{house.url}/p/demo/glossaries")
    picture(page, "02-glossaries-empty")
    upload(page, small_glossary(tmp_path))
    page.locator("a.name", has_text="small").first.wait_for(timeout=60_000)
    page.goto(f"{house.url}/p/demo/glossaries")
    page.click("a.name:has-text('small')")
    expect(page.get_by_text("trade debtors").first).to_be_visible()
    picture(page, "03-glossary")

    glossary = house.rest().get("/glossaries").json()["data"][0]["id"]
    body = {"name": "rows", "rows_per_concept": 6, "prompts_per_concept": 2, "replay_share": 0}
    job = (
        house.rest().post(f"/glossaries/{glossary}/training-rows", json=body).raise_for_status().json()["job"]
    )
    assert house.wait_for_job(job, within_s=60)["state"] == "succeeded"
    page.goto(f"{house.url}/p/demo/datasets")
    picture(page, "04-datasets")

    page.goto(f"{house.url}/p/demo/train")
    page.fill("input[name=suffix]", "journey")
    page.select_option("select[name=dataset_version]", index=1)
    page.select_option("select[name=base]", label="tiny-llama")
    page.fill("input[name=epochs]", "40")
    page.fill("input[name=batch_tokens]", "128")
    picture(page, "05-train")
    page.click("button:has-text('Start training')")
    expect(page).to_have_url(re.compile("/runs/"))
    chart = page.locator("[data-slot=loss-chart]")
    expect(chart).to_have_attribute("data-points", re.compile(r"^\d{2,}$"), timeout=60_000)
    before = int(chart.get_attribute("data-points") or 0)
    page.wait_for_function(
        "n => Number(document.querySelector('[data-slot=loss-chart]').dataset.points) > n",
        arg=before,
        timeout=60_000,
    )
    picture(page, "06-run")
    expect(page.locator("[data-slot=state]")).to_have_attribute("data-state", "succeeded", timeout=180_000)
    picture(page, "07-run-ended")

    evaluations = house.rest().get("/evaluations").json()["data"]
    assert house.wait_for_job(evaluations[0]["job"], within_s=180)["state"] == "succeeded"
    page.goto(f"{house.url}/p/demo/evaluations")
    page.click("tbody a.name")
    expect(page.locator("tr[data-metric=term_accuracy]")).to_be_visible()
    picture(page, "08-evaluation")

    page.click("a:has-text('Deploy'):visible >> nth=-1")
    page.goto(f"{house.url}/p/demo/deployments")
    page.select_option("select[name=model_version]", index=1)
    page.fill("input[name=name]", "journey")
    page.click("form:has(select[name=model_version]) button")
    expect(page.locator("span.badge[data-state=live]")).to_be_visible(timeout=60_000)
    picture(page, "09-deployments")

    page.click("a:has-text('Chat')")
    page.fill("textarea[name=prompt]", "What do we call sales?")
    page.click("button[type=submit]:has-text('Send')")
    for pane in page.locator("[data-pane]").all():
        expect(pane.locator("[data-answer]")).to_have_attribute("data-state", "done", timeout=60_000)
        expect(pane.locator("[data-figures]")).to_have_text(re.compile("tok/s"))
    picture(page, "10-playground")

    page.goto(f"{house.url}/p/demo/models")
    page.click("tbody a.name")
    picture(page, "11-model")
    assert json.loads((ROOT / "static/dist/manifest.json").read_text())
