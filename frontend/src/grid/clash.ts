/** Two people at one cell: both values in words, to be decided by whoever came second. */
import type { Words } from "./columns";
import type { Conflict } from "./saver";
import type { Cell, Change, Concept } from "./types";

/** What is asked of the person who came second. */
export function question(change: Change, conflict: Conflict, words: Words): string {
  const cells = change.edits?.find((each) => each.uid === conflict.uid)?.cells ?? [];
  const { uid, by, current } = conflict;
  const theirs = current
    ? describe(
        cells.map((cell) => valueIn(current, cell)),
        words,
      )
    : words.of("removed");
  return words.fill("conflict", { uid, by, mine: describe(cells.map(valueOfCell), words), theirs });
}

function describe(values: readonly unknown[], words: Words): string {
  const said = values.map((value) => words.of(String(value ?? ""))).filter((text) => text !== "");
  return said.join(", ") || "–";
}

function valueOfCell(cell: Cell): unknown {
  switch (cell.op) {
    case "add":
      return cell.text;
    case "remove":
      return "–";
    default:
      return cell.value;
  }
}

/** What a concept says where the cell would say something else. */
function valueIn(concept: Concept, cell: Cell): unknown {
  switch (cell.op) {
    case "term":
      return field(concept.terms[cell.term], cell.field);
    case "definition":
      return concept.definitions[cell.lang];
    case "concept":
      return field(concept, cell.field);
    default:
      return "–";
  }
}

function field(thing: unknown, name: string): unknown {
  return (thing as Record<string, unknown> | undefined)?.[name];
}
