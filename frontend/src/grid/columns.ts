/** The columns of the grid: what a cell shows of a line, and which edit a typed text is. */
import type { Cell, Concept, Term, Value } from "./types";

export type Kind = "text" | "status" | "match" | "flag" | "list";

export interface Column {
  readonly key: string;
  readonly kind: Kind;
  /** Whether the cell says something of the term, not of its concept. */
  readonly ofTerm: boolean;
  readonly isFixed?: boolean;
}

export const COLUMNS: readonly Column[] = [
  { key: "uid", kind: "text", ofTerm: false, isFixed: true },
  { key: "lang", kind: "text", ofTerm: true },
  { key: "text", kind: "text", ofTerm: true },
  { key: "status", kind: "status", ofTerm: true },
  { key: "part_of_speech", kind: "text", ofTerm: true },
  { key: "definition", kind: "text", ofTerm: false },
  { key: "subject_field", kind: "text", ofTerm: false },
  { key: "note", kind: "text", ofTerm: false },
  { key: "source", kind: "text", ofTerm: false },
  { key: "do_not_translate", kind: "flag", ofTerm: true },
  { key: "case_sensitive", kind: "flag", ofTerm: true },
  { key: "match", kind: "match", ofTerm: true },
  { key: "contexts", kind: "list", ofTerm: true },
];

export const STATUSES = ["preferred", "admitted", "deprecated", "superseded", "forbidden"] as const;
export const MATCHES = ["inflect", "exact"] as const;

/** The values that a column's cells are picked from; none where they are typed. */
export function valuesOf(column: Column): readonly string[] {
  switch (column.kind) {
    case "status":
      return STATUSES;
    case "match":
      return MATCHES;
    default:
      return [];
  }
}

/** Whether a column's cells are typed into; a yes or no may be typed as well. */
export function isTyped(column: Column): boolean {
  return !column.isFixed && valuesOf(column).length === 0;
}

/** The first value of a column that begins with a letter, as it is stored or as it is shown. */
export function valueBeginning(column: Column, letter: string, words: Words): string | undefined {
  const begins = (text: string) => text.toLowerCase().startsWith(letter.toLowerCase());
  return valuesOf(column).find((value) => begins(value) || begins(words.of(value)));
}

const BETWEEN = " | ";

/** The words of the page by key, and the keys by word in lower case, so that a pasted word is understood. */
export class Words {
  private readonly keys = new Map<string, string>();

  constructor(private readonly words: Readonly<Record<string, string>>) {
    for (const key of [...STATUSES, ...MATCHES, "yes", "no"]) {
      this.keys.set(key, key);
      this.keys.set(this.of(key).toLowerCase(), key);
    }
    for (const [word, key] of Object.entries({
      true: "yes",
      "1": "yes",
      x: "yes",
      "✓": "yes",
      y: "yes",
      false: "no",
      "0": "no",
      n: "no",
    })) {
      this.keys.set(word, key);
    }
  }

  of(key: string): string {
    return this.words[key] ?? key;
  }

  /** `of` with `{name}` filled. */
  fill(key: string, values: Readonly<Record<string, string | number>>): string {
    return this.of(key).replace(/\{(\w+)\}/g, (whole, name: string) =>
      String(values[name] ?? whole),
    );
  }

  /** The stored value that a word stands for, or the word itself, which the server then refuses. */
  meaning(word: string): string {
    const tidy = word.trim().toLowerCase();
    return this.keys.get(tidy) ?? word.trim();
  }
}

/** What a cell holds, as text that can be typed again. */
export function textOf(column: Column, concept: Concept, place: number, words: Words): string {
  const term = concept.terms[place];
  switch (column.key) {
    case "uid":
      return concept.uid;
    case "definition":
      return term ? (concept.definitions[term.lang] ?? "") : "";
    case "subject_field":
    case "note":
    case "source":
      return concept[column.key] ?? "";
    default:
      return term ? termText(column, term, words) : "";
  }
}

function termText(column: Column, term: Term, words: Words): string {
  const value = term[column.key as keyof Term];
  switch (column.kind) {
    case "status":
    case "match":
      return words.of(String(value));
    case "flag":
      return value ? words.of("yes") : "";
    case "list":
      return (value as readonly string[]).join(BETWEEN);
    default:
      return String(value ?? "");
  }
}

/** Whether a cell of a concept is shown on this line: once for a concept, a definition once for a language. */
export function isShown(column: Column, concept: Concept, place: number): boolean {
  if (column.ofTerm) {
    return true;
  }
  if (column.key === "definition") {
    const lang = concept.terms[place]?.lang;
    return concept.terms.findIndex((term) => term.lang === lang) === place;
  }
  return place === 0;
}

/** The edit that this text in this cell is; nothing where the cell takes none. */
export function cellOf(
  column: Column,
  concept: Concept,
  place: number,
  text: string,
  words: Words,
): Cell | null {
  const term = concept.terms[place];
  if (column.isFixed || !term) {
    return null;
  }
  if (column.key === "definition") {
    return { op: "definition", lang: term.lang, value: text };
  }
  if (!column.ofTerm) {
    return { op: "concept", field: column.key, value: text };
  }
  return { op: "term", term: place, field: column.key, value: cellValue(column, text, words) };
}

function cellValue(column: Column, text: string, words: Words): Value {
  switch (column.kind) {
    case "status":
    case "match":
      return words.meaning(text);
    case "flag": {
      const meaning = words.meaning(text.trim() || "no");
      return meaning === "yes" ? true : meaning === "no" ? false : text;
    }
    case "list":
      return text
        .split("|")
        .map((each) => each.trim())
        .filter((each) => each !== "");
    default:
      return text;
  }
}

/** The concept with cells changed as the server would, to be shown at once; additions and removals wait for the server. */
export function applied(concept: Concept, cells: readonly Cell[]): Concept {
  const terms = concept.terms.map((term) => ({ ...term }));
  const definitions = { ...concept.definitions };
  let said: Concept = concept;
  for (const cell of cells) {
    if (cell.op === "term") {
      const term = terms[cell.term];
      if (term) {
        Object.assign(term, { [cell.field]: cell.value });
      }
    } else if (cell.op === "definition") {
      definitions[cell.lang] = String(cell.value ?? "");
    } else if (cell.op === "concept") {
      said = { ...said, [cell.field]: cell.value };
    }
  }
  return { ...said, definitions, terms };
}

/** Where in the grid an error of the server belongs: "terms.2.text" is the text of the third term. */
export function placeOf(field: string): { readonly place: number | null; readonly key: string } {
  const term = /^terms\.(\d+)\.(\w+)$/.exec(field);
  if (term) {
    return { place: Number(term[1]), key: term[2] ?? "" };
  }
  return { place: null, key: field.startsWith("definitions.") ? "definition" : field };
}
