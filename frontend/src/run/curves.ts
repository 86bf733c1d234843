/** The two charts of a run: the server's curves, live steps after them, and a finer part where somebody zooms. */
import { SeriesChart, type SeriesPoint } from "../charts/series";
import type { Evaluated, Step } from "../live/events";
import { type Curve, fetchHistory, type History, type Range } from "./history";

/** So many live steps are drawn one by one; then the curves are fetched anew and hold them in fewer points. */
const MOST_LIVE = 1500;
/** Between two such fetches. */
const REST_MS = 10_000;

export interface CurveLabels {
  readonly step: string;
  readonly loss: string;
  readonly train: string;
  readonly valid: string;
  readonly lr: string;
  readonly norm: string;
  readonly reset: string;
}

export class RunCurves {
  private readonly losses: SeriesChart;
  private readonly rates: SeriesChart;
  /** What came live since the curves of the whole run were fetched. */
  private steps: Step[] = [];
  private evaluations: Evaluated[] = [];
  private zoom: Range | null = null;
  private fetchedAt = 0;
  /** Counts the fetches: an answer that a later one has overtaken is not shown. */
  private fetches = 0;

  constructor(
    lossHost: HTMLElement,
    rateHost: HTMLElement,
    labels: CurveLabels,
    private readonly source: string,
  ) {
    const shared = {
      xLabel: labels.step,
      resetLabel: labels.reset,
      onZoom: (part: Range | null) => void this.zoomTo(part),
    };
    this.losses = new SeriesChart(lossHost, {
      ...shared,
      yLabel: labels.loss,
      series: [
        { label: labels.train, colour: "--chart-1" },
        { label: labels.valid, colour: "--chart-2", dots: true },
      ],
    });
    this.rates = new SeriesChart(rateHost, {
      ...shared,
      yLabel: labels.lr,
      series: [
        { label: labels.lr, colour: "--chart-1", scale: "lr" },
        { label: labels.norm, colour: "--chart-3", scale: "norm" },
      ],
    });
  }

  /** Fetches the whole run's curves; the number of the last event in them, or nothing where the server is away. */
  async load(): Promise<number | null> {
    const history = await this.fetch();
    if (history && !this.zoom) {
      this.show(history);
    }
    return history?.last_seq ?? null;
  }

  /** Shows curves of the whole run; live steps that are not in them yet stay. */
  show(history: History): void {
    this.fetchedAt = performance.now();
    this.steps = this.steps.filter((event) => event.step > history.last);
    this.evaluations = this.evaluations.filter((event) => event.step > history.last);
    this.draw(history);
  }

  step(event: Step): void {
    this.steps.push(event);
    this.putStep(event);
    const isTime = performance.now() - this.fetchedAt > REST_MS;
    if (this.steps.length > MOST_LIVE && isTime && !this.zoom) {
      this.fetchedAt = performance.now();
      void this.load();
    }
  }

  evaluated(event: Evaluated): void {
    this.evaluations.push(event);
    this.putEvaluated(event);
  }

  destroy(): void {
    this.fetches += 1;
    this.losses.destroy();
    this.rates.destroy();
  }

  private async zoomTo(part: Range | null): Promise<void> {
    this.zoom = part;
    this.losses.showPart(part);
    this.rates.showPart(part);
    if (!part) {
      await this.load();
      return;
    }
    const history = await this.fetch(part);
    if (history) {
      this.draw(history);
    }
  }

  /** The newest fetch's answer; nothing for one that was overtaken. */
  private async fetch(part?: Range): Promise<History | null> {
    this.fetches += 1;
    const mine = this.fetches;
    const history = await fetchHistory(this.source, part);
    return mine === this.fetches ? history : null;
  }

  private draw(history: History): void {
    this.losses.replace([
      points(history.steps, history.train_loss, 0),
      points(history.evaluated, history.valid_loss, 1),
    ]);
    this.rates.replace([
      points(history.steps, history.lr, 0),
      points(history.steps, history.grad_norm, 1),
    ]);
    for (const event of this.steps) {
      this.putStep(event);
    }
    for (const event of this.evaluations) {
      this.putEvaluated(event);
    }
  }

  private putStep(event: Step): void {
    this.losses.put(event.step, { 0: event.train_loss });
    this.rates.put(event.step, { 0: event.lr, 1: event.grad_norm });
  }

  private putEvaluated(event: Evaluated): void {
    this.losses.put(event.step, { 1: event.valid_loss });
  }
}

function points(
  steps: readonly number[],
  curve: Curve,
  series: number,
): { readonly series: number; readonly points: readonly SeriesPoint[] } {
  return {
    series,
    points: steps.map((step, index) => ({
      step,
      mean: curve.mean[index] ?? null,
      low: curve.low[index] ?? null,
      high: curve.high[index] ?? null,
    })),
  };
}
