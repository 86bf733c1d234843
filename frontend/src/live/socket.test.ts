import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeSocket, socket, standIn } from "../testing/socket";
import { JobStream, type LinkState } from "./socket";

/** The server says these events. */
function events(...seqs: number[]): void {
  socket().say({
    type: "events",
    events: seqs.map((seq) => ({ seq, type: "ready", data: {} })),
  });
}

const heard: number[] = [];
const states: LinkState[] = [];
const shown: unknown[] = [];
let stream: JobStream;

beforeEach(() => {
  vi.useFakeTimers();
  standIn();
  heard.length = states.length = shown.length = 0;
  stream = new JobStream("/ws/jobs/a", 3, {
    onEvents: (events) => heard.push(...events.map((event) => event.seq)),
    onSeries: (history) => shown.push(history),
    onState: (state) => states.push(state),
  });
  stream.open();
});

afterEach(() => {
  stream.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("it is live once the server has said something, not when the handshake was taken", () => {
  socket().onopen?.();
  expect(states).toEqual(["connecting"]);

  socket().say({ type: "ping" });
  expect(states).toEqual(["connecting", "live"]);
});

test("events told again are handed over once", () => {
  events(3, 4, 5);
  events(4, 5, 6);
  vi.advanceTimersByTime(100);

  expect(heard).toEqual([4, 5, 6]);
});

test("after a break it comes back where it was, with a pause that is never the same", () => {
  events(4, 5);
  socket().close();
  expect(states.at(-1)).toBe("offline");

  vi.advanceTimersByTime(200);
  expect(FakeSocket.all).toHaveLength(1);
  vi.advanceTimersByTime(600);
  expect(socket().url).toMatch(/\/ws\/jobs\/a\?after=5$/);
  expect(FakeSocket.all).toHaveLength(2);
});

test("a server that takes the handshake and hangs up is asked ever more rarely", () => {
  const pauses: number[] = [];
  for (let times = 0; times < 6; times += 1) {
    const before = FakeSocket.all.length;
    socket().onopen?.();
    socket().close();
    let waited = 0;
    while (FakeSocket.all.length === before) {
      vi.advanceTimersByTime(50);
      waited += 50;
    }
    pauses.push(waited);
  }

  expect(pauses[5]).toBeGreaterThan(4 * (pauses[0] ?? 0));
  expect(Math.max(...pauses)).toBeLessThanOrEqual(15_050);
});

test("curves instead of events move the place on", () => {
  socket().say({ type: "series", seq: 900, data: { first: 1 } });
  socket().close();
  vi.advanceTimersByTime(1000);

  expect(shown).toEqual([{ first: 1 }]);
  expect(socket().url).toContain("after=900");
});

test.each([4400, 4401, 4403, 4404])("after %i it does not try again", (code) => {
  socket().onclose?.({ code });
  vi.advanceTimersByTime(120_000);

  expect(states.at(-1)).toBe("refused");
  expect(FakeSocket.all).toHaveLength(1);
});

test("where too many pages are open it says so and tries again later", () => {
  socket().onclose?.({ code: 4429 });
  expect(states.at(-1)).toBe("crowded");

  vi.advanceTimersByTime(4000);
  expect(FakeSocket.all).toHaveLength(1);
  vi.advanceTimersByTime(12_000);
  expect(FakeSocket.all).toHaveLength(2);
});

test("the network's return ends the pause", () => {
  socket().close();
  window.dispatchEvent(new Event("online"));

  expect(FakeSocket.all).toHaveLength(2);
});

test("silence for longer than the server's pings is a break", () => {
  socket().onopen?.();
  vi.advanceTimersByTime(46_000);

  expect(FakeSocket.all.length).toBeGreaterThan(1);
});
