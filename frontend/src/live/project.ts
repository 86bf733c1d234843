/** `<project-link data-project>`: follows the project's jobs, shows whether it does, and says `studio:changed` on the body for htmx. */

type LinkState = "connecting" | "live" | "offline" | "refused";

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10_000;
/** The server pings every 20 s. */
const SILENCE_MS = 45_000;
/** Signed out, access lost, not there: trying again is pointless. */
const FINAL_CODES = new Set([4400, 4401, 4403, 4404]);

export class ProjectLink extends HTMLElement {
  private socket: WebSocket | null = null;
  private delay = FIRST_DELAY_MS;
  private retry = 0;
  private silence = 0;

  connectedCallback(): void {
    this.open();
  }

  disconnectedCallback(): void {
    window.clearTimeout(this.retry);
    window.clearTimeout(this.silence);
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
    if (this.dataset.link === "offline") {
      this.tell();
    }
    this.delay = FIRST_DELAY_MS;
    this.say("live");
    this.listenForSilence();
  }

  private take(text: string): void {
    this.listenForSilence();
    const message: unknown = JSON.parse(text);
    if (
      typeof message === "object" &&
      message !== null &&
      "type" in message &&
      message.type === "job"
    ) {
      this.tell();
    }
  }

  private tell(): void {
    document.body.dispatchEvent(new CustomEvent("studio:changed"));
  }

  private closed(code: number): void {
    window.clearTimeout(this.silence);
    if (FINAL_CODES.has(code)) {
      this.say("refused");
      return;
    }
    this.say("offline");
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

customElements.define("project-link", ProjectLink);
