/** How long a run still takes, by its own pace: that of its slowest and of its fastest block of late steps. */

/** Steps looked at, and blocks whose pace is compared: as the server does for its REST answer. */
const STEPS = 100;
const BLOCKS = 5;

export interface Left {
  /** Seconds. */
  readonly low: number;
  readonly high: number;
}

export class Pace {
  /** Seconds since the epoch at which the newest steps were made. */
  private times: number[] = [];
  private step = 0;

  /** A step was made. One that comes again, after a restart or a way back, begins the count anew. */
  took(step: number, ts: number): void {
    if (step !== this.step + 1) {
      this.times = [];
    }
    this.step = step;
    this.times.push(ts);
    if (this.times.length > STEPS + 1) {
      this.times.shift();
    }
  }

  /** Seconds until so many further steps are made; null until there is something to compare. */
  left(steps: number): Left | null {
    const size = Math.floor((this.times.length - 1) / BLOCKS);
    if (size < 1) {
      return null;
    }
    const first = this.times.length - 1 - BLOCKS * size;
    const paces = Array.from({ length: BLOCKS }, (_, block) => {
      const begin = this.times[first + block * size] ?? 0;
      const end = this.times[first + (block + 1) * size] ?? 0;
      return (end - begin) / size;
    });
    return { low: steps * Math.min(...paces), high: steps * Math.max(...paces) };
  }
}
