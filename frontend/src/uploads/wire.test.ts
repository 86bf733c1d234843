import { afterEach, expect, test, vi } from "vitest";
import { httpWire, Refusal } from "./wire";

const wire = httpWire("/p/x/uploads", { purpose: "fine-tune" }, "token");
const STATE = { id: "u", status: "pending", bytes: 4, part_bytes: 4, parts: [] };

afterEach(() => vi.unstubAllGlobals());

function answer(status: number, body: unknown): ReturnType<typeof vi.fn> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const fetched = vi.fn(async () => new Response(text, { status }));
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

const refused = (act: Promise<unknown>) =>
  act.then(
    () => null,
    (error: unknown) => (error instanceof Refusal ? error : null),
  );

test("a file is announced with name, size and purpose, in the person's name", async () => {
  const fetched = answer(201, STATE);

  expect(await wire.begin(new File(["abcd"], "rows.jsonl", { type: "text/plain" }))).toEqual(STATE);

  const [address, init] = fetched.mock.calls[0] as [string, RequestInit];
  expect(address).toBe("/p/x/uploads");
  expect(init.headers).toMatchObject({ "X-CSRFToken": "token" });
  expect(Object.fromEntries((init.body as FormData).entries())).toEqual({
    purpose: "fine-tune",
    filename: "rows.jsonl",
    bytes: "4",
    mime_type: "text/plain",
  });
});

test("a refusal has the server's code and words", async () => {
  answer(400, { code: "upload_closed", message: "The upload is expired." });

  const refusal = await refused(wire.complete("u"));

  expect(refusal).toMatchObject({
    status: 400,
    code: "upload_closed",
    message: "The upload is expired.",
  });
});

test("a page instead of an answer means that the session is over", async () => {
  answer(200, "<!doctype html>");

  expect(await refused(wire.show("u"))).toMatchObject({ code: "signed_out", isFinal: true });
});

test("no answer at all may be tried again", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("network")));

  expect(await refused(wire.show("u"))).toMatchObject({ status: 0, isFinal: false });
});

test.each([
  [400, true],
  [403, true],
  [413, true],
  [408, false],
  [429, false],
  [500, false],
  [503, false],
])("status %i is final: %s", (status, isFinal) => {
  expect(new Refusal(status, "", "").isFinal).toBe(isFinal);
});

/** Stands for the browser's request. */
class FakeRequest {
  static last: FakeRequest;
  readonly upload: { onprogress?: (event: { loaded: number }) => void } = {};
  onload?: () => void;
  onerror?: () => void;
  onabort?: () => void;
  onloadend?: () => void;
  status = 201;
  responseText = "{}";
  body: FormData | null = null;
  constructor() {
    FakeRequest.last = this;
  }
  open(): void {}
  setRequestHeader(): void {}
  send(body: FormData): void {
    this.body = body;
  }
  abort(): void {
    this.onabort?.();
    this.onloadend?.();
  }
}

function sending(signal = new AbortController().signal): {
  promise: Promise<void>;
  seen: number[];
} {
  vi.stubGlobal("XMLHttpRequest", FakeRequest);
  const seen: number[] = [];
  return { promise: wire.send("u", 3, new Blob(["abcd"]), (n) => seen.push(n), signal), seen };
}

test("a part says its number and how much of it has left", async () => {
  const { promise, seen } = sending();
  FakeRequest.last.upload.onprogress?.({ loaded: 3 });
  FakeRequest.last.upload.onprogress?.({ loaded: 300 });
  FakeRequest.last.onload?.();
  await promise;

  expect(FakeRequest.last.body?.get("number")).toBe("3");
  expect(seen).toEqual([3, 4]);
});

test("a part can be broken off", async () => {
  const stop = new AbortController();
  const { promise } = sending(stop.signal);
  stop.abort();

  expect(await refused(promise)).toMatchObject({ status: 0 });
});

test("a connection that brings nothing on is given up", async () => {
  vi.useFakeTimers();
  const { promise } = sending();
  const outcome = refused(promise);
  await vi.advanceTimersByTimeAsync(61_000);
  vi.useRealTimers();

  expect(await outcome).toMatchObject({ status: 0, isFinal: false });
});
