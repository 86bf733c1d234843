/** A job's event stream over a WebSocket: replay after a number, then live, again after every break. */
import type { History } from "../run/history";
import type { JobEvent } from "./events";

/** One numbered event as the server sends it. */
export interface Numbered {
  readonly seq: number;
  readonly ts: number;
  readonly type: string;
  readonly data: JobEvent;
}

/** What the server says: events, the curves instead of thousands of them, or that it is still there. */
type Message =
  | { readonly type: "events"; readonly events: readonly Numbered[] }
  | { readonly type: "series"; readonly seq: number; readonly data: History }
  | { readonly type: "ping" };

export type LinkState = "connecting" | "live" | "offline" | "crowded" | "refused";

export interface StreamHandlers {
  readonly onEvents: (events: readonly Numbered[]) => void;
  readonly onSeries: (history: History) => void;
  readonly onState: (state: LinkState) => void;
}

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10_000;
/** The server sends a ping every 20 s; silence for longer means the link is dead though the socket says open. */
const SILENCE_MS = 45_000;
/** Close codes after which trying again is pointless: a wrong request, signed out, access lost, not there. */
const FINAL_CODES = new Set([4400, 4401, 4403, 4404]);
/** Too many sockets of this person: one of their other pages may close. */
const CROWDED = 4429;
/** A link that held for so long was well: the next break is a first one again. */
const WELL_MS = 5_000;

/** Keeps one job's stream alive and hands over each event exactly once, in order. */
export class JobStream {
  private socket: WebSocket | null = null;
  private delay = FIRST_DELAY_MS;
  private timer = 0;
  private silence = 0;
  /** When the server first said something: it takes the handshake before it asks who is there. */
  private liveSince: number | null = null;
  private pending: Numbered[] = [];
  private frame = 0;

  constructor(
    private readonly path: string,
    private after: number,
    private readonly handlers: StreamHandlers,
  ) {}

  open(): void {
    this.handlers.onState("connecting");
    window.addEventListener("online", this.hurry);
    this.connect();
  }

  close(): void {
    window.removeEventListener("online", this.hurry);
    window.clearTimeout(this.timer);
    window.clearTimeout(this.silence);
    window.clearTimeout(this.frame);
    if (this.socket) {
      this.socket.onclose = null;
      this.socket.close();
    }
  }

  private connect(): void {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}${this.path}?after=${this.after}`);
    this.socket = socket;
    this.liveSince = null;
    socket.onopen = () => this.listenForSilence();
    socket.onmessage = (message: MessageEvent<string>) => this.take(message.data);
    socket.onclose = (event) => this.closed(event.code);
  }

  /** The network is back: no need to wait. */
  private readonly hurry = (): void => {
    if (!this.socket) {
      window.clearTimeout(this.timer);
      this.connect();
    }
  };

  private take(text: string): void {
    this.listenForSilence();
    if (this.liveSince === null) {
      this.liveSince = performance.now();
      this.handlers.onState("live");
    }
    const message = JSON.parse(text) as Message;
    switch (message.type) {
      case "events":
        this.takeEvents(message.events);
        break;
      case "series":
        this.after = Math.max(this.after, message.seq);
        this.handlers.onSeries(message.data);
        break;
      case "ping":
        break;
    }
  }

  private takeEvents(events: readonly Numbered[]): void {
    const fresh = events.filter((event) => event.seq > this.after);
    this.after = fresh.at(-1)?.seq ?? this.after;
    this.pending.push(...fresh);
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
    if (code === CROWDED) {
      this.delay = LONGEST_DELAY_MS;
    } else if (this.liveSince !== null && performance.now() - this.liveSince > WELL_MS) {
      this.delay = FIRST_DELAY_MS;
    }
    this.handlers.onState(code === CROWDED ? "crowded" : "offline");
    // Jitter: the pages that one restart has cut off do not all come back in the same moment.
    this.timer = window.setTimeout(() => this.connect(), this.delay * (0.5 + Math.random()));
    this.delay = Math.min(this.delay * 2, LONGEST_DELAY_MS);
  }
}
