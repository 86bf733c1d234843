import { expect, test } from "vitest";
import { fingerprint } from "./fingerprint";

const file = (text: string, name = "a.txt", lastModified = 1) =>
  new File([text], name, { lastModified });
const LONG = "0123456789abcdef".repeat(100_000);

test("the same file has the same mark", async () => {
  expect(await fingerprint(file(LONG))).toBe(await fingerprint(file(LONG)));
});

test.each([
  ["name", file(LONG, "b.txt")],
  ["time", file(LONG, "a.txt", 2)],
  ["size", file(`${LONG}x`)],
  ["beginning", file(`x${LONG.slice(1)}`)],
  ["end", file(`${LONG.slice(0, -1)}x`)],
])("another %s is another mark", async (_what, other) => {
  expect(await fingerprint(other)).not.toBe(await fingerprint(file(LONG)));
});

test("an empty file has a mark too", async () => {
  expect(await fingerprint(file(""))).toMatch(/^a\.txt\|0\|1\|[0-9a-f]{16}$/);
});
