/** Choosing a theme changes the page at once and is kept in a cookie, so that the server's next page has it from its first byte. */
import { behaviour } from "../behaviour";

const YEAR_S = 31_536_000;

behaviour("form[data-theme-choice]", (form) => {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!(button instanceof HTMLButtonElement)) {
      return;
    }
    event.preventDefault();
    choose(button.value);
    for (const each of form.querySelectorAll("button")) {
      each.setAttribute("aria-pressed", String(each === button));
    }
    form.closest("details")?.removeAttribute("open");
  });
});

export function choose(theme: string): void {
  document.documentElement.dataset.theme = theme;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  // biome-ignore lint/suspicious/noDocumentCookie: the cookie store is not in every browser yet
  document.cookie = `studio_theme=${encodeURIComponent(theme)}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax${secure}`;
}
