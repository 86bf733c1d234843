/** The keys of the grid while no cell is edited, as in a spreadsheet. */
import { COLUMNS, valuesOf } from "./columns";
import type { Spot } from "./view";

export interface Sheet {
  spot(): Spot;
  /** How many lines there are; the blank one comes after them. */
  lines(): number;
  /** Lines of a page. */
  page(): number;
  go(spot: Spot, extend: boolean): void;
  edit(): void;
  /** Picks the value of the active cell that begins with a letter. */
  choose(letter: string): void;
  act(name: string): void;
  /** Out of the grid, so that nobody is caught in it. */
  leave(): void;
}

export class Keys {
  constructor(private readonly sheet: Sheet) {}

  press(event: KeyboardEvent): void {
    const handled = event.ctrlKey || event.metaKey ? this.command(event) : this.plain(event);
    if (handled) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  private command(event: KeyboardEvent): boolean {
    const last = { line: this.sheet.lines(), column: COLUMNS.length - 1 };
    switch (event.key.toLowerCase()) {
      case "z":
        this.sheet.act(event.shiftKey ? "redo" : "undo");
        return true;
      case "y":
        this.sheet.act("redo");
        return true;
      case "d":
        this.sheet.act("down");
        return true;
      case "delete":
      case "backspace":
        this.sheet.act("delete");
        return true;
      case "enter":
        this.sheet.act("term");
        return true;
      case "home":
        this.sheet.go({ line: 0, column: 0 }, event.shiftKey);
        return true;
      case "end":
        this.sheet.go(last, event.shiftKey);
        return true;
      default:
        return false;
    }
  }

  private plain(event: KeyboardEvent): boolean {
    const { line, column } = this.sheet.spot();
    const go = (spot: Spot) => {
      this.sheet.go(spot, event.shiftKey);
      return true;
    };
    switch (event.key) {
      case "ArrowDown":
        return go({ line: line + 1, column });
      case "ArrowUp":
        return go({ line: line - 1, column });
      case "ArrowRight":
        return go({ line, column: column + 1 });
      case "ArrowLeft":
        return go({ line, column: column - 1 });
      case "PageDown":
        return go({ line: line + this.sheet.page(), column });
      case "PageUp":
        return go({ line: line - this.sheet.page(), column });
      case "Home":
        return go({ line, column: 0 });
      case "End":
        return go({ line, column: COLUMNS.length - 1 });
      case "Tab":
        return this.tab(event, line, column);
      case "Enter":
      case "F2":
        this.sheet.edit();
        return true;
      case " ":
        if (COLUMNS[column]?.kind === "flag") {
          this.sheet.edit();
          return true;
        }
        return false;
      case "Delete":
      case "Backspace":
        this.sheet.act("clear");
        return true;
      case "Insert":
        this.sheet.act("new");
        return true;
      case "/":
      case "Escape":
        this.sheet.leave();
        return true;
      default:
        return this.choice(event.key, column);
    }
  }

  /** A letter in a cell that has a choice picks what begins with it. */
  private choice(key: string, column: number): boolean {
    const shape = COLUMNS[column];
    if (key.length !== 1 || !shape || !valuesOf(shape).length) {
      return false;
    }
    this.sheet.choose(key);
    return true;
  }

  /** To the next cell; past the last one of a line to the next line, and out of the grid at its ends. */
  private tab(event: KeyboardEvent, line: number, column: number): boolean {
    const next = event.shiftKey ? column - 1 : column + 1;
    if (next >= 0 && next < COLUMNS.length) {
      this.sheet.go({ line, column: next }, false);
      return true;
    }
    const other = event.shiftKey ? line - 1 : line + 1;
    if (other < 0 || other > this.sheet.lines()) {
      return false;
    }
    this.sheet.go({ line: other, column: event.shiftKey ? COLUMNS.length - 1 : 0 }, false);
    return true;
  }
}
