/** A behaviour is a small module for elements with one `data-*` attribute; it is mounted once on each, also on those that htmx brings in. */

type Mount = (element: HTMLElement) => void;

const behaviours: {
  readonly selector: string;
  readonly mount: Mount;
  readonly seen: WeakSet<HTMLElement>;
}[] = [];

/** Calls `mount` for every element that matches `selector`, now and later. */
export function behaviour(selector: string, mount: Mount): void {
  behaviours.push({ selector, mount, seen: new WeakSet() });
}

/** Mounts what is not mounted yet in and under `root`. */
export function mountAll(root: ParentNode): void {
  for (const { selector, mount, seen } of behaviours) {
    const found = [...root.querySelectorAll<HTMLElement>(selector)];
    if (root instanceof HTMLElement && root.matches(selector)) {
      found.unshift(root);
    }
    for (const element of found) {
      if (!seen.has(element)) {
        seen.add(element);
        mount(element);
      }
    }
  }
}
