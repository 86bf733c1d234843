/** Ranges of cells as spreadsheet programs put them on the clipboard: tabs and lines, with quotes where a cell holds one of these. */

/** A quoted cell: its closing quote ends it too. A quote that is not closed so is a mark of inches. */
const QUOTED = /"([^"]*(?:""[^"]*)*)"(?=\t|\n|$)/y;
const PLAIN = /[^\t\n]*/y;

export function parse(text: string): string[][] {
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  const rows: string[][] = [[]];
  let at = 0;
  for (;;) {
    const { cell, end } = cellAt(source, at);
    rows.at(-1)?.push(cell);
    if (end >= source.length) {
      return rows;
    }
    if (source[end] === "\n") {
      rows.push([]);
    }
    at = end + 1;
  }
}

/** The cell that begins here, and where the tab, line or text that ends it stands. */
function cellAt(source: string, start: number): { cell: string; end: number } {
  QUOTED.lastIndex = start;
  const quoted = QUOTED.exec(source);
  if (quoted) {
    return { cell: (quoted[1] ?? "").replaceAll('""', '"'), end: QUOTED.lastIndex };
  }
  PLAIN.lastIndex = start;
  const cell = PLAIN.exec(source)?.[0] ?? "";
  return { cell, end: start + cell.length };
}

export function format(rows: readonly (readonly string[])[]): string {
  return rows
    .map((cells) =>
      cells
        .map((cell) => (/["\t\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
        .join("\t"),
    )
    .join("\n");
}
