/** `form[data-mix]`: shares that add up to 100. A range `data-dial="name"` and the number `name` say the same; moving one
 * share takes from the others, or gives to them, in proportion. Without script the numbers are typed and checked by the server. */
import { behaviour } from "../behaviour";

/** The shares after one was set: the others keep their proportions, and all add up to 100. */
export function rebalanced(shares: readonly number[], index: number, value: number): number[] {
  const set = Math.min(100, Math.max(0, value));
  const rest = shares.reduce((sum, share, at) => (at === index ? sum : sum + share), 0);
  const left = 100 - set;
  const next = shares.map((share, at) => {
    if (at === index) {
      return set;
    }
    return tenth(rest > 0 ? (share / rest) * left : left / (shares.length - 1));
  });
  // What rounding lost goes to the largest of the others.
  const off = tenth(100 - next.reduce((sum, share) => sum + share, 0));
  const others = next.map((_, at) => at).filter((at) => at !== index);
  const largest = others.reduce(
    (best, at) => ((next[at] ?? 0) > (next[best] ?? 0) ? at : best),
    others[0] ?? index,
  );
  next[largest] = tenth((next[largest] ?? 0) + off);
  return next;
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

behaviour("form[data-mix]", (form) => {
  const ranges = [...form.querySelectorAll<HTMLInputElement>("input[data-dial]")];
  const numbers = ranges.map((range) =>
    form.querySelector<HTMLInputElement>(`input[name="${range.dataset.dial}"]`),
  );
  const total = form.querySelector<HTMLOutputElement>("[data-dial-total]");
  const show = (shares: readonly number[], typed: number): void => {
    shares.forEach((share, at) => {
      const [range, number] = [ranges[at], numbers[at]];
      if (range) {
        range.value = String(share);
      }
      if (number && at !== typed) {
        number.value = String(share);
      }
    });
    const sum = tenth(shares.reduce((all, share) => all + share, 0));
    if (total) {
      total.value = String(sum);
      total.toggleAttribute("data-wrong", sum !== 100);
    }
  };
  const read = (): number[] => numbers.map((number) => Number(number?.value ?? 0) || 0);
  ranges.forEach((range, at) => {
    range.hidden = false;
    range.addEventListener("input", () => show(rebalanced(read(), at, Number(range.value)), -1));
    // A typed number stays as it was typed; the others follow when the field is left.
    numbers[at]?.addEventListener("input", () => show(read(), at));
    numbers[at]?.addEventListener("change", () =>
      show(rebalanced(read(), at, Number(numbers[at]?.value ?? 0)), -1),
    );
  });
});
