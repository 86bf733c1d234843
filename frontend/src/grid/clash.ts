/** Two people at one cell: both values in words, to be decided by whoever came second. */
import type { Words } from "./columns";
import { piece } from "./pieces";
import { type Conflict, removedRowOf, rowOf } from "./saver";
import type { Cell, Change, Concept, Row } from "./types";

/** A change that waits for a decision, and the concept as the other person left it. */
export interface Decided {
  readonly change: Change;
  readonly theirs: Row;
}

/** The question on the page, while there is one. */
export class Clash {
  private open: { readonly change: Change; readonly conflict: Conflict } | null = null;

  constructor(
    private readonly root: ParentNode,
    private readonly words: Words,
  ) {}

  ask(change: Change, conflict: Conflict): void {
    this.open = { change, conflict };
    const text = question(change, conflict, this.words);
    piece(this.root, "[data-conflict-text]").textContent = text;
    piece(this.root, "[data-conflict]").hidden = false;
    piece(this.root, "[data-act=mine]").focus();
  }

  /** Takes the question away; what it was about. */
  close(): Decided | null {
    piece(this.root, "[data-conflict]").hidden = true;
    const { open } = this;
    this.open = null;
    if (!open) {
      return null;
    }
    const { change, conflict } = open;
    const { current } = conflict;
    return { change, theirs: current ? rowOf(conflict, current) : removedRowOf(conflict) };
  }
}

/** What is asked of the person who came second. */
function question(change: Change, conflict: Conflict, words: Words): string {
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
