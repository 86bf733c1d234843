/** Uploads that this browser began and did not finish; kept over a reload. */

const KEY = "studio-uploads";
/** The studio keeps an upload of a page open for a day after its newest part. */
const KEPT_MS = 24 * 3600 * 1000;

export interface Remembered {
  /** Which file it is (fingerprint.ts). */
  readonly fingerprint: string;
  readonly id: string;
  /** Where it is sent to: a project's address, and what for. */
  readonly target: string;
  readonly name: string;
  readonly size: number;
  /** Bytes that were safe when this was written. */
  readonly done: number;
  readonly at: number;
}

/** The unfinished uploads of a target that may still be open, the newest first. */
export function remembered(target: string, now = Date.now()): Remembered[] {
  return all(now).filter((upload) => upload.target === target);
}

export function remember(upload: Omit<Remembered, "at">, now = Date.now()): void {
  const others = all(now).filter((other) => other.id !== upload.id);
  write([{ ...upload, at: now }, ...others]);
}

export function forget(id: string, now = Date.now()): void {
  write(all(now).filter((upload) => upload.id !== id));
}

function all(now: number): Remembered[] {
  return read()
    .filter(isRemembered)
    .filter((upload) => now - upload.at < KEPT_MS);
}

function read(): unknown[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(value) ? value : [];
  } catch {
    // Storage that is forbidden or was tampered with: nothing is remembered, uploads work all the same.
    return [];
  }
}

function write(uploads: readonly Remembered[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(uploads));
  } catch {
    // Full or forbidden: after a reload this upload begins anew.
  }
}

function isRemembered(value: unknown): value is Remembered {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const { fingerprint, id, target, name, size, done, at } = value as Record<string, unknown>;
  return (
    [fingerprint, id, target, name].every((text) => typeof text === "string") &&
    [size, done, at].every((figure) => typeof figure === "number")
  );
}
