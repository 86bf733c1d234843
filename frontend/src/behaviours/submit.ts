/** `form[data-submit-on-change]` sends itself when a choice in it changes; its button is for those without script. */
import { behaviour } from "../behaviour";

behaviour("form[data-submit-on-change]", (form) => {
  form.addEventListener("change", () => {
    if (form instanceof HTMLFormElement) {
      form.requestSubmit();
    }
  });
});
