import { beforeEach, expect, test, vi } from "vitest";
import { forget, remember, remembered } from "./memory";

const upload = { fingerprint: "f", id: "u", target: "t", name: "rows.jsonl", size: 9, done: 3 };
const HOUR = 3600 * 1000;

beforeEach(() => localStorage.clear());

test("an upload is remembered until it is forgotten", () => {
  remember(upload, 0);
  remember({ ...upload, done: 6 }, 1);

  expect(remembered("t", 2)).toEqual([{ ...upload, done: 6, at: 1 }]);
  forget("u", 2);
  expect(remembered("t", 2)).toEqual([]);
});

test("what the studio has given up by now is not offered", () => {
  remember(upload, 0);

  expect(remembered("t", 23 * HOUR)).toHaveLength(1);
  expect(remembered("t", 24 * HOUR)).toEqual([]);
});

test.each(["no json", "{}", '[1, null, {"id": 5}]'])(
  "what others wrote there is passed over: %s",
  (text) => {
    localStorage.setItem("studio-uploads", text);

    expect(remembered("t")).toEqual([]);
  },
);

test("a browser that keeps nothing still uploads", () => {
  const refused = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });

  expect(() => remember(upload)).not.toThrow();
  refused.mockRestore();
});
