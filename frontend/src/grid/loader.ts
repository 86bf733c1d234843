/** Fetches concepts a page at a time, each page once, by what the filters ask for. */
import { type Book, PAGE } from "./book";
import type { Page } from "./types";

export interface Filters {
  readonly search: string;
  readonly status: string;
  readonly changed: boolean;
}

export class Loader {
  private asked = new Set<number>();
  private loads = 0;
  private filters: Filters = { search: "", status: "", changed: false };

  constructor(
    private readonly url: string,
    private readonly book: Book,
    private readonly take: (page: Page) => void,
    private readonly fail: (why: unknown) => void,
  ) {}

  /** Begins anew; whether this is still the newest beginning when its page has come. */
  async begin(filters: Filters): Promise<Page | null> {
    const load = ++this.loads;
    this.filters = filters;
    const page = await this.fetch(0);
    if (!page || load !== this.loads) {
      return null;
    }
    this.asked = new Set([0]);
    this.book.reset(page.lines ?? []);
    this.take(page);
    return page;
  }

  /** Whether lines are not there and were not asked for. */
  needs(first: number, last: number): boolean {
    return this.missing(first, last).some((start) => !this.asked.has(start));
  }

  /** Fetches what these lines lack. */
  async fill(first: number, last: number): Promise<void> {
    const starts = this.missing(first, last).filter((start) => !this.asked.has(start));
    await Promise.all(starts.map((start) => this.fillPage(start)));
  }

  private missing(first: number, last: number): number[] {
    return this.book.concepts && first < this.book.lines
      ? this.book.missing(first, Math.min(last, this.book.lines - 1))
      : [];
  }

  private async fillPage(start: number): Promise<void> {
    const load = this.loads;
    this.asked.add(start);
    const page = await this.fetch(start);
    if (page && load === this.loads) {
      this.take(page);
    } else {
      this.asked.delete(start);
    }
  }

  private async fetch(start: number): Promise<Page | null> {
    const query = new URLSearchParams({
      start: String(start),
      limit: String(PAGE),
      search: this.filters.search,
      status: this.filters.status,
      changed: String(this.filters.changed),
    });
    try {
      const response = await fetch(`${this.url}?${query}`, { redirect: "error" });
      if (!response.ok) {
        throw new Error(`HTTP ${response.status}`);
      }
      return (await response.json()) as Page;
    } catch (error) {
      this.fail(error);
      return null;
    }
  }
}
