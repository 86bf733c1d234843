/**
 * The one input of the grid. It always stands in the active cell, so that whatever is typed, also by an input method, goes there;
 * it is seen only while a cell is edited.
 */
import type { Column } from "./columns";

/** Where to go when a cell is done. */
export type Move = "down" | "up" | "right" | "left" | "stay";

export interface Hearer {
  /** The text of a cell is done; `move` says where to go next. */
  commit(text: string, move: Move): void;
  cancel(): void;
  /** A key while nothing is edited. */
  key(event: KeyboardEvent): void;
  /** Something is typed while nothing is edited: the cell's text goes, and this takes its place. */
  begin(): boolean;
}

export class Editor {
  readonly input = document.createElement("input");
  private readonly list = document.createElement("select");
  private editing = false;
  private current: HTMLInputElement | HTMLSelectElement = this.input;

  constructor(private readonly hearer: Hearer) {
    this.input.className = "cell-editor";
    this.list.className = "cell-editor";
    this.input.autocomplete = "off";
    this.input.spellcheck = false;
    this.rest();
    for (const control of [this.input, this.list]) {
      control.addEventListener("keydown", (event) => this.onKey(event as KeyboardEvent));
      control.addEventListener("blur", () => this.onBlur(control));
    }
    this.list.addEventListener("change", () => this.done("stay"));
    this.input.addEventListener("compositionstart", () => this.startTyping());
    this.input.addEventListener("beforeinput", (event) => {
      const isTyped = event.inputType.startsWith("insert") && !event.inputType.includes("Paste");
      if (!this.editing && (!isTyped || !this.startTyping())) {
        event.preventDefault();
      }
    });
  }

  get isEditing(): boolean {
    return this.editing;
  }

  /** Stands in a cell, waiting. */
  place(cell: HTMLElement, label: string, hasFocus: boolean): void {
    if (this.editing) {
      return;
    }
    this.input.setAttribute("aria-label", label);
    if (this.input.parentElement !== cell) {
      cell.append(this.input);
    }
    if (hasFocus && document.activeElement !== this.input) {
      this.input.focus({ preventScroll: true });
    }
  }

  /** Shows the cell's text to be changed. */
  open(column: Column, text: string, choices: readonly (readonly [string, string])[]): void {
    this.editing = true;
    if (choices.length) {
      this.list.replaceChildren(
        ...choices.map(([value, word]) => new Option(word, value, false, word === text)),
      );
      this.list.setAttribute("aria-label", this.input.getAttribute("aria-label") ?? column.key);
      this.current = this.list;
      this.input.replaceWith(this.list);
    } else {
      this.input.value = text;
      this.current = this.input;
    }
    this.current.toggleAttribute("data-editing", true);
    this.input.inputMode = "text";
    this.current.focus();
    if (this.current === this.input) {
      this.input.setSelectionRange(text.length, text.length);
    }
  }

  private startTyping(): boolean {
    if (!this.editing && this.hearer.begin()) {
      this.editing = true;
      this.current = this.input;
      this.input.inputMode = "text";
      this.input.toggleAttribute("data-editing", true);
    }
    return this.editing;
  }

  private rest(): void {
    this.editing = false;
    for (const control of [this.input, this.list]) {
      control.toggleAttribute("data-editing", false);
    }
    this.input.value = "";
    // On a phone the keyboard comes when a cell is edited, not when it is touched.
    this.input.inputMode = "none";
    if (this.list.isConnected) {
      this.list.replaceWith(this.input);
    }
    this.current = this.input;
  }

  private onKey(event: KeyboardEvent): void {
    if (event.isComposing) {
      return;
    }
    if (!this.editing) {
      this.hearer.key(event);
      return;
    }
    switch (event.key) {
      case "Enter":
        event.preventDefault();
        this.done(event.shiftKey ? "up" : "down");
        break;
      case "Tab":
        event.preventDefault();
        this.done(event.shiftKey ? "left" : "right");
        break;
      case "Escape":
        event.preventDefault();
        event.stopPropagation();
        this.rest();
        this.hearer.cancel();
        break;
      default:
    }
  }

  private onBlur(control: HTMLElement): void {
    // The input that makes place for the list is not left: only the control that is used can be.
    if (this.editing && control === this.current && control.isConnected) {
      this.done("stay");
    }
  }

  private done(move: "down" | "up" | "right" | "left" | "stay"): void {
    if (!this.editing) {
      return;
    }
    const text = this.current.value;
    this.rest();
    this.hearer.commit(text, move);
  }
}
