import { beforeEach, expect, test } from "vitest";
import { mountAll } from "../behaviour";
import { rebalanced } from "./mix";

test.each([
  [[65, 25, 10], 0, 50],
  [[65, 25, 10], 0, 100],
  [[100, 0, 0], 0, 40],
  [[0, 0, 100], 1, 33.3],
  [[33.3, 33.3, 33.4], 2, 7],
  [[65, 25, 10], 1, 250],
  [[65, 25, 10], 1, -5],
])("the shares %j with the %i set to %d add up to 100", (shares, index, value) => {
  const next = rebalanced(shares, index, value);

  expect(next.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 5);
  expect(next.every((share) => share >= 0)).toBe(true);
  expect(next[index]).toBe(Math.min(100, Math.max(0, value)));
});

test("the others keep their proportions", () => {
  expect(rebalanced([60, 30, 10], 0, 20)).toEqual([20, 60, 20]);
});

beforeEach(() => {
  document.body.innerHTML = `<form data-mix>
    <input type="range" data-dial="a" min="0" max="100" value="60" hidden><input type="number" name="a" value="60">
    <input type="range" data-dial="b" min="0" max="100" value="30" hidden><input type="number" name="b" value="30">
    <input type="range" data-dial="c" min="0" max="100" value="10" hidden><input type="number" name="c" value="10">
    <output data-dial-total>100</output></form>`;
  mountAll(document);
});

function input(selector: string): HTMLInputElement {
  const found = document.querySelector<HTMLInputElement>(selector);
  if (!found) {
    throw new Error(selector);
  }
  return found;
}

test("a slider moves the numbers", () => {
  const range = input('[data-dial="a"]');
  range.value = "20";
  range.dispatchEvent(new Event("input"));

  expect(["a", "b", "c"].map((name) => input(`[name="${name}"]`).value)).toEqual([
    "20",
    "60",
    "20",
  ]);
  expect(range.hidden).toBe(false);
});

test("a typed number shows a wrong total until the field is left", () => {
  const number = input('[name="a"]');
  number.value = "70";
  number.dispatchEvent(new Event("input"));
  const total = document.querySelector("output");
  expect(total?.textContent).toBe("110");
  expect(total?.hasAttribute("data-wrong")).toBe(true);

  number.dispatchEvent(new Event("change"));
  expect(total?.textContent).toBe("100");
  expect(input('[name="b"]').value).toBe("22.5");
});
