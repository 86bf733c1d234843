/** Draws the lines that are in sight, and no others: two empty rows stand for all that is above and below. */
import type { Book } from "./book";
import { COLUMNS, type Column, isShown, textOf, type Words } from "./columns";
import type { Concept, Row } from "./types";

/** Height of a line in pixels, as the style sheet has it. */
export const LINE_PX = 34;
/** Lines drawn beyond both edges. */
const BEYOND = 8;
/** Header and lines are counted from 1. */
const HEADER = 1;

export interface Spot {
  readonly line: number;
  readonly column: number;
}

export interface Range {
  readonly first: Spot;
  readonly last: Spot;
}

/** What is wrong with a cell, and the text that was refused. */
export interface Fault {
  readonly text: string;
  readonly message: string;
}

export interface Look {
  readonly active: Spot;
  readonly range: Range;
  readonly picked: ReadonlySet<number>;
  readonly blank: Readonly<Record<string, string>>;
  readonly faults: ReadonlyMap<string, Fault>;
}

export function faultKey(uid: string, place: number | null, key: string): string {
  return `${uid}\n${place ?? "-"}\n${key}`;
}

export class View {
  private readonly body: HTMLTableSectionElement;
  private readonly above = spacer();
  private readonly below = spacer();

  constructor(
    private readonly table: HTMLTableElement,
    private readonly scroller: HTMLElement,
    private readonly book: Book,
    private readonly words: Words,
  ) {
    this.body = table.tBodies[0] ?? table.createTBody();
  }

  /** First and last line in sight, some beyond included; the blank line is the last. */
  window(): { readonly first: number; readonly last: number } {
    const top = Math.floor(this.scroller.scrollTop / LINE_PX);
    const height = Math.ceil((this.scroller.clientHeight || 600) / LINE_PX);
    const last = this.book.lines;
    return { first: Math.max(0, top - BEYOND), last: Math.min(last, top + height + BEYOND) };
  }

  draw(look: Look): void {
    const { first, last } = this.window();
    this.table.setAttribute("aria-rowcount", String(this.book.lines + 1 + HEADER));
    this.table.setAttribute("aria-colcount", String(COLUMNS.length + 1));
    const rows: HTMLTableRowElement[] = [];
    for (let line = first; line <= last; line++) {
      rows.push(this.row(line, look));
    }
    this.above.firstElementChild?.setAttribute("height", String(first * LINE_PX));
    this.below.firstElementChild?.setAttribute(
      "height",
      String((this.book.lines - last) * LINE_PX),
    );
    this.body.replaceChildren(this.above, ...rows, this.below);
  }

  cell(spot: Spot): HTMLTableCellElement | null {
    return this.body.querySelector(`td[data-line="${spot.line}"][data-column="${spot.column}"]`);
  }

  /** Brings a line into sight, below the header. */
  reveal(line: number): void {
    const top = line * LINE_PX;
    const head = this.table.tHead?.offsetHeight ?? LINE_PX;
    const height = (this.scroller.clientHeight || 600) - head;
    if (top < this.scroller.scrollTop) {
      this.scroller.scrollTop = top;
    } else if (top + LINE_PX > this.scroller.scrollTop + height) {
      this.scroller.scrollTop = top + LINE_PX - height;
    }
  }

  private row(line: number, look: Look): HTMLTableRowElement {
    const row = document.createElement("tr");
    row.setAttribute("role", "row");
    row.setAttribute("aria-rowindex", String(line + 1 + HEADER));
    const isBlank = line >= this.book.lines;
    const at = isBlank ? null : this.book.line(line);
    const said = at ? this.book.row(at.index) : undefined;
    const isPicked = look.picked.has(line);
    row.setAttribute("aria-selected", String(isPicked));
    if (said) {
      row.dataset.state = said.state;
      row.toggleAttribute("data-first", at?.place === 0);
    }
    row.toggleAttribute("data-blank", isBlank);
    row.append(this.box(line, isPicked, isBlank));
    COLUMNS.forEach((column, number) => {
      const cell = this.newCell(line, number, look);
      if (at && said?.concept) {
        this.write(cell, column, said, said.concept, at.place, look);
      } else {
        const text = isBlank ? (look.blank[column.key] ?? "") : "…";
        cell.textContent = text || (column.key === "text" ? this.words.of("new") : "");
        cell.toggleAttribute("data-ditto", !isBlank || !text);
      }
      row.append(cell);
    });
    return row;
  }

