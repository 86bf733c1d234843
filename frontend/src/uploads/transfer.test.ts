import { beforeEach, expect, test } from "vitest";
import { remember, remembered } from "./memory";
import { missing, safeBytes, Transfer, type View } from "./transfer";
import { Refusal, type State, type Wire } from "./wire";

const PART = 4;
const lost = () => new Refusal(0, "", "");

/** A server that keeps parts, and fails where a test says so. */
class FakeServer implements Wire {
  readonly parts = new Map<number, string>();
  readonly order: string[] = [];
  readonly failures: (Refusal | null)[] = [];
  status: State["status"] = "pending";
  begun = 0;
  size = 0;
  /** Called while a part is on its way. */
  onSend: (number: number) => void = () => {};

  private fail(): void {
    const failure = this.failures.shift();
    if (failure) {
      throw failure;
    }
  }
  private state(): State {
    return {
      id: "u",
      status: this.status,
      bytes: this.size,
      part_bytes: PART,
      parts: [...this.parts.keys()],
    };
  }
  async begin(file: File): Promise<State> {
    this.begun += 1;
    this.size = file.size;
    this.status = "pending";
    this.parts.clear();
    return this.state();
  }
  async show(): Promise<State> {
    this.order.push("show");
    return this.state();
  }
  async send(
    _id: string,
    number: number,
    bytes: Blob,
    sent: (n: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    this.order.push(`part ${number}`);
    sent(1);
    this.onSend(number);
    await Promise.resolve();
    if (signal.aborted) {
      throw lost();
    }
    this.fail();
    this.parts.set(number, await bytes.text());
  }
  async complete(): Promise<string> {
    this.order.push("complete");
    this.status = "completed";
    this.fail();
    return "/datasets";
  }
  async cancel(): Promise<void> {
    this.order.push("cancel");
    this.status = "cancelled";
  }
}

let server: FakeServer;
let views: View[];
let waits: number[];

function transfer(text = "0123456789"): Transfer {
  return new Transfer(new File([text], "rows.jsonl"), {
    wire: server,
    target: "/uploads#fine-tune",
    fingerprint: "mark",
    show: (view) => views.push(view),
    sleep: async (ms) => void waits.push(ms),
  });
}

const phases = () =>
  views.map((view) => view.phase).filter((phase, index, all) => phase !== all[index - 1]);

beforeEach(() => {
  localStorage.clear();
  server = new FakeServer();
  views = [];
  waits = [];
});

test("a file goes in parts of the server's size and the page goes on", async () => {
  expect(await transfer().run()).toBe("/datasets");

  expect([...server.parts.values()].join("")).toBe("0123456789");
  expect(server.order).toEqual(["part 0", "part 1", "part 2", "complete"]);
  expect(views.at(-1)).toMatchObject({ phase: "done", sent: 10 });
  expect(remembered("/uploads#fine-tune")).toEqual([]);
});

test("after a reload only what is missing is sent", async () => {
  server.size = 10;
  server.parts.set(0, "0123").set(2, "89");
  remember({
    fingerprint: "mark",
    id: "u",
    target: "/uploads#fine-tune",
    name: "rows.jsonl",
    size: 10,
    done: 6,
  });

  await transfer().run();

  expect(server.begun).toBe(0);
  expect(server.order).toEqual(["show", "part 1", "complete"]);
  expect(views[0]).toMatchObject({ phase: "sending", sent: 6 });
});

test("an upload that expired meanwhile begins anew", async () => {
  server.status = "expired";
  remember({
    fingerprint: "mark",
    id: "old",
    target: "/uploads#fine-tune",
    name: "rows.jsonl",
    size: 10,
    done: 6,
  });

  expect(await transfer().run()).toBe("/datasets");
  expect(server.begun).toBe(1);
  expect([...server.parts.keys()]).toEqual([0, 1, 2]);
});

test("what is under way is remembered with what is safe", async () => {
  server.failures.push(null, new Refusal(400, "part_conflict", "Another part."));

  await transfer().run();

  expect(remembered("/uploads#fine-tune")).toMatchObject([
    { id: "u", name: "rows.jsonl", size: 10, done: 4 },
  ]);
});

test("a broken line is tried again, each time after a longer wait", async () => {
  server.failures.push(lost(), new Refusal(503, "service_unavailable", ""), lost());

  expect(await transfer().run()).toBe("/datasets");
  expect(waits).toEqual([1000, 2000, 4000]);
  expect(phases()).toContain("waiting");
});

test("the wait is short again once a part has gone through", async () => {
  server.failures.push(lost(), null, lost());

  await transfer().run();

  expect(waits).toEqual([1000, 1000]);
});

test("a lost answer to the end is asked for again", async () => {
  server.failures.push(null, null, null, lost());

  expect(await transfer().run()).toBe("/datasets");
  expect(server.order.slice(-3)).toEqual(["complete", "show", "complete"]);
});

test("what would be refused again is not tried again", async () => {
  server.failures.push(new Refusal(400, "file_extension_mismatch", "It holds XML."));

  expect(await transfer().run()).toBeNull();
  expect(waits).toEqual([]);
  expect(views.at(-1)?.problem?.code).toBe("file_extension_mismatch");
});

test("a full quota is no line to wait in", async () => {
  server.failures.push(new Refusal(429, "quota_exceeded", "Too much."));

  expect(await transfer().run()).toBeNull();
  expect(waits).toEqual([]);
});

test("it gives up in the end, and goes on where it was when asked to", async () => {
  server.failures.push(null, ...Array.from({ length: 13 }, lost));
  const moving = transfer();

  expect(await moving.run()).toBeNull();
  expect(views.at(-1)?.phase).toBe("failed");
  expect(await moving.run()).toBe("/datasets");
  expect(server.begun).toBe(1);
});

test("a pause breaks the part off; going on sends it again", async () => {
  const moving = transfer();
  server.onSend = (number) => {
    if (number === 1 && !server.order.includes("show")) {
      moving.pause();
      setTimeout(() => moving.resume());
    }
  };

  expect(await moving.run()).toBe("/datasets");
  expect(server.order).toEqual(["part 0", "part 1", "show", "part 1", "part 2", "complete"]);
  expect(phases()).toEqual(["sending", "paused", "sending", "joining", "done"]);
});

test("a cancelled file is given up on the server and forgotten", async () => {
  const moving = transfer();
  server.onSend = (number) => {
    if (number === 1) {
      void moving.cancel();
    }
  };

  expect(await moving.run()).toBeNull();
  expect(server.status).toBe("cancelled");
  expect(views.at(-1)?.phase).toBe("cancelled");
  expect(remembered("/uploads#fine-tune")).toEqual([]);
});

test("a paused file can be cancelled", async () => {
  const moving = transfer();
  server.onSend = () => {
    moving.pause();
    setTimeout(() => void moving.cancel());
  };

  expect(await moving.run()).toBeNull();
  expect(server.status).toBe("cancelled");
});

test("the last part is as long as what is left", () => {
  const state: State = { id: "u", status: "pending", bytes: 10, part_bytes: 4, parts: [2, 0] };

  expect(missing(state)).toEqual([1]);
  expect(safeBytes(state)).toBe(6);
});
