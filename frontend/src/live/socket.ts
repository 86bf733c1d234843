/** A job's event stream over a WebSocket: replay after a number, then live, again after every break. */
import type { JobEvent } from "./events";

/** One numbered event as the server sends it. */
export interface Numbered {
  readonly seq: number;
  readonly ts: number;
  readonly type: string;
  readonly data: JobEvent;
}

export type LinkState = "connecting" | "live" | "offline" | "refused";

export interface StreamHandlers {
  readonly onEvents: (events: readonly Numbered[]) => void;
  readonly onState: (state: LinkState) => void;
}

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10_000;
/** The server sends a ping every 20 s; silence for longer means the link is dead though the socket says open. */
const SILENCE_MS = 45_000;
/** Close codes after which trying again is pointless: signed out, access lost, not there. */
const FINAL_CODES = new Set([4401, 4403, 4404]);

/** Keeps one job's stream alive and hands over each event exactly once, in order. */
export class JobStream {
  private socket: WebSocket | null = null;
  private delay = FIRST_DELAY_MS;
  private timer = 0;
  private silence = 0;
  private pending: Numbered[] = [];
  private frame = 0;

  constructor(
    private readonly path: string,
    private after: number,
    private readonly handlers: StreamHandlers,
  ) {}

  open(): void {
    this.handlers.onState("connecting");
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}${this.path}?after=${this.after}`);
    this.socket = socket;
    socket.onopen = () => {
      this.delay = FIRST_DELAY_MS;
      this.handlers.onState("live");
      this.listenForSilence();
    };
    socket.onmessage = (message: MessageEvent<string>) => this.take(message.data);
    socket.onclose = (event) => this.closed(event.code);
  }

  close(): void {
    window.clearTimeout(this.timer);
    window.clearTimeout(this.silence);
    if (this.socket) {
      this.socket.onclose = null;
      this.socket.close();
    }
  }

  private take(text: string): void {
    this.listenForSilence();
    const message: unknown = JSON.parse(text);
    if (!isNumbered(message) || message.seq <= this.after) {
      return;
    }
    this.after = message.seq;
    this.pending.push(message);
    // One repaint takes all that came since the last: a replay of thousands does not freeze the page.
    if (this.frame === 0) {
      this.frame = window.setTimeout(() => this.flush(), 50);
    }
  }

  private flush(): void {
    this.frame = 0;
    const events = this.pending;
    this.pending = [];
    this.handlers.onEvents(events);
  }

  private listenForSilence(): void {
    window.clearTimeout(this.silence);
    this.silence = window.setTimeout(() => this.socket?.close(), SILENCE_MS);
  }

  private closed(code: number): void {
    window.clearTimeout(this.silence);
    this.socket = null;
    if (FINAL_CODES.has(code)) {
      this.handlers.onState("refused");
      return;
    }
    this.handlers.onState("offline");
    this.timer = window.setTimeout(() => this.open(), this.delay * (0.75 + Math.random() / 2));
    this.delay = Math.min(this.delay * 2, LONGEST_DELAY_MS);
  }
}

function isNumbered(value: unknown): value is Numbered {
  return typeof value === "object" && value !== null && typeof (value as Numbered).seq === "number";
}
