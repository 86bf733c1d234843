/** What is seen of one upload: the template `data-transfer` of the form, filled and kept up to date. */
import { duration } from "../live/format";
import { Rate } from "./rate";
import type { Phase, View } from "./transfer";

export type Act = "pause" | "resume" | "cancel" | "again" | "discard";

/** Which buttons a phase has. */
const ACTS: Readonly<Record<Phase | "interrupted", readonly Act[]>> = {
  queued: ["cancel"],
  sending: ["pause", "cancel"],
  waiting: ["pause", "cancel"],
  paused: ["resume", "cancel"],
  joining: [],
  done: [],
  failed: ["again", "cancel"],
  cancelled: [],
  interrupted: ["discard"],
};

export class Row {
  readonly element: HTMLElement;
  private readonly rate = new Rate();

  constructor(
    private readonly words: DOMStringMap,
    template: HTMLTemplateElement,
    name: string,
    private readonly size: number,
    act: (act: Act) => void,
  ) {
    const copy = template.content.firstElementChild?.cloneNode(true);
    if (!(copy instanceof HTMLElement)) {
      throw new Error("the template data-transfer has no element");
    }
    this.element = copy;
    this.slot("name").textContent = name;
    for (const button of this.buttons()) {
      button.addEventListener("click", () => act(button.dataset.act as Act));
    }
  }

  show(view: View, now = performance.now() / 1000): void {
    if (view.phase === "sending") {
      this.rate.add(now, view.sent);
    } else {
      this.rate.reset();
    }
    this.place(view.phase, view.sent);
    this.slot("figure").textContent = this.figure(view);
    const { problem } = view;
    const isFailed = view.phase === "failed" && problem !== null;
    this.slot("problem").textContent = isFailed
      ? problem.message || this.word(wordOf(problem.code))
      : "";
    this.slot("code").textContent = isFailed ? problem.code : "";
  }

  /** One of an earlier visit, whose file has to be picked again. */
  showInterrupted(done: number): void {
    this.place("interrupted", done);
    this.slot("figure").textContent = `${percent(done, this.size)} · ${this.word("interrupted")}`;
  }

  private place(phase: Phase | "interrupted", sent: number): void {
    this.element.dataset.phase = phase;
    const bar = this.element.querySelector("progress");
    if (bar) {
      bar.max = this.size;
      bar.value = sent;
    }
    for (const button of this.buttons()) {
      button.hidden = !ACTS[phase].includes(button.dataset.act as Act);
    }
  }

  private figure(view: View): string {
    if (view.phase !== "sending") {
      return `${percent(view.sent, this.size)} · ${this.word(view.phase)}`;
    }
    const figures = [percent(view.sent, this.size), `${bytes(view.sent)} / ${bytes(this.size)}`];
    const rate = this.rate.perSecond();
    if (rate !== null && rate > 0) {
      const left = duration((this.size - view.sent) / rate, document.documentElement.lang);
      figures.push(`${bytes(rate)}/s`, this.word("left").replace("{time}", left));
    }
    return figures.join(" · ");
  }

  private word(name: string): string {
    return this.words[`word${name.charAt(0).toUpperCase()}${name.slice(1)}`] ?? "";
  }

  private slot(name: string): HTMLElement {
    const found = this.element.querySelector<HTMLElement>(`[data-slot=${name}]`);
    if (!found) {
      throw new Error(`the template data-transfer has no slot ${name}`);
    }
    return found;
  }

  private buttons(): NodeListOf<HTMLButtonElement> {
    return this.element.querySelectorAll<HTMLButtonElement>("button[data-act]");
  }
}

function wordOf(code: string): string {
  return code === "signed_out" ? "signedOut" : "failed";
}

function percent(part: number, whole: number): string {
  return `${whole === 0 ? 0 : Math.floor((100 * part) / whole)}\u202f%`;
}

/** Bytes in the unit that fits, as the pages write them. */
export function bytes(value: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let [amount, unit] = [value, 0];
  while (amount >= 1000 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${unit === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)}\u202f${units[unit]}`;
}
