/** The requests of an upload in parts (studio/uploads/views.py). */

export interface State {
  readonly id: string;
  readonly status: "pending" | "completed" | "cancelled" | "expired";
  readonly bytes: number;
  readonly part_bytes: number;
  /** Numbers of the parts that are safe, from 0. */
  readonly parts: readonly number[];
}

/** What the transfer needs of a server. */
export interface Wire {
  begin(file: File): Promise<State>;
  show(id: string): Promise<State>;
  send(
    id: string,
    number: number,
    bytes: Blob,
    sent: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Where the page goes on. */
  complete(id: string): Promise<string>;
  cancel(id: string): Promise<void>;
}

/** The server's answer to what it did not take, or that there was none (status 0). */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }

  /** Whether the same would be refused again. */
  get isFinal(): boolean {
    if (this.code === "quota_exceeded") {
      return true;
    }
    return this.status >= 400 && this.status < 500 && ![408, 425, 429].includes(this.status);
  }
}

/** A connection that brings nothing on for so long is given up and tried again. */
const STALLED_MS = 60_000;

export function httpWire(
  base: string,
  fields: Readonly<Record<string, string>>,
  token: string,
): Wire {
  const headers = { Accept: "application/json", "X-CSRFToken": token };
  const post = (path: string, body: FormData | null = null) =>
    ask(base + path, { method: "POST", headers, body });
  return {
    async begin(file) {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) {
        form.append(name, value);
      }
      form.append("filename", file.name);
      form.append("bytes", String(file.size));
      form.append("mime_type", file.type);
      return (await post("", form)) as State;
    },
    show: async (id) => (await ask(`${base}/${id}`, { headers })) as State,
    send: (id, number, bytes, sent, signal) =>
      sendPart(`${base}/${id}/parts`, token, number, bytes, sent, signal),
    complete: async (id) => ((await post(`/${id}/complete`)) as { location: string }).location,
    async cancel(id) {
      await post(`/${id}/cancel`);
    },
  };
}

async function ask(address: string, init: RequestInit): Promise<unknown> {
  let answer: Response;
  try {
    answer = await fetch(address, { credentials: "same-origin", ...init });
  } catch {
    throw new Refusal(0, "", "");
  }
  return understood(answer.status, await answer.text());
}

/** The JSON of an answer. Throws Refusal. */
function understood(status: number, text: string): unknown {
  const body = parsed(text);
  if (status >= 400) {
    throw new Refusal(status, field(body, "code"), field(body, "message"));
  }
  if (body === null) {
    // A page instead of an answer: the session is over, and the request was led to the door.
    throw new Refusal(401, "signed_out", "");
  }
  return body;
}

function parsed(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

function field(body: object | null, name: string): string {
  const value = body === null ? undefined : (body as Record<string, unknown>)[name];
  return typeof value === "string" ? value : "";
}

/** By XMLHttpRequest, the only way a browser tells how much of a body has left. */
function sendPart(
  address: string,
  token: string,
  number: number,
  bytes: Blob,
  sent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let stalled: ReturnType<typeof setTimeout>;
    const moved = () => {
      clearTimeout(stalled);
      stalled = setTimeout(() => request.abort(), STALLED_MS);
    };
    const broken = () => reject(new Refusal(0, "", ""));
    request.upload.onprogress = (event) => {
      moved();
      // The body is a little more than the part: the form around it.
      sent(Math.min(bytes.size, event.loaded));
    };
    request.onload = () => {
      try {
        understood(request.status, request.responseText);
        resolve();
      } catch (refusal) {
        reject(refusal);
      }
    };
    request.onerror = broken;
    request.onabort = broken;
    request.onloadend = () => clearTimeout(stalled);
    signal.addEventListener("abort", () => request.abort(), { once: true });
    const form = new FormData();
    form.append("number", String(number));
    form.append("data", bytes, "part");
    request.open("POST", address);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", token);
    moved();
    request.send(form);
  });
}
