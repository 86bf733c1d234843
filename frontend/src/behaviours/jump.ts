/** The search box of the top bar: htmx brings the hits, arrows choose, Enter opens, Escape closes. */
import { behaviour } from "../behaviour";

behaviour("[data-jump]", (root) => {
  const box = root.querySelector("input");
  const hits = root.querySelector<HTMLElement>("[role=listbox]");
  if (!box || !hits) {
    return;
  }
  const options = () => [...hits.querySelectorAll<HTMLAnchorElement>("a")];
  const show = (open: boolean) => {
    hits.hidden = !open;
    box.setAttribute("aria-expanded", String(open));
  };
  const choose = (index: number) => {
    for (const [at, option] of options().entries()) {
      option.id = `jump-hit-${at}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", String(at === index));
      if (at === index) {
        box.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      }
    }
  };
  const chosen = () =>
    options().findIndex((option) => option.getAttribute("aria-selected") === "true");

  hits.addEventListener("htmx:afterSwap", () => {
    choose(0);
    show(document.activeElement === box);
  });
  box.addEventListener("focus", () => show(hits.childElementCount > 0));
  box.addEventListener("keydown", (event) => {
    const all = options();
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp":
        event.preventDefault();
        choose(
          (chosen() + (event.key === "ArrowDown" ? 1 : -1) + all.length) % Math.max(all.length, 1),
        );
        break;
      case "Enter":
        event.preventDefault();
        all[chosen()]?.click();
        break;
      case "Escape":
        show(false);
        box.blur();
        break;
    }
  });
  document.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Node && !root.contains(event.target)) {
      show(false);
    }
  });
  root.addEventListener("focusout", (event) => {
    if (event.relatedTarget instanceof Node && !root.contains(event.relatedTarget)) {
      show(false);
    }
  });
});
