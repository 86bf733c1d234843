/** Which cells a person means: the active one, the range from its anchor, and the lines that are picked. */
import { COLUMNS } from "./columns";
import type { Move } from "./editor";
import type { Range, Spot } from "./view";

/** The first cell one types into: the text of the first line. */
const START: Spot = { line: 0, column: 2 };

export class Selection {
  active: Spot = START;
  readonly picked = new Set<number>();
  private anchor: Spot = START;

  /** The cells between the anchor and the active one. */
  get range(): Range {
    const { active, anchor } = this;
    return {
      first: {
        line: Math.min(active.line, anchor.line),
        column: Math.min(active.column, anchor.column),
      },
      last: {
        line: Math.max(active.line, anchor.line),
        column: Math.max(active.column, anchor.column),
      },
    };
  }

  /** The lines that a command is about: those that are picked, else those of the range. */
  get lines(): number[] {
    if (this.picked.size) {
      return [...this.picked];
    }
    const { first, last } = this.range;
    return Array.from({ length: last.line - first.line + 1 }, (_, n) => first.line + n);
  }

  /** Makes a cell the active one, or the nearest there is; `lastLine` is the blank one. */
  go(spot: Spot, lastLine: number, extend: boolean): void {
    const line = Math.max(0, Math.min(lastLine, spot.line));
    const column = Math.max(0, Math.min(COLUMNS.length - 1, spot.column));
    this.active = { line, column };
    if (!extend) {
      this.anchor = this.active;
    }
  }

  /** The cell beside the active one, which may lie outside. */
  beside(move: Move): Spot {
    const { line, column } = this.active;
    return {
      down: { line: line + 1, column },
      up: { line: line - 1, column },
      right: { line, column: column + 1 },
      left: { line, column: column - 1 },
      stay: { line, column },
    }[move];
  }

  pick(line: number, isPicked: boolean): void {
    if (isPicked) {
      this.picked.add(line);
    } else {
      this.picked.delete(line);
    }
  }
}
