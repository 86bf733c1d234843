/** Ranges of cells as spreadsheet programs put them on the clipboard: tabs and lines, with quotes where a cell holds one of these. */

export function parse(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = "";
  let quoted = false;
  const close = () => {
    rows.at(-1)?.push(cell);
    cell = "";
  };
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let index = 0; index < source.length; index++) {
    const char = source[index] ?? "";
    if (quoted) {
      if (char === '"' && source[index + 1] === '"') {
        cell += '"';
        index++;
      } else if (char === '"') {
        quoted = false;
      } else {
        cell += char;
      }
    } else if (char === '"' && cell === "" && closes(source, index)) {
      quoted = true;
    } else if (char === "\t") {
      close();
    } else if (char === "\n") {
      close();
      rows.push([]);
    } else {
      cell += char;
    }
  }
  close();
  return rows;
}

/** Whether a quote that begins a cell also ends one: a single one is a mark of inches. */
function closes(text: string, start: number): boolean {
  const rest = text.slice(start + 1);
  return /^(?:[^"]|"")*"(?:\t|\n|$)/.test(rest);
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
