/** A menu is a <details data-menu>: it works alone; this closes it by a click elsewhere and by Escape, and walks it by arrows. */
import { behaviour } from "../behaviour";

behaviour("details[data-menu]", (menu) => {
  if (!(menu instanceof HTMLDetailsElement)) {
    return;
  }
  const summary = menu.querySelector("summary");
  document.addEventListener("pointerdown", (event) => {
    if (menu.open && event.target instanceof Node && !menu.contains(event.target)) {
      menu.open = false;
    }
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget)) {
      menu.open = false;
    }
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      event.stopPropagation();
      menu.open = false;
      summary?.focus();
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      menu.open = true;
      walk(menu, event.key === "ArrowDown" ? 1 : -1);
    }
  });
});

function walk(menu: HTMLDetailsElement, by: 1 | -1): void {
  const items = [...menu.querySelectorAll<HTMLElement>("a[href], button")];
  const active = document.activeElement;
  const at = active instanceof HTMLElement ? items.indexOf(active) : -1;
  const next = at === -1 && by === -1 ? items.length - 1 : (at + by + items.length) % items.length;
  items[next]?.focus();
}
