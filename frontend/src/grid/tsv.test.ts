import { describe, expect, it } from "vitest";
import { format, parse } from "./tsv";

describe("ranges on the clipboard", () => {
  it.each([
    [
      "a\tb\nc\td\n",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    ["one", [["one"]]],
    [
      "a\t\r\n\tb\r\n",
      [
        ["a", ""],
        ["", "b"],
      ],
    ],
    ['"two\nlines"\t"say ""hi"""', [["two\nlines", 'say "hi"']]],
    ['19" screen\tb', [['19" screen', "b"]]],
    ['"open\tb', [['"open', "b"]]],
  ])("reads %j", (text, rows) => {
    expect(parse(text)).toEqual(rows);
  });

  it("writes what it reads", () => {
    const rows = [
      ["a", 'b "c"', "d\ne"],
      ["", "\t", "术语"],
    ];
    expect(parse(format(rows))).toEqual(rows);
  });
});
