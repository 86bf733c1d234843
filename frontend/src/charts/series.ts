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

export interface ChartOptions {
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
  readonly height?: number;
}

type Row = readonly (number | null)[];

/** Holds the points by step, so that a repeated or late point replaces and never doubles. */
export class SeriesChart {
  private readonly plot: uPlot;
  private readonly rows = new Map<number, (number | null)[]>();
  private dirty = false;

  constructor(
    private readonly host: HTMLElement,
    private readonly options: ChartOptions,
  ) {
    this.plot = new uPlot(this.config(), this.columns(), host);
    new ResizeObserver(() => this.resize()).observe(host);
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => this.plot.redraw());
    new MutationObserver(() => this.plot.redraw()).observe(document.documentElement, {
      attributes: true,
      attributeFilter: ["data-theme"],
    });
  }

  /** Sets the values of some series at a step; what is not named keeps its value. */
  put(step: number, values: Readonly<Record<number, number | null>>): void {
    const row = this.rows.get(step) ?? this.options.series.map(() => null);
    for (const [index, value] of Object.entries(values)) {
      row[Number(index)] = value;
    }
    this.rows.set(step, row);
    if (!this.dirty) {
      this.dirty = true;
      requestAnimationFrame(() => this.draw());
    }
  }

  get points(): number {
    return this.rows.size;
  }

  private draw(): void {
    this.dirty = false;
    this.plot.setData(this.columns());
    this.host.dataset.points = String(this.rows.size);
  }

  private columns(): uPlot.AlignedData {
    const steps = [...this.rows.keys()].sort((a, b) => a - b);
    const rows: Row[] = steps.map((step) => this.rows.get(step) ?? []);
    const columns = this.options.series.map((_, index) => rows.map((row) => row[index] ?? null));
    return [steps, ...columns];
  }

  private resize(): void {
    const width = this.host.clientWidth;
    if (width > 0) {
      this.plot.setSize({ width, height: this.options.height ?? 240 });
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
      cursor: { drag: { x: true, y: false } },
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
        ...this.options.series.map((series) => ({
          label: series.label,
          scale: series.scale ?? "y",
          stroke: css(series.colour),
          width: 1.75,
          spanGaps: true,
          points: series.dots ? { show: true, size: 7, fill: css(series.colour) } : { show: false },
          value: (_: uPlot, value: number | null) =>
            value == null ? "–" : value.toPrecision(series.digits ?? 4),
        })),
      ],
    };
  }

  private labelOf(scale: string): string | undefined {
    return this.options.series.find((series) => series.scale === scale)?.label;
  }
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
