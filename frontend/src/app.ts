/** The one entry: styles, htmx, the behaviours of every page, and custom elements that are fetched where a page has them. */
import "./styles/app.css";
import htmx from "htmx.org";
import { mountAll } from "./behaviour";
import "./behaviours/copy";
import "./behaviours/dialog";
import "./behaviours/jump";
import "./behaviours/keys";
import "./behaviours/menu";
import "./behaviours/mix";
import "./behaviours/submit";
import "./behaviours/theme";
import "./behaviours/upload";
import "./live/project";

/** Tag -> its module; a page without the tag does not load it. */
const ELEMENTS: Readonly<Record<string, () => Promise<unknown>>> = {
  "run-live": () => import("./live/run"),
  "term-grid": () => import("./grid/grid"),
  "play-ground": () => import("./playground/playground"),
};

function loadElements(root: ParentNode): void {
  for (const [tag, load] of Object.entries(ELEMENTS)) {
    if (root.querySelector(tag)) {
      void load();
    }
  }
}

mountAll(document);
loadElements(document);
htmx.onLoad((element) => {
  if (element instanceof HTMLElement) {
    mountAll(element);
    loadElements(element);
  }
});
