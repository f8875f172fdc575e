import assert from "node:assert/strict";
import { test } from "node:test";
import { UNKNOWN_CLOCK, heard, stamp, wasSetBack } from "../src/clock";

const HOUR = 3_600_000;

test("times are corrected by the distance to the server", () => {
  const wall = Date.now();
  const clock = heard(UNKNOWN_CLOCK, wall + 5000, wall, 2000);
  const [times, after] = stamp(clock, wall + 10, performance.now());
  assert.deepEqual(times, { wall_ms: wall + 10, skew_ms: 6000, t_ms: wall + 6010 });
  const [next] = stamp(after, wall + 10, performance.now());
  assert.equal(next.t_ms, wall + 6011);
});

test("a clock that was set back is known to be unknown", () => {
  const wall = Date.now();
  const clock = heard(UNKNOWN_CLOCK, wall, wall, 0);
  assert.ok(!wasSetBack(clock, wall - 60_000, performance.now()));
  const [times] = stamp(clock, wall - 2 * 365 * 24 * HOUR, performance.now());
  assert.equal(times.skew_ms, null);
});

test("marks made while it was years ahead do not carry the later ones along", () => {
  const wall = Date.now();
  const ahead = { skew_ms: null, last_t_ms: wall + 1000 * HOUR, last_wall_ms: wall + 1000 * HOUR };
  const clock = heard(ahead, wall, wall, 0);
  const [times] = stamp(clock, wall + 1, performance.now());
  assert.equal(times.t_ms, wall + 1);
});
