import { expect, test } from "vitest";
import type { Sentinel } from "./events";
import { sentinelLine, sentinelWords } from "./sentinel";

const EVENT: Sentinel = {
  at: 1,
  type: "sentinel",
  kind: "exploding",
  step: 12,
  watched: "loss",
  value: 9.87654,
  limit: 4,
  action: "rolled_back",
  facts: { to_step: 8, lr_scale: 0.5 },
};
const WORDS = {
  exploding: "Step {step}: {value} over {limit}",
  rolled_back: "back to {to_step}, × {lr_scale}",
};

test("a line has the page's words and the event's numbers", () => {
  expect(sentinelLine(EVENT, WORDS)).toBe("Step 12: 9.877 over 4; back to 8, × 0.5");
});

test("a number that is none is a dash, and without words the names remain", () => {
  expect(sentinelLine({ ...EVENT, value: null }, { exploding: "{value}" })).toBe("–; rolled_back");
});

test("the words come from the page", () => {
  document.body.innerHTML = `<script id="sentinel-words" type="application/json">{"a": "b"}</script>`;
  expect(sentinelWords(document)).toEqual({ a: "b" });
});
