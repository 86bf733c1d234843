/**
 * Sends changes one after the other, so that each names the state the one before it made. A slow or broken line is tried again;
 * what the server refuses is given back, and the rest goes on.
 */
import type { Cell, Change, Concept, DraftState, Problem, Row } from "./types";

export interface Saved extends DraftState {
  readonly rows: readonly Row[];
}

/** A change that was refused because somebody else changed the concept. */
export interface Conflict {
  readonly uid: string;
  readonly by: string;
  readonly current: Concept | null;
  readonly etag: string;
}

export interface Listener {
  /** How many changes are not saved yet, and how often the first was tried in vain. */
  waiting(count: number, tries: number): void;
  saved(result: Saved): void;
  refused(change: Change, problem: Problem): void;
  conflict(change: Change, conflict: Conflict): void;
  /** A concept as somebody else left it, on top of which the change goes. */
  theirs(row: Row): void;
  /** Nothing gets through: `retry` tries again. */
  stuck(message: string): void;
}

export interface Place {
  readonly url: string;
  readonly token: string;
  /** The server's state of a concept, as it is known now. */
  etagOf(uid: string): string | undefined;
  /** What the server last said of a concept. */
  conceptOf(uid: string): Concept | null | undefined;
}

const WAITS_MS = [500, 1000, 2000, 4000, 8000];

export class Saver {
  private readonly queue: Change[] = [];
  private running: Promise<void> | null = null;

  constructor(
    private readonly place: Place,
    private readonly listener: Listener,
    private readonly wait: (ms: number) => Promise<void> = (ms) =>
      new Promise((done) => setTimeout(done, ms)),
  ) {}

  get waiting(): number {
    return this.queue.length;
  }

  /** Adds a change; it is sent when those before it are through. */
  add(change: Change): void {
    this.queue.push(change);
    this.listener.waiting(this.queue.length, 0);
    this.retry();
  }

  retry(): void {
    this.running ??= this.run().finally(() => {
      this.running = null;
    });
  }

  /** When everything is sent, or nothing gets through. */
  async idle(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    for (let change = this.queue[0]; change; change = this.queue[0]) {
      const response = await this.send(change);
      if (!response) {
        return;
      }
      this.queue.shift();
      await this.answer(change, response);
      this.listener.waiting(this.queue.length, 0);
    }
  }

  private async send(change: Change): Promise<Response | null> {
    let message = "";
    for (let tries = 0; ; tries++) {
      try {
        const response = await fetch(this.place.url, {
          method: "PATCH",
          headers: { "content-type": "application/json", "x-csrftoken": this.place.token },
          body: JSON.stringify(withEtags(change, this.place)),
          redirect: "manual",
        });
        if (response.status > 0 && response.status < 500 && response.status !== 429) {
          return response;
        }
        message = response.type === "opaqueredirect" ? "signed-out" : `HTTP ${response.status}`;
      } catch (error) {
        message = error instanceof Error ? error.message : String(error);
      }
      const pause = WAITS_MS[tries];
      if (pause === undefined || message === "signed-out") {
        this.listener.stuck(message);
        return null;
      }
      this.listener.waiting(this.queue.length, tries + 1);
      await this.wait(pause);
    }
  }

  private async answer(change: Change, response: Response): Promise<void> {
    if (response.ok) {
      this.listener.saved((await response.json()) as Saved);
      return;
    }
    const problem = await problemIn(response);
    if (problem.code === "edit_conflict") {
      this.settle(change, problem);
    } else {
      this.listener.refused(change, problem);
    }
  }

  /** Somebody else changed the concept: where they left these very cells alone, the change goes on top of theirs. */
  private settle(change: Change, problem: Problem): void {
    const conflict: Conflict = {
      uid: String(problem.data.uid ?? ""),
      by: String(problem.data.by ?? ""),
      current: (problem.data.current ?? null) as Concept | null,
      etag: String(problem.data.etag ?? ""),
    };
    const before = this.place.conceptOf(conflict.uid);
    const edit = change.edits?.find((each) => each.uid === conflict.uid);
    const { current } = conflict;
    if (edit && before && current && isApart(edit.cells, before, current)) {
      this.listener.theirs(rowOf(conflict, current));
      this.queue.unshift(change);
    } else {
      this.listener.conflict(change, conflict);
    }
  }
}

/** A concept as a conflict showed it. */
export function rowOf(conflict: Conflict, concept: Concept): Row {
  return { ...removedRowOf(conflict), concept };
}

/** A concept that somebody else removed. */
export function removedRowOf(conflict: Conflict): Row {
  return {
    uid: conflict.uid,
    etag: conflict.etag,
    concept: null,
    state: "changed",
    review: "draft",
    changed_by: conflict.by,
    open_threads: 0,
  };
}

function withEtags(change: Change, place: Place): Change {
  const named = <T extends { readonly uid: string }>(each: T) => {
    const etag = place.etagOf(each.uid);
    return etag === undefined ? each : { ...each, etag };
  };
  return {
    ...change,
    ...(change.edits ? { edits: change.edits.map(named) } : {}),
    ...(change.remove ? { remove: change.remove.map(named) } : {}),
  };
}

async function problemIn(response: Response): Promise<Problem> {
  try {
    const said = (await response.json()) as { readonly error: Problem };
    return said.error;
  } catch {
    return { code: "", message: `HTTP ${response.status}`, data: {} };
  }
}

/** Whether the other's edit left alone what these cells change. */
function isApart(cells: readonly Cell[], before: Concept, now: Concept): boolean {
  const sameTerms =
    before.terms.length === now.terms.length &&
    before.terms.every((term, place) => term.lang === now.terms[place]?.lang);
  return cells.every((cell) => {
    switch (cell.op) {
      case "definition":
        return (before.definitions[cell.lang] ?? "") === (now.definitions[cell.lang] ?? "");
      case "concept":
        return at(before, cell.field) === at(now, cell.field);
      case "term":
        return (
          sameTerms &&
          at(before.terms[cell.term], cell.field) === at(now.terms[cell.term], cell.field)
        );
      default:
        return sameTerms;
    }
  });
}

function at(thing: unknown, field: string): string {
  return JSON.stringify((thing as Record<string, unknown> | undefined)?.[field] ?? null);
}