  /** What a concept's cell shows: its text, or the text that was refused and why. */
  private write(
    cell: HTMLTableCellElement,
    column: Column,
    said: Row,
    concept: Concept,
    place: number,
    look: Look,
  ): void {
    const term = concept.terms[place];
    const isHere = isShown(column, concept, place);
    const text = textOf(column, concept, place, this.words);
    const fault =
      look.faults.get(faultKey(said.uid, place, column.key)) ??
      (isHere ? look.faults.get(faultKey(said.uid, null, column.key)) : undefined);
    cell.textContent = fault?.text ?? (isHere ? text : "");
    cell.title = fault?.message ?? text;
    if (column.key === "uid" && place > 0) {
      cell.setAttribute("aria-label", concept.uid);
    }
    if (fault) {
      cell.setAttribute("aria-invalid", "true");
    }
    if (column.key === "status") {
      cell.dataset.status = term?.status ?? "";
    } else if (column.key === "text" || column.key === "definition") {
      cell.lang = term?.lang ?? "";
    } else if (column.key === "uid" && place === 0) {
      mark(cell, said.state, said.open_threads, this.words);
    }
  }

  private newCell(line: number, column: number, look: Look): HTMLTableCellElement {
    const cell = document.createElement("td");
    cell.setAttribute("role", COLUMNS[column]?.isFixed ? "rowheader" : "gridcell");
    cell.setAttribute("aria-colindex", String(column + 2));
    cell.dataset.line = String(line);
    cell.dataset.column = String(column);
    cell.dataset.key = COLUMNS[column]?.key ?? "";
    const { first, last } = look.range;
    const isInside =
      line >= first.line && line <= last.line && column >= first.column && column <= last.column;
    cell.setAttribute("aria-selected", String(isInside));
    if (COLUMNS[column]?.isFixed) {
      cell.setAttribute("aria-readonly", "true");
    }
    if (line === look.active.line && column === look.active.column) {
      cell.dataset.active = "";
    }
    return cell;
  }

  private box(line: number, isPicked: boolean, isBlank: boolean): HTMLTableCellElement {
    const cell = document.createElement("td");
    cell.setAttribute("role", "gridcell");
    cell.setAttribute("aria-colindex", "1");
    cell.className = "pick";
    if (!isBlank) {
      const box = document.createElement("input");
      box.type = "checkbox";
      box.checked = isPicked;
      box.tabIndex = -1;
      box.dataset.pick = String(line);
      box.setAttribute("aria-label", this.words.fill("pick", { n: line + 1 }));
      cell.append(box);
    }
    return cell;
  }
}

/** An empty row; its height is a presentational attribute, which needs no style. */
function spacer(): HTMLTableRowElement {
  const row = document.createElement("tr");
  const cell = document.createElement("td");
  row.setAttribute("role", "presentation");
  cell.colSpan = COLUMNS.length + 1;
  cell.className = "spacer";
  row.append(cell);
  return row;
}

function mark(cell: HTMLTableCellElement, state: string, threads: number, words: Words): void {
  if (state === "added" || state === "changed") {
    const sign = document.createElement("span");
    sign.className = "change-mark";
    sign.dataset.state = state;
    sign.title = words.of(state);
    sign.textContent = state === "added" ? "+" : "●";
    cell.append(" ", sign);
  }
  if (threads) {
    const count = document.createElement("span");
    count.className = "count";
    count.title = words.fill("threads", { n: threads });
    count.textContent = String(threads);
    cell.append(" ", count);
  }
}
