import { expect, test } from "vitest";
import { behaviour, mountAll } from "./behaviour";
import { page } from "./testing/page";

test("a behaviour is mounted once on each element, also on the root itself", () => {
  const seen: string[] = [];
  behaviour("[data-probe]", (element) => seen.push(element.id));
  page('<div id="a" data-probe></div><div id="b"></div>');

  mountAll(document);
  mountAll(document);
  const late = document.createElement("p");
  late.id = "c";
  late.dataset.probe = "";
  document.body.append(late);
  mountAll(late);

  expect(seen).toEqual(["a", "c"]);
});
