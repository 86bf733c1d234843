/** `data-copy="text"` copies the text; `data-copy-next` copies the code block it heads. `data-done` is said for a moment. */
import { behaviour } from "../behaviour";

const SHOWN_MS = 1500;

behaviour("[data-copy], [data-copy-next]", (button) => {
  button.addEventListener("click", async () => {
    const text =
      button.dataset.copy ?? button.closest("figure")?.querySelector("code")?.textContent ?? "";
    await write(text);
    sayDone(button);
  });
});

/** The clipboard needs a secure page; elsewhere the old command still works. */
async function write(text: string): Promise<void> {
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const box = document.createElement("textarea");
  box.value = text;
  box.className = "unseen";
  document.body.append(box);
  box.select();
  document.execCommand("copy");
  box.remove();
}

function sayDone(button: HTMLElement): void {
  const done = button.dataset.done ?? "";
  const word = button.querySelector<HTMLElement>("[data-word]");
  const before = word?.textContent ?? "";
  const label = button.getAttribute("aria-label");
  button.classList.add("is-done");
  if (word) {
    word.textContent = done;
  } else {
    button.setAttribute("aria-label", done);
    button.title = done;
  }
  window.setTimeout(() => {
    button.classList.remove("is-done");
    if (word) {
      word.textContent = before;
    } else if (label) {
      button.setAttribute("aria-label", label);
      button.title = label;
    }
  }, SHOWN_MS);
}
