/** Numbers as a person reads them. */

export function number(value: number): string {
  return value.toLocaleString("en-US").replaceAll(",", "\u202f");
}

const UNITS = ["B", "KB", "MB", "GB", "TB"];

/** Bytes in the unit that fits, as the server writes them. */
export function size(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (amount >= 1000 && unit < UNITS.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${amount.toFixed(unit === 0 || amount >= 100 ? 0 : 1)}\u202f${UNITS[unit]}`;
}

export function loss(value: number | null): string {
  return value === null ? "–" : value.toFixed(3);
}

export function tokens(perSecond: number): string {
  return `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)} tok/s`;
}

/** "2 min 5 s", "1 h 3 min"; whole units, two at most. */
export function duration(seconds: number, lang: string): string {
  const words = lang.startsWith("zh") ? ["小时", "分", "秒"] : ["h", "min", "s"];
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const first = parts.findIndex((part) => part > 0);
  if (first === -1) {
    return `0 ${words[2]}`;
  }
  return parts
    .map((part, index) => ({ part, index }))
    .filter(({ part, index }) => part > 0 && index <= first + 1)
    .map(({ part, index }) => `${part} ${words[index]}`)
    .join(" ");
}

/** "2 min – 3 min": a range as one figure where both ends read the same. */
export function durationRange(low: number, high: number, lang: string): string {
  const [from, to] = [duration(low, lang), duration(high, lang)];
  return from === to ? from : `${from} – ${to}`;
}
