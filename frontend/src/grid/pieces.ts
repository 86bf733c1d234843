/** The pieces of the page's markup that the grid works with. */

/** The element of this selector. Throws where the template has none. */
export function piece<T extends HTMLElement = HTMLElement>(root: ParentNode, selector: string): T {
  const found = root.querySelector<T>(selector);
  if (!found) {
    throw new Error(`the grid has no ${selector}`);
  }
  return found;
}
