import { beforeEach, expect, test, vi } from "vitest";
import { page } from "../testing/page";
import { isTyping } from "./keys";

const went = vi.fn();

beforeEach(() => {
  went.mockClear();
  page(`
    <a data-keys="g r" href="#runs">Runs</a>
    <search data-jump><input></search>
    <main><a data-row href="#1">one</a><a data-row href="#2">two</a><textarea></textarea></main>`);
  document.querySelector("[data-keys]")?.addEventListener("click", went);
});

function press(
  key: string,
  options: KeyboardEventInit = {},
  on: EventTarget = document.body,
): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...options });
  on.dispatchEvent(event);
  return event;
}

test("g and a letter go where the link with these keys goes", () => {
  press("g");
  press("r");

  expect(went).toHaveBeenCalledOnce();
});

test("a letter alone goes nowhere", () => {
  press("r");

  expect(went).not.toHaveBeenCalled();
});

test("slash and Ctrl-K put the cursor into the search", () => {
  const box = document.querySelector("[data-jump] input");

  press("/");
  expect(document.activeElement).toBe(box);
  press("Escape");
  press("k", { ctrlKey: true });
  expect(document.activeElement).toBe(box);
});

test("j and k walk the rows and stop at the ends", () => {
  const rows = [...document.querySelectorAll("[data-row]")];

  press("j");
  expect(document.activeElement).toBe(rows[0]);
  press("j");
  press("j");
  expect(document.activeElement).toBe(rows[1]);
  press("k");
  expect(document.activeElement).toBe(rows[0]);
});

test("on a page of one row j and k follow its links", () => {
  const main = document.querySelector("main") ?? document.body;
  const next = document.createElement("a");
  next.dataset.key = "j";
  const followed = vi.fn((event: Event) => event.preventDefault());
  next.addEventListener("click", followed);
  main.append(next);

  press("j");
  expect(followed).toHaveBeenCalledTimes(1);
  press("k");
  expect(followed).toHaveBeenCalledTimes(1);
  next.remove();
});

test("keys that are typed into a field are left alone", () => {
  const field = document.querySelector("textarea");

  expect(isTyping(field)).toBe(true);
  const event = press("g", {}, field ?? document.body);
  press("r", {}, field ?? document.body);

  expect(event.defaultPrevented).toBe(false);
  expect(went).not.toHaveBeenCalled();
});
