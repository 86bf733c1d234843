/** A live line chart over uPlot: axes with units, theme colours from CSS, wheel-free zoom by dragging, a table for screen readers. */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface Series {
  readonly label: string;
  /** Name of the CSS custom property that holds the colour. */
  readonly colour: string;
  readonly scale?: string;
  /** Points far apart are joined; single points are drawn as dots. */
  readonly dots?: boolean;
  readonly digits?: number;
}

/** Steps as one point: their mean, and the lowest and highest value among them. */
export interface SeriesPoint {
  readonly step: number;
  readonly mean: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface ChartOptions {
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
  readonly height?: number;
  /** On the button that shows the whole again. */
  readonly resetLabel?: string;
  /** Somebody dragged over a part, or wants the whole again; without it the chart zooms in what it has. */
  readonly onZoom?: (part: { readonly from: number; readonly to: number } | null) => void;
}

type Cell = number | null;
/** uPlot's columns of one series: mean, low, high. */
const COLUMNS = 3;
/** A part of fewer steps is no part. */
const NARROWEST = 2;

/** Holds the points by step, so that a repeated or late point replaces and never doubles. */
export class SeriesChart {
  private readonly plot: uPlot;
  private readonly rows = new Map<number, Cell[]>();
  private readonly watching = new AbortController();
  private readonly observers: readonly { disconnect(): void }[];
  private readonly reset: HTMLButtonElement;
  private part: { readonly from: number; readonly to: number } | null = null;
  private frame = 0;

  constructor(
    private readonly host: HTMLElement,
    private readonly options: ChartOptions,
  ) {
    this.plot = new uPlot(this.config(), this.columns(), host);
    this.reset = this.resetButton();
    const resizes = new ResizeObserver(() => this.resize());
    resizes.observe(host);
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => this.plot.redraw(), { signal: this.watching.signal });
    const themes = new MutationObserver(() => this.plot.redraw());
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    this.observers = [resizes, themes];
  }

  /** Sets the values of some series at a step; what is not named keeps its value. */
  put(step: number, values: Readonly<Record<number, number>>): void {
    for (const [series, value] of Object.entries(values)) {
      this.set(Number(series), { step, mean: value, low: value, high: value });
    }
    this.drawSoon();
  }

  /** Forgets all points and takes these. */
  replace(
    all: readonly { readonly series: number; readonly points: readonly SeriesPoint[] }[],
  ): void {
    this.rows.clear();
    for (const { series, points } of all) {
      for (const point of points) {
        this.set(series, point);
      }
    }
    this.drawSoon();
  }

  /** Shows these steps, or all of them. */
  showPart(part: { readonly from: number; readonly to: number } | null): void {
    this.part = part;
    this.reset.hidden = part === null;
    if (part) {
      this.plot.setScale("x", { min: part.from, max: part.to });
    } else {
      this.drawSoon();
    }
  }

  get points(): number {
    return this.rows.size;
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.watching.abort();
    for (const observer of this.observers) {
      observer.disconnect();
    }
    this.reset.remove();
    this.plot.destroy();
  }

  private set(series: number, point: SeriesPoint): void {
    const row =
      this.rows.get(point.step) ?? new Array<Cell>(this.options.series.length * COLUMNS).fill(null);
    row.splice(series * COLUMNS, COLUMNS, point.mean, point.low, point.high);
    this.rows.set(point.step, row);
  }

  private drawSoon(): void {
    if (this.frame === 0) {
      this.frame = requestAnimationFrame(() => this.draw());
    }
  }

  private draw(): void {
    this.frame = 0;
    this.plot.setData(this.columns(), this.part === null);
    if (this.part) {
      this.plot.setScale("x", { min: this.part.from, max: this.part.to });
    }
    if (this.rows.size > 0) {
      this.host.dataset.points = String(this.rows.size);
    }
  }

  private columns(): uPlot.AlignedData {
    const steps = [...this.rows.keys()].sort((a, b) => a - b);
    const rows = steps.map((step) => this.rows.get(step) ?? []);
    const columns = Array.from({ length: this.options.series.length * COLUMNS }, (_, index) =>
      rows.map((row) => row[index] ?? null),
    );
    return [steps, ...columns];
  }

  private resize(): void {
    const width = this.host.clientWidth;
    if (width > 0) {
      this.plot.setSize({ width, height: this.options.height ?? 240 });
    }
  }

