/**
 * `<project-link data-project>`: follows the project's jobs and shows whether it does. For htmx it says on the body
 * `studio:changed` when a job has gone on, at most once a second, and `studio:moved` when one has another state.
 */

type LinkState = "connecting" | "live" | "offline" | "crowded" | "refused";

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10_000;
/** The server pings every 20 s. */
const SILENCE_MS = 45_000;
/** Between two `studio:changed`; the last one is never lost. */
const PAUSE_MS = 1000;
/** Signed out, access lost, not there: trying again is pointless. */
const FINAL_CODES = new Set([4400, 4401, 4403, 4404]);
/** Too many sockets of this person: one of their other pages may close. */
const CROWDED = 4429;

export class ProjectLink extends HTMLElement {
  private socket: WebSocket | null = null;
  private delay = FIRST_DELAY_MS;
  private retry = 0;
  private silence = 0;
  private pause = 0;
  private isOwing = false;
  private openedAt = 0;
  private wasLive = false;
  private readonly states = new Map<string, string>();

  connectedCallback(): void {
    this.open();
  }

  disconnectedCallback(): void {
    window.clearTimeout(this.retry);
    window.clearTimeout(this.silence);
    window.clearTimeout(this.pause);
    if (this.socket) {
      this.socket.onclose = null;
      this.socket.close();
    }
  }

  private open(): void {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(
      `${scheme}//${location.host}/ws/projects/${this.dataset.project ?? ""}`,
    );
    this.socket = socket;
    socket.onopen = () => this.opened();
    socket.onmessage = (message: MessageEvent<string>) => this.take(message.data);
    socket.onclose = (event) => this.closed(event.code);
  }

  private opened(): void {
    // What happened while the link was down is fetched once.
    if (this.wasLive) {
      this.tell("studio:changed");
      this.tell("studio:moved");
    }
    this.wasLive = true;
    this.openedAt = performance.now();
    this.delay = FIRST_DELAY_MS;
    this.say("live");
    this.listenForSilence();
  }

  private take(text: string): void {
    this.listenForSilence();
    const message: unknown = JSON.parse(text);
    if (!isJobsMessage(message)) {
      return;
    }
    for (const event of message.events) {
      this.takeJob(event);
    }
    this.change();
  }

  private takeJob(message: JobMessage): void {
    const { job, state } = message.data;
    const before = this.states.get(job);
    this.states.set(job, state);
    // The first word about a job that was there already is no news.
    if (before !== state && (before !== undefined || this.isSettled)) {
      this.tell("studio:moved");
    }
  }

  /** Whether the jobs that were there at the beginning have been told. */
  private get isSettled(): boolean {
    return performance.now() - this.openedAt > PAUSE_MS;
  }

  private change(): void {
    if (this.pause !== 0) {
      this.isOwing = true;
      return;
    }
    this.tell("studio:changed");
    this.pause = window.setTimeout(() => {
      this.pause = 0;
      if (this.isOwing) {
        this.isOwing = false;
        this.change();
      }
    }, PAUSE_MS);
  }

  private tell(name: "studio:changed" | "studio:moved"): void {
    document.body.dispatchEvent(new CustomEvent(name));
  }

  private closed(code: number): void {
    window.clearTimeout(this.silence);
    if (FINAL_CODES.has(code)) {
      this.say("refused");
      return;
    }
    if (code === CROWDED) {
      this.delay = LONGEST_DELAY_MS;
    }
    this.say(code === CROWDED ? "crowded" : "offline");
    this.retry = window.setTimeout(() => this.open(), this.delay * (0.75 + Math.random() / 2));
    this.delay = Math.min(this.delay * 2, LONGEST_DELAY_MS);
  }

  private listenForSilence(): void {
    window.clearTimeout(this.silence);
    this.silence = window.setTimeout(() => this.socket?.close(), SILENCE_MS);
  }

  private say(state: LinkState): void {
    this.dataset.link = state;
    const words = this.querySelector<HTMLElement>("[data-word]");
    const key = `word${state.charAt(0).toUpperCase()}${state.slice(1)}`;
    if (words) {
      words.textContent = this.dataset[key] ?? "";
    }
  }
}

interface JobMessage {
  readonly data: { readonly job: string; readonly state: string };
}

interface JobsMessage {
  readonly events: readonly JobMessage[];
}

function isJobsMessage(message: unknown): message is JobsMessage {
  return (
    typeof message === "object" &&
    message !== null &&
    "type" in message &&
    message.type === "events"
  );
}

customElements.define("project-link", ProjectLink);
