import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { mountAll } from "../behaviour";
import "./copy";
import { page } from "../testing/page";

const write = vi.fn(async () => undefined);

beforeEach(() => {
  vi.useFakeTimers();
  write.mockClear();
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("navigator", { clipboard: { writeText: write } });
  page(`
    <button data-copy="sk-1" data-done="Copied"><span data-word>Copy</span></button>
    <figure><button data-copy-next data-done="Copied" aria-label="Copy"></button><pre><code>curl x</code></pre></figure>`);
  mountAll(document);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function click(selector: string): Promise<HTMLElement> {
  const button = document.querySelector<HTMLElement>(selector);
  button?.click();
  await vi.advanceTimersByTimeAsync(0);
  return button ?? document.body;
}

test("the text of the attribute is copied, and the button says so for a moment", async () => {
  const button = await click("[data-copy]");

  expect(write).toHaveBeenCalledWith("sk-1");
  expect(button.textContent).toBe("Copied");
  await vi.advanceTimersByTimeAsync(2000);
  expect(button.textContent).toBe("Copy");
});

test("a block's button copies the block, and its label speaks", async () => {
  const button = await click("[data-copy-next]");

  expect(write).toHaveBeenCalledWith("curl x");
  expect(button.getAttribute("aria-label")).toBe("Copied");
  await vi.advanceTimersByTimeAsync(2000);
  expect(button.getAttribute("aria-label")).toBe("Copy");
});
