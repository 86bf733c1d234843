import { beforeEach, expect, test } from "vitest";
import { mountAll } from "../behaviour";
import "./theme";
import { page } from "../testing/page";

beforeEach(() => {
  page(`
    <details open><form data-theme-choice method="post" action="/theme">
      <button name="theme" value="light" aria-pressed="true"></button>
      <button name="theme" value="dark" aria-pressed="false"></button>
    </form></details>`);
  mountAll(document);
});

function submit(value: string): SubmitEvent {
  const form = document.querySelector("form");
  const submitter = document.querySelector<HTMLButtonElement>(`button[value="${value}"]`);
  const event = new SubmitEvent("submit", { cancelable: true, submitter });
  form?.dispatchEvent(event);
  return event;
}

test("a theme is taken at once, kept in a cookie, and nothing is sent", () => {
  const event = submit("dark");

  expect(event.defaultPrevented).toBe(true);
  expect(document.documentElement.dataset.theme).toBe("dark");
  expect(document.cookie).toContain("studio_theme=dark");
});

test("the buttons say which theme is chosen and the menu closes", () => {
  submit("dark");

  const pressed = [...document.querySelectorAll("button")].map((each) =>
    each.getAttribute("aria-pressed"),
  );
  expect(pressed).toEqual(["false", "true"]);
  expect(document.querySelector("details")?.open).toBe(false);
});
