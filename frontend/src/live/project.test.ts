import { afterEach, beforeEach, expect, test, vi } from "vitest";
import "./project";
import { page } from "../testing/page";
import { FakeSocket, socket, standIn } from "../testing/socket";

/** The server tells of a job. */
function job(id: string, state: string): void {
  socket().say({ type: "events", events: [{ type: "job", data: { job: id, state } }] });
}

const heard: string[] = [];
const listen = (event: Event) => heard.push(event.type);

beforeEach(() => {
  vi.useFakeTimers();
  standIn();
  heard.length = 0;
  document.body.addEventListener("studio:changed", listen);
  document.body.addEventListener("studio:moved", listen);
  page(
    '<project-link data-project="finance" data-word-live="Live" data-word-offline="Offline" data-word-crowded="Too many pages"><span data-word></span></project-link>',
  );
});

afterEach(() => {
  page("");
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("it follows the project and says that it does", () => {
  socket().onopen?.();

  expect(socket().url).toMatch(/\/ws\/projects\/finance$/);
  expect(document.querySelector("[data-word]")?.textContent).toBe("Live");
});

test("many messages are few changes, and the last one is never lost", () => {
  socket().onopen?.();
  for (let step = 0; step < 50; step += 1) {
    job("a", "running");
  }
  expect(heard).toEqual(["studio:changed"]);

  vi.advanceTimersByTime(1000);
  expect(heard).toEqual(["studio:changed", "studio:changed"]);
  vi.advanceTimersByTime(5000);
  expect(heard).toHaveLength(2);
});

test("another state is a move; what was there at the beginning is none", () => {
  socket().onopen?.();
  job("a", "running");
  expect(heard).not.toContain("studio:moved");

  job("a", "succeeded");
  expect(heard.filter((name) => name === "studio:moved")).toHaveLength(1);
});

test("after a break it says so, comes back, and has everything fetched once", () => {
  socket().onopen?.();
  socket().onclose?.({ code: 1006 });
  expect(document.querySelector("[data-word]")?.textContent).toBe("Offline");

  vi.advanceTimersByTime(1000);
  expect(FakeSocket.all).toHaveLength(2);
  socket().onopen?.();
  expect(heard).toEqual(["studio:changed", "studio:moved"]);
});

test("who may not watch does not try again", () => {
  socket().onclose?.({ code: 4403 });
  vi.advanceTimersByTime(60_000);

  expect(FakeSocket.all).toHaveLength(1);
});

test("silence for longer than the server's pings is a break", () => {
  socket().onopen?.();
  vi.advanceTimersByTime(46_000);

  expect(FakeSocket.all.length).toBeGreaterThan(1);
});

test("a person with too many pages open is told so, and it tries again seldom", () => {
  socket().onopen?.();
  socket().onclose?.({ code: 4429 });

  expect(document.querySelector("[data-word]")?.textContent).toBe("Too many pages");
  vi.advanceTimersByTime(7000);
  expect(FakeSocket.all).toHaveLength(1);
  vi.advanceTimersByTime(7000);
  expect(FakeSocket.all).toHaveLength(2);
});
