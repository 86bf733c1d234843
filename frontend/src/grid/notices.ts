/** What the bar above the grid says: saved or not, how far the draft is, and what a screen reader is told. */
import type { Words } from "./columns";
import { piece } from "./pieces";
import type { DraftState } from "./types";

export type State = "ok" | "busy" | "bad" | "idle";

export class Notices {
  constructor(
    private readonly root: ParentNode,
    private readonly words: Words,
  ) {}

  saved(state: State, words: string): void {
    const place = piece(this.root, "[data-saved]");
    place.dataset.state = state;
    place.textContent = words;
    piece(this.root, "[data-act=retry]").hidden = true;
  }

  waiting(count: number, tries: number): void {
    if (tries) {
      this.saved("busy", this.words.fill("again", { n: tries }));
    } else if (count) {
      this.saved("busy", this.words.of("saving"));
    } else if (piece(this.root, "[data-saved]").dataset.state === "busy") {
      this.saved("ok", this.words.of("saved"));
    }
  }

  stuck(why: string): void {
    const isOut = why === "signed-out";
    this.saved("bad", isOut ? this.words.of("signed-out") : this.words.fill("stuck", { why }));
    piece(this.root, "[data-act=retry]").hidden = false;
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
    (piece(this.root, "[data-act=undo]") as HTMLButtonElement).disabled = !state.undo;
    (piece(this.root, "[data-act=redo]") as HTMLButtonElement).disabled = !state.redo;
    piece(this.root, "[data-changes]").textContent = String(state.draft?.changed ?? 0);
  }

  total(count: number): void {
    piece(this.root, "[data-total]").textContent = this.words.fill("total", { n: count });
  }

  /** Said aloud, not shown. */
  say(words: string): void {
    piece(this.root, "[data-live]").textContent = words;
  }
}
