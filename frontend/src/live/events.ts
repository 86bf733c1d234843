// Written by frontend/generate_events.py from protocol/events.py; do not edit.

export interface Artifact {
  readonly at: number;
  readonly type: "artifact";
  readonly name: string;
  readonly path: string;
  readonly sha256: string;
  readonly size_bytes: number;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Checkpoint {
  readonly at: number;
  readonly type: "checkpoint";
  readonly step: number;
  readonly path: string;
  readonly sha256: string;
  readonly size_bytes: number;
  readonly train_loss: number | null;
  readonly valid_loss: number | null;
}

export interface Evaluated {
  readonly at: number;
  readonly type: "evaluated";
  readonly step: number;
  readonly valid_loss: number;
  readonly valid_accuracy: number;
  readonly n_tokens: number;
}

export interface Failed {
  readonly at: number;
  readonly type: "failed";
  readonly code: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly permanent: boolean;
}

export interface Finished {
  readonly at: number;
  readonly type: "finished";
  readonly summary: Readonly<Record<string, unknown>>;
}

export interface Moved {
  readonly at: number;
  readonly type: "moved";
  readonly state: string;
  readonly previous: string;
  readonly reason: string;
  readonly attempt: number;
}

export interface Progress {
  readonly at: number;
  readonly type: "progress";
  readonly stage: string;
  readonly done: number;
  readonly total: number | null;
  readonly unit: string;
}

export interface Ready {
  readonly at: number;
  readonly type: "ready";
  readonly url: string;
  readonly models: readonly string[];
}

export interface Sentinel {
  readonly at: number;
  readonly type: "sentinel";
  readonly kind: "not_finite" | "exploding" | "zero_loss" | "plateau" | "out_of_memory";
  readonly step: number;
  readonly watched: "loss" | "grad_norm" | "valid_loss" | "pass_tokens";
  readonly value: number | null;
  readonly limit: number | null;
  readonly action: "rolled_back" | "smaller_passes" | "stopped" | "failed";
  readonly facts: Readonly<Record<string, number>>;
}

export interface SetAside {
  readonly at: number;
  readonly type: "set_aside";
  readonly path: string;
  readonly kept_as: string;
  readonly files: readonly string[];
  readonly reason: string;
}

export interface Started {
  readonly at: number;
  readonly type: "started";
  readonly resumed_step: number | null;
  readonly facts: Readonly<Record<string, string | number>>;
}

export interface Step {
  readonly at: number;
  readonly type: "step";
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  readonly train_loss: number;
  readonly train_accuracy: number;
  readonly lr: number;
  readonly grad_norm: number;
  readonly tokens_per_s: number;
  readonly tokens: number;
  readonly trained_tokens: number;
  readonly eta_s: number;
}

export interface Warned {
  readonly at: number;
  readonly type: "warned";
  readonly code: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export type JobEvent =
  | Artifact
  | Checkpoint
  | Evaluated
  | Failed
  | Finished
  | Moved
  | Progress
  | Ready
  | Sentinel
  | SetAside
  | Started
  | Step
  | Warned;
