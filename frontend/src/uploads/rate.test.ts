import { expect, test } from "vitest";
import { Rate } from "./rate";

test("a rate is told once there is enough to tell, and forgets what is long ago", () => {
  const rate = new Rate();
  rate.add(0, 0);
  rate.add(1, 100);
  expect(rate.perSecond()).toBeNull();

  rate.add(2, 200);
  expect(rate.perSecond()).toBe(100);

  for (let second = 3; second <= 30; second += 1) {
    rate.add(second, 200 + (second - 2) * 10);
  }
  expect(rate.perSecond()).toBeCloseTo(10);
});

test("a part that is sent again is no negative speed", () => {
  const rate = new Rate();
  rate.add(0, 0);
  rate.add(5, 500);
  rate.add(6, 300);

  expect(rate.perSecond()).toBeNull();
});
