/** What the server says of a glossary's concepts, and what the grid asks it to change. */

export interface Term {
  readonly lang: string;
  readonly text: string;
  readonly status: string;
  readonly part_of_speech: string | null;
  readonly term_type: string | null;
  readonly case_sensitive: boolean;
  readonly match: string;
  readonly do_not_translate: boolean;
  readonly note: string | null;
  readonly contexts: readonly string[];
}

export interface Concept {
  readonly uid: string;
  readonly subject_field: string | null;
  readonly definitions: Readonly<Record<string, string>>;
  readonly note: string | null;
  readonly source: string | null;
  readonly terms: readonly Term[];
}

/** A concept as the draft has it; `etag` is what an edit must name. */
export interface Row {
  readonly uid: string;
  readonly etag: string;
  readonly concept: Concept | null;
  readonly state: string;
  readonly review: string;
  readonly changed_by: string;
  readonly open_threads: number;
}

export interface DraftState {
  readonly draft: { readonly state: string; readonly changed: number } | null;
  readonly undo: boolean;
  readonly redo: boolean;
}

export interface Page extends DraftState {
  readonly total: number;
  readonly start: number;
  readonly rows: readonly Row[];
  /** With the first page: how many terms each of all concepts has. */
  readonly lines?: readonly number[];
}

export type Value = string | boolean | readonly string[] | null;

export type Cell =
  | { readonly op: "term"; readonly term: number; readonly field: string; readonly value: Value }
  | { readonly op: "concept"; readonly field: string; readonly value: Value }
  | { readonly op: "definition"; readonly lang: string; readonly value: Value }
  | { readonly op: "add"; readonly lang: string; readonly text: string; readonly status: string }
  | { readonly op: "remove"; readonly term: number };

export interface Edit {
  readonly uid: string;
  readonly cells: readonly Cell[];
}

/** A concept to add; without a uid it gets the next free one. */
export interface Fresh {
  readonly uid?: string;
  readonly cells: readonly Cell[];
}

/** Everything that one keystroke, paste or command does: kept and undone as one. */
export interface Change {
  readonly edits?: readonly Edit[];
  readonly new?: readonly Fresh[];
  readonly remove?: readonly { readonly uid: string }[];
}

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}
