/** What the bar above the grid says: saved or not, how far the draft is, and what a screen reader is told. */
import type { Words } from "./columns";
import type { DraftState } from "./types";

export type State = "ok" | "busy" | "bad" | "idle";

export class Notices {
  constructor(
    private readonly root: ParentNode,
    private readonly words: Words,
  ) {}

  private piece(selector: string): HTMLElement {
    const found = this.root.querySelector<HTMLElement>(selector);
    if (!found) {
      throw new Error(`the grid has no ${selector}`);
    }
    return found;
  }

  saved(state: State, words: string): void {
    const place = this.piece("[data-saved]");
    place.dataset.state = state;
    place.textContent = words;
    this.piece("[data-act=retry]").hidden = true;
  }

  waiting(count: number, tries: number): void {
    if (tries) {
      this.saved("busy", this.words.fill("again", { n: tries }));
    } else if (count) {
      this.saved("busy", this.words.of("saving"));
    } else if (this.piece("[data-saved]").dataset.state === "busy") {
      this.saved("ok", this.words.of("saved"));
    }
  }

  stuck(why: string): void {
    const isOut = why === "signed-out";
    this.saved("bad", isOut ? this.words.of("signed-out") : this.words.fill("stuck", { why }));
    this.piece("[data-act=retry]").hidden = false;
  }

  unread(why: unknown): void {
    this.saved("bad", this.words.fill("unread", { why: String(why) }));
  }

  refused(why: string): void {
    const words = this.words.fill("refused", { why });
    this.saved("bad", words);
    this.say(words);
  }

  state(state: DraftState): void {
    (this.piece("[data-act=undo]") as HTMLButtonElement).disabled = !state.undo;
    (this.piece("[data-act=redo]") as HTMLButtonElement).disabled = !state.redo;
    this.piece("[data-changes]").textContent = String(state.draft?.changed ?? 0);
  }

  total(count: number): void {
    this.piece("[data-total]").textContent = this.words.fill("total", { n: count });
  }

  /** Said aloud, not shown. */
  say(words: string): void {
    this.piece("[data-live]").textContent = words;
  }
}
