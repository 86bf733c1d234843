/** The sheet: what is shown in each cell, what the server said of it, and what it refused. The sheet may be ahead of the server. */
import { Book } from "./book";
import { COLUMNS, placeOf, textOf, type Words } from "./columns";
import { type Blank, changeOf, conceptsOf, type Target } from "./edits";
import type { Change, Page, Problem, Row } from "./types";
import { type Fault, faultKey, type Range, type Spot } from "./view";

export class Sheet {
  readonly book = new Book();
  /** What the server last said of each concept. */
  readonly truth = new Map<string, Row>();
  readonly faults = new Map<string, Fault>();
  /** Texts of the line at the end, until it has a term. */
  blank: Blank = {};

  constructor(
    private readonly words: Words,
    private readonly usualLang: string,
  ) {}

  fill(page: Page): void {
    for (const row of page.rows) {
      this.truth.set(row.uid, row);
    }
    this.book.fill(page.start, page.rows);
  }

  /** Keeps a concept as the server has it now. */
  keep(row: Row): void {
    if (row.concept) {
      this.truth.set(row.uid, row);
    } else {
      this.truth.delete(row.uid);
    }
    this.book.take(row);
  }

  /** The concept of a line; none for the blank line and for one that was not fetched. */
  rowAt(line: number): Row | undefined {
    return line < this.book.lines ? this.book.row(this.book.line(line).index) : undefined;
  }

  textAt(line: number, column: number): string {
    const shape = COLUMNS[column];
    if (!shape) {
      return "";
    }
    if (line >= this.book.lines) {
      return this.blank[shape.key] ?? "";
    }
    const concept = this.rowAt(line)?.concept;
    return concept ? textOf(shape, concept, this.book.line(line).place, this.words) : "";
  }

  /** What a screen reader is told of a cell. */
  labelOf({ line, column }: Spot): string {
    const key = COLUMNS[column]?.key ?? "";
    const text = this.textAt(line, column) || this.words.of("empty");
    return this.words.fill("cell", { column: this.words.of(key), n: line + 1, text });
  }

  /** The texts of a range, as they are copied. */
  block({ first, last }: Range): string[][] {
    const lines: string[][] = [];
    for (let line = first.line; line <= last.line; line++) {
      const cells: string[] = [];
      for (let column = first.column; column <= last.column; column++) {
        cells.push(this.textAt(line, column));
      }
      lines.push(cells);
    }
    return lines;
  }

  /** The cells of a range emptied, or filled with what its first line says. */
  filled({ first, last }: Range, name: "clear" | "down"): Target[] {
    const targets: Target[] = [];
    const from = name === "down" ? first.line + 1 : first.line;
    for (let line = from; line <= Math.min(last.line, this.book.lines - 1); line++) {
      for (let column = first.column; column <= last.column; column++) {
        const text = name === "down" ? this.textAt(first.line, column) : "";
        targets.push({ line, column, text });
      }
    }
    return targets;
  }

  /** Whether a line can be typed into. */
  isThere(line: number): boolean {
    return line >= this.book.lines || Boolean(this.rowAt(line)?.concept);
  }

  /** The language of a new line: the one of the line above. */
  langAt(line: number): string {
    const last = Math.min(line, this.book.lines - 1);
    const place = last >= 0 ? this.book.line(last).place : 0;
    return this.rowAt(last)?.concept?.terms[place]?.lang ?? this.usualLang;
  }

  /** Shows texts in their cells at once; the change that makes them so, or nothing while a new line has no term. */
  put(targets: readonly Target[], at: number): Change {
    const only = targets.length === 1 ? targets[0] : undefined;
    if (only?.line === this.book.lines) {
      return this.fillBlank(only, at);
    }
    for (const target of targets) {
      this.forgive(target.line, target.column);
    }
    return changeOf(this.book, targets, this.words, this.langAt(at), (uid, concept) =>
      this.book.show(uid, concept),
    );
  }

  private fillBlank({ column, text }: Target, at: number): Change {
    this.blank = { ...this.blank, [COLUMNS[column]?.key ?? ""]: text };
    const made = conceptsOf([this.blank], this.words, this.langAt(at));
    if (made.length) {
      this.blank = {};
    }
    return { new: made };
  }

  private forgive(line: number, column: number): void {
    const uid = this.rowAt(line)?.uid ?? "";
    const key = COLUMNS[column]?.key ?? "";
    if (line < this.book.lines) {
      this.faults.delete(faultKey(uid, this.book.line(line).place, key));
      this.faults.delete(faultKey(uid, null, key));
    }
  }

  /** The server will not have it: the cell says why and holds what was typed, the others go back. */
  refuse(change: Change, problem: Problem): void {
    const { place, key } = placeOf(String(problem.data.field ?? ""));
    const uid = String(problem.data.uid ?? change.edits?.[0]?.uid ?? "");
    const typed = this.shownAt(uid, place, key);
    for (const edit of change.edits ?? []) {
      const row = this.truth.get(edit.uid);
      if (row) {
        this.book.take(row);
      }
    }
    if (key) {
      this.faults.set(faultKey(uid, place, key), { text: typed, message: problem.message });
    }
  }

  private shownAt(uid: string, place: number | null, key: string): string {
    const column = COLUMNS.find((each) => each.key === key);
    const index = this.book.indexOf(uid);
    const concept = index === undefined ? null : this.book.row(index)?.concept;
    return column && concept ? textOf(column, concept, place ?? 0, this.words) : "";
  }
}
