/** The keyboard: `/` and Ctrl-K search, `g` and a letter go, `j` `k` rows, `?` help. Nothing while a field is being typed in. */
import { openDialog } from "./dialog";

const SEQUENCE_MS = 1200;
let first = "";
let firstAt = 0;

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    search();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) {
    return;
  }
  if (press(event.key, event.timeStamp)) {
    event.preventDefault();
  }
});

function press(key: string, at: number): boolean {
  if (first === "g" && at - firstAt < SEQUENCE_MS) {
    first = "";
    return go(`g ${key}`);
  }
  switch (key) {
    case "g":
      first = key;
      firstAt = at;
      return true;
    case "/":
      return search();
    case "?":
      openDialog("help");
      return true;
    case "j":
      return follow("j") || moveRow(1);
    case "k":
      return follow("k") || moveRow(-1);
    default:
      return false;
  }
}

function search(): boolean {
  const box = document.querySelector<HTMLInputElement>("[data-jump] input");
  box?.focus();
  box?.select();
  return box !== null;
}

function go(keys: string): boolean {
  const link = document.querySelector<HTMLAnchorElement>(`a[data-keys="${CSS.escape(keys)}"]`);
  link?.click();
  return link !== null;
}

/** On a page of one row, its link with `data-key` goes to the next or the one before. */
function follow(key: string): boolean {
  const link = document.querySelector<HTMLAnchorElement>(`main a[data-key="${key}"]`);
  link?.click();
  return link !== null;
}

/** Rows of a list are its links with `data-row`; the focus is the cursor, so Enter opens. */
function moveRow(by: 1 | -1): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>("main [data-row]")];
  const active = document.activeElement;
  const at = active instanceof HTMLElement ? rows.indexOf(active) : -1;
  const next = rows[at === -1 ? (by === 1 ? 0 : rows.length - 1) : at + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
  return next !== undefined;
}

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches("input:not([type=checkbox], [type=radio]), textarea, select"))
  );
}
