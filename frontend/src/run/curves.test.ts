import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Step } from "../live/events";
import { page } from "../testing/page";
import { RunCurves } from "./curves";
import type { History } from "./history";

type Part = { readonly from: number; readonly to: number } | null;

/** Stands for the chart, which needs a canvas: keeps the points it is given. */
const { FakeChart } = vi.hoisted(() => {
  class FakeChart {
    static all: FakeChart[] = [];
    rows = new Map<number, Record<number, number | null>>();
    part: Part = null;
    constructor(
      _host: HTMLElement,
      readonly options: { onZoom: (part: Part) => void },
    ) {
      FakeChart.all.push(this);
    }
    put(step: number, values: Record<number, number>): void {
      this.rows.set(step, { ...this.rows.get(step), ...values });
    }
    replace(all: { series: number; points: { step: number; mean: number | null }[] }[]): void {
      this.rows.clear();
      for (const { series, points } of all) {
        for (const point of points) {
          this.rows.set(point.step, { ...this.rows.get(point.step), [series]: point.mean });
        }
      }
    }
    showPart(part: Part): void {
      this.part = part;
    }
    destroy(): void {}
  }
  return { FakeChart };
});
vi.mock("../charts/series", () => ({ SeriesChart: FakeChart }));

const LABELS = { step: "", loss: "", train: "", valid: "", lr: "", norm: "", reset: "" };
const asked: URL[] = [];

function history(steps: number[], last = steps.at(-1) ?? 0): History {
  const curve = { low: steps, mean: steps, high: steps };
  const none = { low: [], mean: [], high: [] };
  return {
    first: 1,
    last,
    width: 1,
    steps,
    train_loss: curve,
    lr: curve,
    grad_norm: curve,
    tokens_per_s: curve,
    evaluated: [],
    valid_loss: none,
    last_seq: last + 2,
  };
}

function step(number: number): Step {
  return { type: "step", step: number, train_loss: 1, lr: 1, grad_norm: 1 } as Step;
}

function answers(next: History | number): void {
  vi.stubGlobal("fetch", (address: URL) => {
    asked.push(address);
    return Promise.resolve(
      typeof next === "number" ? new Response("", { status: next }) : Response.json(next),
    );
  });
}

let curves: RunCurves;

beforeEach(() => {
  FakeChart.all = [];
  asked.length = 0;
  page("<div></div><div></div>");
  const [losses, rates] = [...document.querySelectorAll<HTMLElement>("div")];
  if (!losses || !rates) {
    throw new Error("no hosts");
  }
  curves = new RunCurves(losses, rates, LABELS, "/p/a/runs/b/series");
});

afterEach(() => vi.unstubAllGlobals());

const steps = () => [...(FakeChart.all[0]?.rows.keys() ?? [])];
const zoom = (part: Part) => FakeChart.all[0]?.options.onZoom(part);

test("it shows the run's curves and says where the socket goes on", async () => {
  answers(history([1, 2, 3]));

  expect(await curves.load()).toBe(5);
  expect(steps()).toEqual([1, 2, 3]);
});

test("a server that is away is no error", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  expect(await curves.load()).toBeNull();

  answers(503);
  expect(await curves.load()).toBeNull();
});

test("live steps that newer curves hold already are not drawn twice", async () => {
  answers(history([10, 20, 30]));
  curves.step(step(30));
  curves.step(step(31));
  await curves.load();

  expect(steps()).toEqual([10, 20, 30, 31]);
});

test("a part is fetched finer and shown in both charts", async () => {
  answers(history([50, 51, 52], 1000));
  zoom({ from: 49.6, to: 52.2 });
  await vi.waitFor(() => expect(steps()).toEqual([50, 51, 52]));

  expect(asked[0]?.search).toBe("?from=49&to=53");
  expect(FakeChart.all.map((chart) => chart.part)).toEqual([
    { from: 49.6, to: 52.2 },
    { from: 49.6, to: 52.2 },
  ]);

  answers(history([100, 200]));
  zoom(null);
  await vi.waitFor(() => expect(steps()).toEqual([100, 200]));
  expect(FakeChart.all[1]?.part).toBeNull();
});

test("an answer that a later request has overtaken is not shown", async () => {
  const waiting: ((answer: Response) => void)[] = [];
  vi.stubGlobal("fetch", () => new Promise<Response>((resolve) => waiting.push(resolve)));
  zoom({ from: 1, to: 10 });
  zoom({ from: 2, to: 5 });

  waiting[1]?.(Response.json(history([2, 3])));
  waiting[0]?.(Response.json(history([7, 8])));
  await vi.waitFor(() => expect(steps()).toEqual([2, 3]));
  await Promise.resolve();
  expect(steps()).toEqual([2, 3]);
});

test("when thousands of steps came live the curves are fetched anew, in fewer points", async () => {
  vi.spyOn(performance, "now").mockReturnValue(60_000);
  answers(history([1000, 2000], 1501));
  for (let number = 1; number <= 1501; number += 1) {
    curves.step(step(number));
  }
  await vi.waitFor(() => expect(steps()).toEqual([1000, 2000]));

  expect(asked).toHaveLength(1);
  vi.restoreAllMocks();
});
