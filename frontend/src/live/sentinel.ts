/** What a sentinel saw and did, as a line of the log: the page's words with the event's numbers in them. */
import type { Sentinel } from "./events";

export type SentinelWords = Readonly<Record<string, string>>;

/** The words in the page's language, from the JSON the template left. */
export function sentinelWords(root: Document): SentinelWords {
  const text = root.getElementById("sentinel-words")?.textContent;
  return text ? (JSON.parse(text) as SentinelWords) : {};
}

export function sentinelLine(event: Sentinel, words: SentinelWords): string {
  const numbers: Readonly<Record<string, number | null>> = {
    step: event.step,
    value: event.value,
    limit: event.limit,
    ...event.facts,
  };
  return [event.kind, event.action]
    .map((part) =>
      (words[part] ?? part).replace(/\{(\w+)\}/g, (_, name: string) => shown(numbers[name])),
    )
    .join("; ");
}

function shown(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : String(Number(value.toFixed(3)));
}
