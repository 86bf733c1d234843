/** One file on its way in parts: what is missing is sent, a broken line is tried again, a person can pause and go on. */
import { forget, remember, remembered } from "./memory";
import { Refusal, type State, type Wire } from "./wire";

export type Phase =
  | "queued"
  | "sending"
  | "waiting"
  | "paused"
  | "joining"
  | "done"
  | "failed"
  | "cancelled";

/** What is shown of it. */
export interface View {
  readonly phase: Phase;
  /** Bytes that are safe or have left. */
  readonly sent: number;
  readonly problem: Refusal | null;
}

export interface Options {
  readonly wire: Wire;
  /** Address and purpose: uploads are remembered by it. */
  readonly target: string;
  readonly fingerprint: string;
  readonly show: (view: View) => void;
  /** Resolves after so many milliseconds, or when told to wake up. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Tries in a row without a single part in between, one to thirty seconds apart: about four minutes. */
const TRIES = 12;
const LONGEST_WAIT_MS = 30_000;

export class Transfer {
  private wish: "go" | "pause" | "cancel" = "go";
  private stop = new AbortController();
  private go: () => void = () => {};
  private id: string | null = null;
  private sent = 0;
  private failures = 0;

  constructor(
    readonly file: File,
    private readonly options: Options,
  ) {}

  /** Send what is missing; where the page goes on, or null where it failed or was cancelled. May be called again. */
  async run(): Promise<string | null> {
    this.failures = 0;
    this.wish = "go";
    for (;;) {
      this.stop = new AbortController();
      try {
        return await this.sendAll();
      } catch (error) {
        if (!(error instanceof Refusal)) {
          throw error;
        }
        if (!(await this.mayGoOn(error))) {
          return null;
        }
      }
    }
  }

  pause(): void {
    if (this.wish === "go") {
      this.wish = "pause";
      this.stop.abort();
    }
  }

  resume(): void {
    this.wish = "go";
    this.go();
  }

  /** Give it up, also on the server. */
  async cancel(): Promise<void> {
    this.wish = "cancel";
    this.stop.abort();
    this.go();
    if (this.id !== null) {
      forget(this.id);
      await this.options.wire.cancel(this.id).catch(leaveToExpire);
    }
    this.say("cancelled");
  }

  private async sendAll(): Promise<string> {
    const state = await this.open();
    this.require();
    if (state.status === "pending") {
      for (const number of missing(state)) {
        await this.sendPart(state, number);
      }
    }
    this.say("joining");
    const location = await this.options.wire.complete(state.id);
    forget(state.id);
    this.say("done");
    return location;
  }

  /** The upload of this file that was begun before and can go on, else a new one. */
  private async open(): Promise<State> {
    const { wire, target, fingerprint } = this.options;
    const known = this.id ?? remembered(target).find((it) => it.fingerprint === fingerprint)?.id;
    let state = known === undefined ? null : await this.find(known);
    if (state === null) {
      state = await wire.begin(this.file);
    }
    this.id = state.id;
    this.sent = safeBytes(state);
    this.keep();
    this.say("sending");
    return state;
  }

  private async find(id: string): Promise<State | null> {
    try {
      const state = await this.options.wire.show(id);
      if (state.status === "pending" || state.status === "completed") {
        return state;
      }
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 404) {
        throw error;
      }
    }
    forget(id);
    return null;
  }

  private async sendPart(state: State, number: number): Promise<void> {
    this.require();
    const start = number * state.part_bytes;
    const bytes = this.file.slice(start, start + state.part_bytes);
    const before = this.sent;
    const moved = (left: number) => {
      this.sent = before + left;
      this.say("sending");
    };
    await this.options.wire.send(state.id, number, bytes, moved, this.stop.signal);
    this.sent = before + bytes.size;
    this.failures = 0;
    this.keep();
    this.say("sending");
  }

  /** Throws where somebody wants it to rest or to end. */
  private require(): void {
    if (this.wish !== "go") {
      throw new Refusal(0, "", "");
    }
  }

  /** After something did not go: wait as long as it takes. False when there is no point in trying again. */
  private async mayGoOn(refusal: Refusal): Promise<boolean> {
    if (this.wish === "pause") {
      this.say("paused");
      await new Promise<void>((resolve) => {
        this.go = resolve;
      });
      return !this.isCancelled();
    }
    if (this.isCancelled()) {
      return false;
    }
    this.failures += 1;
    if (refusal.isFinal || this.failures > TRIES) {
      this.say("failed", refusal);
      return false;
    }
    this.say("waiting", refusal);
    const wait = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** (this.failures - 1));
    await (this.options.sleep ?? sleepUnlessOnline)(wait, this.stop.signal);
    return this.wish === "go" || this.mayGoOn(refusal);
  }

  private isCancelled(): boolean {
    return this.wish === "cancel";
  }

  private keep(): void {
    if (this.id !== null) {
      const { target, fingerprint } = this.options;
      const { name, size } = this.file;
      remember({ fingerprint, id: this.id, target, name, size, done: this.sent });
    }
  }

  private say(phase: Phase, problem: Refusal | null = null): void {
    if (!this.isCancelled() || phase === "cancelled") {
      this.options.show({ phase, sent: this.sent, problem });
    }
  }
}

/** The parts that are not safe yet, in order. */
export function missing(state: State): number[] {
  const count = Math.ceil(state.bytes / state.part_bytes);
  const there = new Set(state.parts);
  return Array.from({ length: count }, (_, number) => number).filter(
    (number) => !there.has(number),
  );
}

/** Bytes of the parts that are safe; the last part is shorter. */
export function safeBytes(state: State): number {
  const sizeOf = (number: number) =>
    Math.min(state.part_bytes, state.bytes - number * state.part_bytes);
  return state.parts.reduce((sum, number) => sum + sizeOf(number), 0);
}

/** Without an answer the server gives it up by itself, a day later. */
function leaveToExpire(error: unknown): void {
  if (!(error instanceof Refusal)) {
    throw error;
  }
}

/** Time passes, the network comes back, or somebody does not want to wait. */
function sleepUnlessOnline(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      removeEventListener("online", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    addEventListener("online", wake);
    signal.addEventListener("abort", wake, { once: true });
  });
}
