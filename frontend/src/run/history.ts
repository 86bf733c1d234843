/** A run's curves as the server folds them: each point stands for `width` steps and keeps their lowest and highest value. */

export interface Curve {
  readonly low: readonly number[];
  readonly mean: readonly number[];
  readonly high: readonly number[];
}

export interface History {
  readonly first: number;
  readonly last: number;
  readonly width: number;
  readonly steps: readonly number[];
  readonly train_loss: Curve;
  readonly lr: Curve;
  readonly grad_norm: Curve;
  readonly tokens_per_s: Curve;
  readonly evaluated: readonly number[];
  readonly valid_loss: Curve;
  readonly last_seq: number;
}

/** Steps from and to, both shown. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The curves, or a part of them; nothing where the server is away or refuses. */
export async function fetchHistory(source: string, part?: Range): Promise<History | null> {
  const address = new URL(source, location.href);
  if (part) {
    address.searchParams.set("from", String(Math.max(1, Math.floor(part.from))));
    address.searchParams.set("to", String(Math.max(1, Math.ceil(part.to))));
  }
  try {
    const answer = await fetch(address, { headers: { accept: "application/json" } });
    return answer.ok ? ((await answer.json()) as History) : null;
  } catch (error) {
    // fetch says TypeError for a network that is away; the socket goes on trying, and brings the curves itself.
    if (error instanceof TypeError) {
      return null;
    }
    throw error;
  }
}
