/** How fast bytes leave, over the last seconds: a figure that neither jumps nor lags. */

const WINDOW_S = 12;
/** Before that a figure would be a guess. */
const MEASURED_S = 1.5;

export class Rate {
  private samples: { readonly at: number; readonly bytes: number }[] = [];

  /** `bytes` in all have left at `at` seconds. */
  add(at: number, bytes: number): void {
    const last = this.samples.at(-1);
    if (last && bytes < last.bytes) {
      // A part that broke off is sent again.
      this.samples = [];
    }
    this.samples.push({ at, bytes });
    while (this.samples.length > 2 && at - (this.samples[0]?.at ?? at) > WINDOW_S) {
      this.samples.shift();
    }
  }

  reset(): void {
    this.samples = [];
  }

  /** Bytes a second; null until there is enough to tell. */
  perSecond(): number | null {
    const [first, last] = [this.samples[0], this.samples.at(-1)];
    if (!first || !last || last.at - first.at < MEASURED_S) {
      return null;
    }
    return (last.bytes - first.bytes) / (last.at - first.at);
  }
}
