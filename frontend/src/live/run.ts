/** The live part of a run's page: `<run-live data-job data-after data-series>` with named slots (`data-slot`) inside. */
import { RunCurves } from "../run/curves";
import { eventLine, type LineWords, lineWords } from "../run/lines";
import { Pace } from "../run/pace";
import type { Checkpoint, Evaluated, Moved, Progress, Step } from "./events";
import { duration, durationRange, loss, number, size, tokens } from "./format";
import { JobStream, type LinkState, type Numbered } from "./socket";

const LOG_LINES = 400;

export class RunLive extends HTMLElement {
  private stream: JobStream | null = null;
  private curves: RunCurves | null = null;
  private words: LineWords = {};
  private readonly pace = new Pace();

  connectedCallback(): void {
    this.words = lineWords(document);
    this.makeCurves();
    void this.start();
  }

  disconnectedCallback(): void {
    this.stream?.close();
    this.curves?.destroy();
  }

  private async start(): Promise<void> {
    // Where the server is away at this moment, the socket brings the curves once it is back.
    const after = (await this.curves?.load()) ?? Number(this.dataset.after ?? 0);
    const job = this.dataset.job;
    if (!job || this.dataset.over === "true") {
      this.link("live");
      return;
    }
    if (!this.isConnected) {
      return;
    }
    this.stream = new JobStream(`/ws/jobs/${job}`, after, {
      onEvents: (events) => this.take(events),
      onSeries: (history) => this.curves?.show(history),
      onState: (state) => this.link(state),
    });
    this.stream.open();
  }

  private makeCurves(): void {
    const lossHost = this.slotNamed("loss-chart");
    const rateHost = this.slotNamed("rate-chart");
    const label = (name: string) => this.dataset[name] ?? "";
    if (lossHost && rateHost) {
      const labels = {
        step: label("labelStep"),
        loss: label("labelLoss"),
        train: label("labelTrain"),
        valid: label("labelValid"),
        lr: label("labelLr"),
        norm: label("labelNorm"),
        reset: label("labelReset"),
      };
      this.curves = new RunCurves(lossHost, rateHost, labels, label("series"));
    }
  }

  private take(events: readonly Numbered[]): void {
    for (const { ts, data } of events) {
      const line = eventLine(data, this.words, (state) => this.stateName(state));
      if (line !== null) {
        this.log(ts, line);
      }
      switch (data.type) {
        case "step":
          this.step(data, ts);
          break;
        case "evaluated":
          this.evaluated(data);
          break;
        case "checkpoint":
          this.checkpoint(data);
          break;
        case "progress":
          this.progress(data);
          break;
        case "moved":
          this.moved(data);
          break;
      }
    }
  }

  private step(event: Step, ts: number): void {
    this.pace.took(event.step, ts);
    this.curves?.step(event);
    const bar = this.slotNamed("bar");
    if (bar instanceof HTMLProgressElement) {
      bar.max = event.steps;
      bar.value = event.step;
    }
    this.text("step", number(event.step));
    this.text("steps", number(event.steps));
    this.text("percent", `${Math.floor((100 * event.step) / event.steps)} %`);
    this.text("eta", event.step === event.steps ? "" : this.left(event));
    this.text("train-loss", loss(event.train_loss));
    this.text("speed", tokens(event.tokens_per_s));
    this.text("tokens", number(event.tokens));
  }

  /** What is left, as an interval once the run has a pace of its own. */
  private left(event: Step): string {
    const lang = this.dataset.lang ?? "en";
    const range = this.pace.left(event.steps - event.step);
    return range ? durationRange(range.low, range.high, lang) : duration(event.eta_s, lang);
  }

  private evaluated(event: Evaluated): void {
    this.curves?.evaluated(event);
    this.text("valid-loss", loss(event.valid_loss));
  }

  private progress(event: Progress): void {
    const bar = this.slotNamed("bar");
    if (bar instanceof HTMLProgressElement && event.total !== null) {
      bar.max = event.total;
      bar.value = event.done;
    }
    this.text(
      "stage",
      event.total === null ? event.stage : `${event.stage} ${event.done} / ${event.total}`,
    );
  }

  private checkpoint(event: Checkpoint): void {
    const body = this.slotNamed("checkpoints");
    if (body) {
      const row = document.createElement("tr");
      const cells = [
        String(event.step),
        loss(event.train_loss),
        size(event.size_bytes),
        event.sha256.slice(0, 12),
      ];
      for (const [index, text] of cells.entries()) {
        const cell = document.createElement("td");
        cell.textContent = text;
        cell.className = index === 3 ? "mono" : "num";
        row.append(cell);
      }
      // A column of buttons, where there is one, is the server's to fill.
      const columns = body.closest("table")?.tHead?.rows[0]?.cells.length ?? cells.length;
      while (row.cells.length < columns) {
        row.insertCell();
      }
      body.prepend(row);
      this.slotNamed("no-checkpoints")?.setAttribute("hidden", "");
    }
  }

  private stateName(state: string): string {
    return this.dataset[`state${state}`] ?? state;
  }

  private moved(event: Moved): void {
    const badge = this.slotNamed("state");
    if (badge) {
      badge.dataset.state = event.state;
      badge.textContent = this.stateName(event.state);
    }
    // What may be done, and what came out of it, is decided by the server: fetch the page anew at the end.
    if (["succeeded", "failed", "cancelled", "paused"].includes(event.state)) {
      window.setTimeout(() => location.reload(), 400);
    }
  }

  private log(ts: number, text: string): void {
    const list = this.slotNamed("log");
    if (!list) {
      return;
    }
    const line = document.createElement("li");
    const time = document.createElement("time");
    const at = new Date(ts * 1000);
    time.dateTime = at.toISOString();
    time.textContent = at.toLocaleTimeString(this.dataset.lang, { hour12: false });
    line.append(time, ` ${text}`);
    list.append(line);
    while (list.childElementCount > LOG_LINES) {
      list.firstElementChild?.remove();
    }
    list.scrollTop = list.scrollHeight;
  }

  private link(state: LinkState): void {
    const mark = this.slotNamed("link");
    if (mark) {
      mark.dataset.link = state;
      mark.textContent = this.dataset[`link${state}`] ?? "";
    }
  }

  private text(name: string, value: string): void {
    const slot = this.slotNamed(name);
    if (slot && slot.textContent !== value) {
      slot.textContent = value;
    }
  }

  private slotNamed(name: string): HTMLElement | null {
    return this.querySelector<HTMLElement>(`[data-slot="${name}"]`);
  }
}

customElements.define("run-live", RunLive);
