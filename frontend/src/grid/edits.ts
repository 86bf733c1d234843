/** From texts in cells to the change that is sent: typed, pasted, filled down, cleared, or set for many lines at once. */
import type { Book } from "./book";
import { applied, COLUMNS, type Column, cellOf, type Words } from "./columns";
import type { Cell, Change, Concept, Fresh } from "./types";
import type { Range } from "./view";

export interface Target {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** Texts of the blank line at the end, by column, until it has a term. */
export type Blank = Readonly<Record<string, string>>;

/** The change that these texts are; lines past the last one are new concepts. `show` is told how each concept will look. */
export function changeOf(
  book: Book,
  targets: readonly Target[],
  words: Words,
  lang: string,
  show: (uid: string, concept: Concept) => void = () => undefined,
): Change {
  const cells = new Map<string, Cell[]>();
  const fresh = new Map<number, Record<string, string>>();
  for (const target of targets) {
    const shape = COLUMNS[target.column];
    if (shape && target.line >= book.lines) {
      fresh.set(target.line, { ...fresh.get(target.line), [shape.key]: target.text });
    } else if (shape) {
      collect(cells, book, shape, target, words);
    }
  }
  for (const [uid, some] of cells) {
    const concept = book.row(book.indexOf(uid) ?? -1)?.concept;
    if (concept) {
      show(uid, applied(concept, some));
    }
  }
  const edits = [...cells].map(([uid, some]) => ({ uid, cells: some }));
  const added = conceptsOf([...fresh.values()], words, lang);
  return { ...(edits.length ? { edits } : {}), ...(added.length ? { new: added } : {}) };
}

/** Adds what a text says of the concept on its line, unless another line of this concept has said it. */
function collect(
  cells: Map<string, Cell[]>,
  book: Book,
  shape: Column,
  { line, text }: Target,
  words: Words,
): void {
  const { index, place } = book.line(line);
  const row = book.row(index);
  const cell = row?.concept ? cellOf(shape, row.concept, place, text, words) : null;
  if (!row || !cell) {
    return;
  }
  const known = cells.get(row.uid) ?? [];
  if (!known.some((each) => isSame(each, cell))) {
    cells.set(row.uid, [...known, cell]);
  }
}

/** Whether two cells are one: what is said of a concept stands on its first line, and a sheet leaves it empty on the others. */
function isSame(one: Cell, other: Cell): boolean {
  if (one.op === "definition" && other.op === "definition") {
    return one.lang === other.lang;
  }
  return one.op === "concept" && other.op === "concept" && one.field === other.field;
}

/** Concepts from lines of texts; lines with one uid are one concept, a line without a term says nothing. */
export function conceptsOf(lines: readonly Blank[], words: Words, lang: string): Fresh[] {
  const groups = new Map<string, Blank[]>();
  lines.forEach((line, number) => {
    if (line.text?.trim()) {
      const key = line.uid?.trim() || `line ${number}`;
      groups.set(key, [...(groups.get(key) ?? []), line]);
    }
  });
  return [...groups].map(([key, some]) => {
    const cells = some.flatMap((line, place) => cellsOf(line, place, words, lang));
    return key.startsWith("line ") ? { cells } : { uid: key, cells };
  });
}

/** The cells of one line of a new concept: its term first, since the others speak of it. */
function cellsOf(line: Blank, place: number, words: Words, lang: string): Cell[] {
  const said = line.lang?.trim() || lang;
  const text = line.text?.trim() ?? "";
  const status = line.status?.trim() ? words.meaning(line.status) : "";
  const sketch = sketchOf(place + 1, said);
  const cells: Cell[] = [{ op: "add", lang: said, text, status }];
  for (const column of COLUMNS) {
    const value = line[column.key];
    if (value?.trim() && !["uid", "lang", "text", "status"].includes(column.key)) {
      const cell = cellOf(column, sketch, place, value, words);
      if (cell) {
        cells.push(cell);
      }
    }
  }
  return cells;
}

/** A concept of so many terms in a language, for cells that ask what they speak of. */
function sketchOf(terms: number, lang: string): Concept {
  const term = {
    lang,
    text: "",
    status: "",
    part_of_speech: null,
    term_type: null,
    case_sensitive: false,
    match: "inflect",
    do_not_translate: false,
    note: null,
    contexts: [],
  };
  return {
    uid: "",
    subject_field: null,
    definitions: {},
    note: null,
    source: null,
    terms: new Array(terms).fill(term),
  };
}

/** A block of pasted texts laid onto the grid from a corner; a single text fills the whole range, as in a sheet. */
export function laid(block: readonly (readonly string[])[], { first, last }: Range): Target[] {
  const one = block.length === 1 && block[0]?.length === 1;
  const height = one ? last.line - first.line + 1 : block.length;
  const targets: Target[] = [];
  for (let down = 0; down < height; down++) {
    const cells = one
      ? new Array<string>(last.column - first.column + 1).fill(block[0]?.[0] ?? "")
      : (block[down] ?? []);
    cells.forEach((text, across) => {
      if (first.column + across < COLUMNS.length) {
        targets.push({ line: first.line + down, column: first.column + across, text });
      }
    });
  }
  return targets;
}

/** A term of a form, added to a concept. */
export function additionOf(uid: string, form: FormData): Change {
  const said = (name: string) => String(form.get(name) ?? "");
  const cell: Cell = {
    op: "add",
    lang: said("lang"),
    text: said("text"),
    status: said("status"),
  };
  return { edits: [{ uid, cells: [cell] }] };
}

/** Takes the terms on these lines out; a concept all of whose terms go, goes with them. */
export function removalOf(book: Book, lines: readonly number[]): Change {
  const places = new Map<number, number[]>();
  for (const line of lines.filter((each) => each < book.lines)) {
    const { index, place } = book.line(line);
    places.set(index, [...(places.get(index) ?? []), place]);
  }
  const edits: { uid: string; cells: Cell[] }[] = [];
  const remove: { uid: string }[] = [];
  for (const [index, some] of places) {
    const row = book.row(index);
    if (!row?.concept) {
      continue;
    }
    if (some.length >= row.concept.terms.length) {
      remove.push({ uid: row.uid });
    } else {
      edits.push({ uid: row.uid, cells: some.map((term) => ({ op: "remove", term })) });
    }
  }
  return { ...(edits.length ? { edits } : {}), ...(remove.length ? { remove } : {}) };
}

/** Whether a change asks for anything. */
export function isEmpty(change: Change): boolean {
  return !change.edits?.length && !change.new?.length && !change.remove?.length;
}
