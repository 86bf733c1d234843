import { beforeEach, expect, test, vi } from "vitest";
import { page } from "../testing/page";
import { fingerprint } from "./fingerprint";
import { remember } from "./memory";
import { Queue } from "./queue";
import { bytes } from "./row";
import { Refusal, type State, type Wire } from "./wire";

const goTo = vi.fn();
let refusal: Refusal | null;
let sent: string[];
let cancelled: string[];

const wire: Wire = {
  async begin(file): Promise<State> {
    return { id: file.name, status: "pending", bytes: file.size, part_bytes: 4, parts: [] };
  },
  async show(id): Promise<State> {
    return { id, status: "pending", bytes: 6, part_bytes: 4, parts: [0] };
  },
  async send(id, number) {
    if (refusal && id === "bad.jsonl") {
      throw refusal;
    }
    sent.push(`${id} ${number}`);
  },
  complete: async () => "/p/x/datasets",
  async cancel(id) {
    cancelled.push(id);
  },
};

function queue(): Queue {
  page(`
    <form data-parts="/p/x/uploads" data-purpose="fine-tune" data-word-failed="Interrupted" data-word-queued="Waiting"
      data-word-interrupted="Choose it again" data-word-done="Sent" data-word-left="{time} left" data-word-joining="Checking">
      <ul data-transfers></ul>
      <template data-transfer><li><b data-slot="name"></b><progress></progress><span data-slot="figure"></span>
        <span data-slot="problem"></span><code data-slot="code"></code>
        <button data-act="pause"></button><button data-act="again"></button><button data-act="cancel"></button>
        <button data-act="discard"></button></li></template>
    </form>`);
  const form = document.querySelector("form");
  const list = document.querySelector<HTMLElement>("[data-transfers]");
  const template = document.querySelector("template");
  if (!(form && list && template)) {
    throw new Error("the page is not whole");
  }
  return new Queue(form, list, template, goTo, wire);
}

const rows = () => [...document.querySelectorAll<HTMLElement>("li")];
const text = (row: HTMLElement | undefined, slot: string) =>
  row?.querySelector(`[data-slot=${slot}]`)?.textContent;
const press = (row: HTMLElement | undefined, act: string) =>
  row?.querySelector<HTMLElement>(`[data-act=${act}]`)?.click();

beforeEach(() => {
  localStorage.clear();
  goTo.mockClear();
  refusal = null;
  sent = [];
  cancelled = [];
});

test("files go one after another and the page goes on once", async () => {
  const files = queue();
  files.add(new File(["012345"], "a.jsonl"));
  files.add(new File(["0123"], "b.jsonl"));

  expect(rows().map((row) => text(row, "name"))).toEqual(["a.jsonl", "b.jsonl"]);
  await vi.waitFor(() => expect(goTo).toHaveBeenCalledExactlyOnceWith("/p/x/datasets"));
  expect(sent).toEqual(["a.jsonl 0", "a.jsonl 1", "b.jsonl 0"]);
  expect(files.isBusy).toBe(false);
});

test("a refused file says why with its code, and the others go on", async () => {
  refusal = new Refusal(400, "file_type_unsupported", "It is not read here.");
  const files = queue();
  files.add(new File(["0123"], "bad.jsonl"));
  files.add(new File(["0123"], "good.jsonl"));

  await vi.waitFor(() => expect(rows()[1]?.dataset.phase).toBe("done"));
  expect([text(rows()[0], "problem"), text(rows()[0], "code")]).toEqual([
    "It is not read here.",
    "file_type_unsupported",
  ]);
  expect(goTo).not.toHaveBeenCalled();

  press(rows()[0], "cancel");
  expect(goTo).toHaveBeenCalledOnce();
});

test("a failed file is tried again when asked to", async () => {
  refusal = new Refusal(400, "", "");
  queue().add(new File(["0123"], "bad.jsonl"));
  await vi.waitFor(() => expect(text(rows()[0], "problem")).toBe("Interrupted"));

  refusal = null;
  press(rows()[0], "again");

  await vi.waitFor(() => expect(goTo).toHaveBeenCalled());
});

test("a file that waits can be taken back", async () => {
  const files = queue();
  files.add(new File(["0123"], "a.jsonl"));
  files.add(new File(["0123"], "b.jsonl"));
  press(rows()[1], "cancel");

  await vi.waitFor(() => expect(goTo).toHaveBeenCalled());
  expect(sent).toEqual(["a.jsonl 0"]);
});

test("what an earlier visit left is shown, and goes on when the same file is picked", async () => {
  const file = new File(["012345"], "rows.jsonl", { lastModified: 7 });
  const mark = await fingerprint(file);
  remember({
    fingerprint: mark,
    id: "old",
    target: "/p/x/uploads#fine-tune",
    name: file.name,
    size: 6,
    done: 4,
  });
  const files = queue();
  expect(text(rows()[0], "figure")).toBe("66\u202f% · Choose it again");

  files.add(file);

  await vi.waitFor(() => expect(goTo).toHaveBeenCalled());
  expect(sent).toEqual(["old 1"]);
  expect(rows()).toHaveLength(1);
});

test("what an earlier visit left can be discarded", () => {
  remember({
    fingerprint: "f",
    id: "old",
    target: "/p/x/uploads#fine-tune",
    name: "rows.jsonl",
    size: 6,
    done: 4,
  });
  queue();

  press(rows()[0], "discard");

  expect(rows()).toEqual([]);
  expect(cancelled).toEqual(["old"]);
  queue();
  expect(rows()).toEqual([]);
});

test("an upload of another project is not shown", () => {
  remember({
    fingerprint: "f",
    id: "old",
    target: "/p/other/uploads#fine-tune",
    name: "a",
    size: 6,
    done: 4,
  });
  queue();

  expect(rows()).toEqual([]);
});

test.each([
  [999, "999\u202fB"],
  [1500, "1.5\u202fKB"],
  [123_400_000, "123\u202fMB"],
  [2_147_483_648, "2.1\u202fGB"],
])("%d bytes are %s", (value, shown) => {
  expect(bytes(value)).toBe(shown);
});
