/** What the grid asks of the server beside its concepts and its changes. */
import type { DraftState, Problem } from "./types";

export interface Moved extends DraftState {
  readonly error?: Problem;
  readonly uids?: readonly string[];
}

/** Undo or redo the person's last change. */
export async function move(url: string, token: string, name: "undo" | "redo"): Promise<Moved> {
  const response = await fetch(`${url}${name}`, {
    method: "POST",
    headers: { "x-csrftoken": token },
    redirect: "error",
  });
  return (await response.json()) as Moved;
}
