import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { mountAll } from "../behaviour";
import "./upload";
import { page } from "../testing/page";

/** Stands for the browser's request: keeps what was asked and is answered by the test. */
class FakeRequest {
  static last: FakeRequest;
  readonly upload: { onprogress?: (event: Partial<ProgressEvent>) => void } = {};
  readonly headers = new Map<string, string>();
  onload?: () => void;
  onerror?: () => void;
  status = 0;
  responseText = "";
  sent = 0;

  constructor() {
    FakeRequest.last = this;
  }
  open(): void {}
  setRequestHeader(name: string, value: string): void {
    this.headers.set(name, value);
  }
  send(): void {
    this.sent += 1;
  }
  answer(status: number, body: unknown): void {
    this.status = status;
    this.responseText = typeof body === "string" ? body : JSON.stringify(body);
    this.onload?.();
  }
}

const assign = vi.fn();

beforeEach(() => {
  assign.mockClear();
  vi.stubGlobal("XMLHttpRequest", FakeRequest);
  vi.stubGlobal("location", { assign });
  page(`
    <form data-upload data-word-failed="Interrupted" action="/upload" method="post">
      <input type="file" name="file"><progress hidden max="1" value="0"></progress><span data-figure></span>
    </form>`);
  mountAll(document);
});

afterEach(() => vi.unstubAllGlobals());

function choose(): HTMLFormElement {
  const input = document.querySelector("input");
  Object.defineProperty(input, "files", { value: [new File(["x"], "rows.jsonl")] });
  input?.dispatchEvent(new Event("change"));
  return document.querySelector("form") ?? document.createElement("form");
}

test("a chosen file is sent at once and the bar shows how much", () => {
  const form = choose();
  FakeRequest.last.upload.onprogress?.({ lengthComputable: true, loaded: 30, total: 120 });

  expect(FakeRequest.last.headers.get("Accept")).toBe("application/json");
  expect(form.dataset.state).toBe("sending");
  expect(form.querySelector("progress")?.hidden).toBe(false);
  expect(form.querySelector("[data-figure]")?.textContent).toBe("25\u202f%");
});

test("a second send waits for the first", () => {
  const form = choose();
  const first = FakeRequest.last;
  form.dispatchEvent(new Event("submit", { cancelable: true }));

  expect(FakeRequest.last).toBe(first);
  expect(first.sent).toBe(1);
});

test("the page goes where the server says", () => {
  choose();
  FakeRequest.last.answer(201, { location: "/p/x/datasets" });

  expect(assign).toHaveBeenCalledWith("/p/x/datasets");
});

test.each([
  [400, { code: "file_empty", message: "The file is empty." }, "The file is empty."],
  [502, "<html>bad gateway</html>", "Interrupted"],
])("a refusal with status %i is said beside the field", (status, body, text) => {
  const form = choose();
  FakeRequest.last.answer(status, body);

  expect(form.dataset.state).toBe("failed");
  expect(form.querySelector("[data-figure]")?.textContent).toBe(text);
  expect(form.querySelector("progress")?.hidden).toBe(true);
});

test("a lost connection is said too", () => {
  const form = choose();
  FakeRequest.last.onerror?.();

  expect(form.querySelector("[data-figure]")?.textContent).toBe("Interrupted");
});

test("a large file goes in parts, and is not sent as one request", () => {
  const fetched = vi.fn(() => Promise.reject(new TypeError("network")));
  vi.stubGlobal("fetch", fetched);
  page(`
    <form data-upload data-parts="/uploads" data-parts-from="1" data-purpose="fine-tune" action="/upload">
      <input type="file" name="file"><ul data-transfers></ul>
      <template data-transfer><li><b data-slot="name"></b><progress></progress><i data-slot="figure"></i>
        <i data-slot="problem"></i><i data-slot="code"></i><button data-act="cancel"></button></li></template>
    </form>`);
  mountAll(document);
  const before = FakeRequest.last;

  choose();

  expect(FakeRequest.last).toBe(before);
  expect(document.querySelector("[data-slot=name]")?.textContent).toBe("rows.jsonl");
});
