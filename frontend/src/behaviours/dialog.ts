/** `data-open="id"` opens the dialog with that id; `data-confirm` on a form asks with the dialog it names first. */
import { behaviour } from "../behaviour";

export function openDialog(id: string): void {
  const dialog = document.getElementById(id);
  if (dialog instanceof HTMLDialogElement && !dialog.open) {
    dialog.showModal();
  }
}

behaviour("[data-open]", (button) => {
  button.addEventListener("click", () => {
    button.closest("details")?.removeAttribute("open");
    openDialog(button.dataset.open ?? "");
  });
});

/** A click on the backdrop is a click on the dialog itself. */
behaviour("dialog", (dialog) => {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog && dialog instanceof HTMLDialogElement) {
      dialog.close();
    }
  });
});

/** The form's own question, in the browser's dialog: it cannot be styled away or missed. */
behaviour("form[data-confirm]", (form) => {
  form.addEventListener("submit", (event) => {
    if (!window.confirm(form.dataset.confirm)) {
      event.preventDefault();
    }
  });
});
