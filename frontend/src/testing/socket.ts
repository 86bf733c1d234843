/** Stands for the browser's WebSocket in tests. */
import { vi } from "vitest";

export class FakeSocket {
  static all: FakeSocket[] = [];
  onopen?: () => void;
  onmessage?: (event: { data: string }) => void;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }

  close(): void {
    this.onclose?.({ code: 1006 });
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

/** From here on the page opens these sockets, and none has been opened yet. */
export function standIn(): void {
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
}

/** The socket that was opened last. Throws where none was. */
export function socket(): FakeSocket {
  const last = FakeSocket.all.at(-1);
  if (!last) {
    throw new Error("no socket was opened");
  }
  return last;
}
