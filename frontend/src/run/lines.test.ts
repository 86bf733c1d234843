import { expect, test } from "vitest";
import type { JobEvent, Sentinel } from "../live/events";
import { eventLine, lineWords } from "./lines";

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
  resumed: "goes on from {step}",
  moved: "{state}: {reason}",
  "its process finished": "进程已完成",
};

function line(event: JobEvent): string | null {
  return eventLine(event, WORDS, (state) => `<${state}>`);
}

test("a line has the page's words and the event's numbers", () => {
  expect(line(EVENT)).toBe("Step 12: 9.877 over 4; back to 8, × 0.5");
});

test("a number that is none is a dash, and without words the names remain", () => {
  const words = { exploding: "{value}" };
  expect(eventLine({ ...EVENT, value: null }, words, String)).toBe("–; rolled_back");
});

test("a run that goes on says from where", () => {
  expect(line({ at: 1, type: "started", resumed_step: 40, facts: {} })).toBe("goes on from 40");
});

test("a move is told with the state's name and the reason in the page's language", () => {
  const moved = { at: 1, type: "moved", previous: "running", state: "succeeded" } as const;
  expect(line({ ...moved, reason: "its process finished" } as JobEvent)).toBe(
    "<succeeded>: 进程已完成",
  );
  expect(line({ ...moved, reason: "claimed by node-1" } as JobEvent)).toBe(
    "<succeeded>: claimed by node-1",
  );
});

test("the words come from the page", () => {
  document.body.innerHTML = `<script id="line-words" type="application/json">{"a": "b"}</script>`;
  expect(lineWords(document)).toEqual({ a: "b" });
});
