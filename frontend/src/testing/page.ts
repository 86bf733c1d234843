/** Pages for tests, written as the markup they are; only tests import this. */

export function page(markup: string): void {
  document.body.replaceChildren(document.createRange().createContextualFragment(markup));
}
