import { describe, expect, it } from "vitest";
import { Book } from "./book";
import { Words } from "./columns";
import { changeOf, conceptsOf, laid, removalOf } from "./edits";
import type { Concept, Row } from "./types";
import type { Range } from "./view";

const words = new Words({ preferred: "首选", forbidden: "禁用", yes: "是", no: "否" });

function concept(uid: string, ...texts: string[]): Concept {
  const terms = texts.map((text) => ({
    lang: "en",
    text,
    status: "admitted",
    part_of_speech: null,
    term_type: null,
    case_sensitive: false,
    match: "inflect",
    do_not_translate: false,
    note: null,
    contexts: [],
  }));
  return { uid, subject_field: null, definitions: {}, note: null, source: null, terms };
}

function row(said: Concept): Row {
  return {
    uid: said.uid,
    etag: `${said.uid}-1`,
    concept: said,
    state: "same",
    review: "",
    changed_by: "",
    open_threads: 0,
  };
}

function range(line: number, column: number, lastLine = line, lastColumn = column): Range {
  return { first: { line, column }, last: { line: lastLine, column: lastColumn } };
}

function book(): Book {
  const made = new Book();
  made.reset([2, 1]);
  made.fill(0, [row(concept("c1", "turnover", "sales")), row(concept("c2", "own funds"))]);
  return made;
}

const LANG = 1;
const TEXT = 2;
const STATUS = 3;
const DEFINITION = 5;
const DNT = 9;

describe("from cells to a change", () => {
  it("joins the cells of a concept into one edit", () => {
    const change = changeOf(
      book(),
      [
        { line: 0, column: TEXT, text: "net turnover" },
        { line: 1, column: STATUS, text: "禁用" },
        { line: 2, column: DNT, text: "是" },
      ],
      words,
      "en",
    );

    expect(change.edits).toEqual([
      {
        uid: "c1",
        cells: [
          { op: "term", term: 0, field: "text", value: "net turnover" },
          { op: "term", term: 1, field: "status", value: "forbidden" },
        ],
      },
      { uid: "c2", cells: [{ op: "term", term: 0, field: "do_not_translate", value: true }] },
    ]);
  });

  it("takes what belongs to the concept from its first line: a sheet leaves it empty on the others", () => {
    const targets = ["What is sold.", "", "Capital."].map((text, line) => ({
      line,
      column: DEFINITION,
      text,
    }));

    expect(changeOf(book(), targets, words, "en").edits?.map((edit) => edit.cells)).toEqual([
      [{ op: "definition", lang: "en", value: "What is sold." }],
      [{ op: "definition", lang: "en", value: "Capital." }],
    ]);
  });

  it("makes concepts of the lines past the last one, several lines with one name of one", () => {
    const block = [
      ["c9", "en", "bond"],
      ["c9", "de", "Anleihe"],
      ["", "en", "note"],
      ["", "en", ""],
    ];
    const change = changeOf(book(), laid(block, range(3, 0)), words, "en");

    expect(change.edits).toBeUndefined();
    expect(change.new).toEqual([
      {
        uid: "c9",
        cells: [
          { op: "add", lang: "en", text: "bond", status: "" },
          { op: "add", lang: "de", text: "Anleihe", status: "" },
        ],
      },
      { cells: [{ op: "add", lang: "en", text: "note", status: "" }] },
    ]);
  });

  it("says nothing of a new line without a term", () => {
    expect(conceptsOf([{ status: "首选", lang: "zh" }], words, "en")).toEqual([]);
    expect(
      conceptsOf([{ status: "首选", lang: "zh", text: "营业额", note: "x" }], words, "en"),
    ).toEqual([
      {
        cells: [
          { op: "add", lang: "zh", text: "营业额", status: "preferred" },
          { op: "concept", field: "note", value: "x" },
        ],
      },
    ]);
  });

  it("fills the whole range with a single pasted text", () => {
    expect(laid([["x"]], range(1, LANG, 2, LANG + 1))).toHaveLength(4);
  });

  it("takes single terms out, and the concept with its last one", () => {
    expect(removalOf(book(), [1, 2])).toEqual({
      edits: [{ uid: "c1", cells: [{ op: "remove", term: 1 }] }],
      remove: [{ uid: "c2" }],
    });
  });
});

describe("the book", () => {
  it("knows which concept and term a line is, in any page", () => {
    const made = new Book();
    made.reset([3, 1, 2]);

    expect([0, 2, 3, 4, 5].map((line) => made.line(line))).toEqual([
      { index: 0, place: 0 },
      { index: 0, place: 2 },
      { index: 1, place: 0 },
      { index: 2, place: 0 },
      { index: 2, place: 1 },
    ]);
    expect(made.lines).toBe(6);
  });

  it("takes rows as they come, change and go", () => {
    const made = book();
    made.take(row(concept("c3", "goodwill")));
    made.take({ ...row(concept("c1")), concept: null });

    expect(made.lines).toBe(2);
    expect(made.indexOf("c3")).toBe(1);
    expect(made.row(0)?.uid).toBe("c2");
  });
});
