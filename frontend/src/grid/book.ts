/** The concepts the grid knows: how many lines each has, and those that were fetched; a line is a term of a concept. */
import type { Concept, Row } from "./types";

/** Concepts fetched at once. */
export const PAGE = 100;

export interface Line {
  /** Which concept, counted from 0. */
  readonly index: number;
  /** Which of its terms. */
  readonly place: number;
}

export class Book {
  private counts: number[] = [];
  /** offsets[i] is the first line of concept i; the last one is the number of lines. */
  private offsets: number[] = [0];
  private rows: (Row | undefined)[] = [];
  private readonly indexes = new Map<string, number>();

  reset(counts: readonly number[]): void {
    this.counts = [...counts];
    this.rows = new Array<Row | undefined>(counts.length);
    this.indexes.clear();
    this.measure();
  }

  private measure(): void {
    this.offsets = [0];
    let sum = 0;
    for (const count of this.counts) {
      sum += Math.max(count, 1);
      this.offsets.push(sum);
    }
  }

  get concepts(): number {
    return this.counts.length;
  }

  get lines(): number {
    return this.offsets.at(-1) ?? 0;
  }

  /** Which concept and term a line is. */
  line(number: number): Line {
    let low = 0;
    let high = this.counts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.offsets[middle] ?? 0) <= number) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return { index: low, place: number - (this.offsets[low] ?? 0) };
  }

  /** The first line of the first of these concepts that there is. */
  lineOfAny(uids: readonly string[]): number | undefined {
    const known = uids.map((uid) => this.indexOf(uid)).find((index) => index !== undefined);
    return known === undefined ? undefined : (this.offsets[known] ?? 0);
  }

  row(index: number): Row | undefined {
    return this.rows[index];
  }

  indexOf(uid: string): number | undefined {
    return this.indexes.get(uid);
  }

  /** Keeps rows that were fetched from `start` on. */
  fill(start: number, rows: readonly Row[]): void {
    rows.forEach((row, offset) => {
      this.set(start + offset, row);
    });
    this.measure();
  }

  private set(index: number, row: Row): void {
    this.rows[index] = row;
    this.counts[index] = row.concept?.terms.length ?? 0;
    this.indexes.set(row.uid, index);
  }

  /** Takes a row as the server has it now; one that is new stands at the end, one that is gone leaves. */
  take(row: Row): void {
    const index = this.indexes.get(row.uid);
    if (index === undefined) {
      if (row.concept) {
        this.set(this.counts.length, row);
      }
    } else if (row.concept) {
      this.set(index, row);
    } else {
      this.remove(index);
    }
    this.measure();
  }

  /** Shows a concept as it will be, before the server has said so. */
  show(uid: string, concept: Concept): void {
    const index = this.indexes.get(uid);
    const row = index === undefined ? undefined : this.rows[index];
    if (index !== undefined && row) {
      this.rows[index] = { ...row, concept };
    }
  }

  private remove(index: number): void {
    this.counts.splice(index, 1);
    this.rows.splice(index, 1);
    this.indexes.clear();
    this.rows.forEach((row, place) => {
      if (row) {
        this.indexes.set(row.uid, place);
      }
    });
  }

  /** First concept of each page that these lines need and that was not fetched. */
  missing(first: number, last: number): number[] {
    const pages = new Set<number>();
    const from = this.line(first).index;
    const to = this.line(Math.max(first, last)).index;
    for (let index = from; index <= to && index < this.counts.length; index++) {
      if (!this.rows[index]) {
        pages.add(index - (index % PAGE));
      }
    }
    return [...pages];
  }
}
