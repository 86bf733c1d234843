/** The panel beside the sheet: what is said of a concept, and what happened to it. */
import { piece } from "./pieces";

export class Talk {
  constructor(
    private readonly root: HTMLElement,
    private readonly url: string,
  ) {}

  async open(uid: string): Promise<void> {
    piece(this.root, "[data-panel]").hidden = false;
    piece(this.root, "[data-panel-title]").textContent = uid;
    const { default: htmx } = await import("htmx.org");
    const address = `${this.url}?uid=${encodeURIComponent(uid)}`;
    await htmx.ajax("get", address, { target: piece(this.root, "[data-panel-body]") });
  }

  close(): void {
    piece(this.root, "[data-panel]").hidden = true;
  }
}
