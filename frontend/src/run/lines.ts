/** Events as lines of a run's log: the page's words with the event's numbers in them, as the server writes them. */
import type { JobEvent, Sentinel } from "../live/events";
import { loss, size } from "../live/format";

export type LineWords = Readonly<Record<string, string>>;

type Values = Readonly<Record<string, string | number | null>>;

/** The words in the page's language, from the JSON the template left. */
export function lineWords(root: Document): LineWords {
  const text = root.getElementById("line-words")?.textContent;
  return text ? (JSON.parse(text) as LineWords) : {};
}

/** The line for an event; nothing for one that is not told in the log. `state` is a job's state as the page calls it. */
export function eventLine(
  event: JobEvent,
  words: LineWords,
  state: (name: string) => string,
): string | null {
  switch (event.type) {
    case "step":
    case "progress":
      return null;
    case "sentinel":
      return sentinelLine(event, words);
    case "started":
      return event.resumed_step === null
        ? filled("started", words, {})
        : filled("resumed", words, { step: event.resumed_step });
    case "checkpoint":
      return filled("checkpoint", words, { step: event.step });
    case "evaluated":
      return filled("evaluated", words, { step: event.step, value: loss(event.valid_loss) });
    case "set_aside":
      return filled("set_aside", words, { path: event.path, reason: event.reason });
    case "artifact":
      return filled("artifact", words, { name: event.name, size: size(event.size_bytes) });
    case "warned":
      return filled("warned", words, { message: event.message });
    case "failed":
      return filled("error", words, { message: event.message });
    case "moved":
      return filled("moved", words, {
        state: state(event.state),
        reason: words[event.reason] ?? event.reason,
      });
    default:
      return filled(event.type, words, {});
  }
}

function sentinelLine(event: Sentinel, words: LineWords): string {
  const numbers: Record<string, number | null> = {
    step: event.step,
    value: event.value,
    limit: event.limit,
    ...event.facts,
  };
  const shown = Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [
      name,
      value === null ? "–" : String(Number(value.toFixed(3))),
    ]),
  );
  return [event.kind, event.action].map((part) => filled(part, words, shown)).join("; ");
}

function filled(name: string, words: LineWords, values: Values): string {
  return (words[name] ?? name).replace(/\{(\w+)\}/g, (_, key: string) =>
    String(values[key] ?? "–"),
  );
}