  private resetButton(): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small chart-reset";
    button.textContent = this.options.resetLabel ?? "";
    button.hidden = true;
    button.addEventListener("click", () => this.zoomed(null), { signal: this.watching.signal });
    this.host.after(button);
    this.plot.over.addEventListener("dblclick", () => this.zoomed(null), {
      signal: this.watching.signal,
    });
    return button;
  }

  private selected(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width <= 0) {
      return;
    }
    const from = plot.posToVal(left, "x");
    const to = plot.posToVal(left + width, "x");
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (to - from >= NARROWEST) {
      this.zoomed({ from, to });
    }
  }

  private zoomed(part: { readonly from: number; readonly to: number } | null): void {
    if (part === null && this.part === null) {
      return;
    }
    if (this.options.onZoom) {
      this.options.onZoom(part);
    } else {
      this.showPart(part);
    }
  }

  private config(): uPlot.Options {
    const css = (name: string) => () =>
      getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const axis = { stroke: css("--chart-text"), grid: { stroke: css("--chart-grid"), width: 1 } };
    const scales = [...new Set(this.options.series.map((series) => series.scale ?? "y"))];
    return {
      width: Math.max(this.host.clientWidth, 200),
      height: this.options.height ?? 240,
      scales: { x: { time: false } },
      legend: { live: true },
      cursor: { drag: { x: true, y: false, setScale: false } },
      hooks: { setSelect: [(plot) => this.selected(plot)] },
      axes: [
        { ...axis, label: this.options.xLabel, labelSize: 20, size: 36 },
        ...scales.map((scale, index) => ({
          ...axis,
          scale,
          label: index === 0 ? this.options.yLabel : (this.labelOf(scale) ?? ""),
          labelSize: 20,
          size: 58,
          side: index === 0 ? (3 as const) : (1 as const),
          grid: index === 0 ? axis.grid : { show: false },
          values: (_: uPlot, ticks: number[]) => ticks.map(short),
        })),
      ],
      series: [
        { label: this.options.xLabel },
        ...this.options.series.flatMap((series, index) => this.seriesConfig(series, index)),
      ],
      bands: this.options.series.map((series, index) => ({
        series: [index * COLUMNS + 3, index * COLUMNS + 2] as uPlot.Band.Bounds,
        fill: () => `color-mix(in srgb, ${css(series.colour)()} 22%, transparent)`,
      })),
    };
  }

  /** The line of the means, and the unseen edges of the band around it. */
  private seriesConfig(series: Series, index: number): uPlot.Series[] {
    const colour = () =>
      getComputedStyle(document.documentElement).getPropertyValue(series.colour).trim();
    const scale = series.scale ?? "y";
    const edge: uPlot.Series = {
      scale,
      class: "edge",
      width: 0,
      spanGaps: true,
      points: { show: false },
    };
    return [
      {
        label: series.label,
        scale,
        stroke: colour,
        width: 1.75,
        spanGaps: true,
        points: series.dots ? { show: true, size: 7, fill: colour } : { show: false },
        value: (plot, value, _, at) => words(plot, value, index, at, series.digits ?? 4),
      },
      edge,
      edge,
    ];
  }

  private labelOf(scale: string): string | undefined {
    return this.options.series.find((series) => series.scale === scale)?.label;
  }
}

/** "1.234", or "1.234 (1.1 … 1.4)" for a point of many steps. */
function words(
  plot: uPlot,
  value: number | null,
  series: number,
  at: number | null | undefined,
  digits: number,
): string {
  if (value == null) {
    return "–";
  }
  const low = at == null ? null : plot.data[series * COLUMNS + 2]?.[at];
  const high = at == null ? null : plot.data[series * COLUMNS + 3]?.[at];
  const mean = value.toPrecision(digits);
  return low == null || high == null || low === high
    ? mean
    : `${mean} (${low.toPrecision(3)} … ${high.toPrecision(3)})`;
}

/** A tick in few letters: 0.0001 as 1e-4, 1200 as 1.2k. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && size < 0.001) {
    return value.toExponential(0).replace("e-0", "e-");
  }
  if (size >= 10_000) {
    return `${Number((value / 1000).toPrecision(3))}k`;
  }
  return String(Number(value.toPrecision(4)));
}
