import { describe, expect, it } from "vitest";
import { Pace } from "./pace";

function made(seconds: readonly number[]): Pace {
  const pace = new Pace();
  let at = 1_000;
  seconds.forEach((took, index) => {
    at += took;
    pace.took(index + 1, at);
  });
  return pace;
}

describe("Pace", () => {
  it("says nothing before there is something to compare", () => {
    expect(made([1, 1, 1, 1, 1]).left(10)).toBeNull();
  });

  it("gives the time by the fastest and by the slowest block", () => {
    const seconds = [
      9,
      ...Array(4).fill(1),
      ...Array(4).fill(2),
      ...Array(4).fill(1),
      ...Array(4).fill(4),
    ];
    const left = made([...seconds, ...Array(4).fill(1)]).left(10);
    expect(left).toEqual({ low: 10, high: 40 });
  });

  it("forgets what was before a step that came again", () => {
    const pace = made(Array(30).fill(1));
    pace.took(20, 2_000);
    expect(pace.left(10)).toBeNull();
  });

  it("looks at the newest steps only", () => {
    const left = made([...Array(200).fill(50), ...Array(100).fill(2)]).left(1);
    expect(left).toEqual({ low: 2, high: 2 });
  });
});
