import { describe, expect, it } from "vitest";
import { COLUMNS } from "./columns";
import { Selection } from "./selection";

describe("a selection", () => {
  it("spans from the anchor to the active cell, in whichever direction", () => {
    const selection = new Selection();
    selection.go({ line: 5, column: 4 }, 9, false);
    selection.go({ line: 3, column: 6 }, 9, true);

    expect(selection.range).toEqual({
      first: { line: 3, column: 4 },
      last: { line: 5, column: 6 },
    });
    expect(selection.lines).toEqual([3, 4, 5]);
  });

  it("stays in the sheet", () => {
    const selection = new Selection();
    selection.go({ line: 99, column: 99 }, 9, false);
    expect(selection.active).toEqual({ line: 9, column: COLUMNS.length - 1 });

    selection.go({ line: -1, column: -1 }, 9, false);
    expect(selection.active).toEqual({ line: 0, column: 0 });
    expect(selection.beside("right")).toEqual({ line: 0, column: 1 });
  });

  it("prefers the lines that are picked", () => {
    const selection = new Selection();
    selection.pick(7, true);
    selection.pick(2, true);
    selection.pick(7, false);

    expect(selection.lines).toEqual([2]);
  });
});
