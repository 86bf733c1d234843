/** What happens to the grid on the page, said to the grid. */
import { piece } from "./pieces";

/** How long after the last key the filters are asked, in milliseconds. */
const TYPING_MS = 200;

export interface Hearer {
  scrolled(): void;
  pointed(event: PointerEvent): void;
  edit(): void;
  picked(target: EventTarget | null): void;
  /** Whether anything was copied. */
  copy(event: ClipboardEvent): boolean;
  paste(event: ClipboardEvent): void;
  focused(isInside: boolean): void;
  act(name: string): void;
  filtered(): void;
  /** From the filter into the sheet. */
  enter(): void;
  setStatus(status: string): void;
  dialogClosed(): void;
}

export function listen(
  root: HTMLElement,
  table: HTMLTableElement,
  scroller: HTMLElement,
  hearer: Hearer,
): void {
  scroller.addEventListener("scroll", () => hearer.scrolled(), { passive: true });
  listenToTable(table, hearer);
  for (const button of root.querySelectorAll<HTMLElement>("[data-act]")) {
    button.addEventListener("click", () => hearer.act(button.dataset.act ?? ""));
  }
  listenToFilters(root, hearer);
  piece<HTMLSelectElement>(root, "[data-bulk]").addEventListener("change", (event) => {
    const list = event.target as HTMLSelectElement;
    hearer.setStatus(list.value);
    list.value = "";
  });
  piece<HTMLDialogElement>(root, "dialog").addEventListener("close", () => hearer.dialogClosed());
}

function listenToTable(table: HTMLTableElement, hearer: Hearer): void {
  table.addEventListener("pointerdown", (event) => hearer.pointed(event));
  table.addEventListener("dblclick", () => hearer.edit());
  table.addEventListener("change", (event) => hearer.picked(event.target));
  table.addEventListener("copy", (event) => hearer.copy(event));
  table.addEventListener("cut", (event) => {
    if (hearer.copy(event)) {
      hearer.act("clear");
    }
  });
  table.addEventListener("paste", (event) => hearer.paste(event));
  table.addEventListener("focusin", () => hearer.focused(true));
  table.addEventListener("focusout", (event) =>
    hearer.focused(event.relatedTarget instanceof Node && table.contains(event.relatedTarget)),
  );
}

function listenToFilters(root: HTMLElement, hearer: Hearer): void {
  let typing = 0;
  for (const field of root.querySelectorAll("[data-filter], [data-status], [data-changed]")) {
    field.addEventListener("input", () => {
      clearTimeout(typing);
      typing = window.setTimeout(() => hearer.filtered(), TYPING_MS);
    });
  }
  piece(root, "[data-filter]").addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "ArrowDown") {
      event.preventDefault();
      hearer.enter();
    }
  });
}
