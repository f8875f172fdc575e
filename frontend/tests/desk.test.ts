import assert from "node:assert/strict";
import { test } from "node:test";
import { Once, byCode } from "../src/desk";
import { signInStatus } from "../src/session";
import type { ClassSession, RosterRow } from "../src/types";

test("a code held before the camera is one sign-in, and one again three seconds after it left", () => {
  const once = new Once();
  const seen = [0, 120, 240, 2900, 5800, 8801].map((at) => once.isNew("T1.a", at));
  assert.deepEqual(seen, [true, false, false, false, false, true]);
});

test("another code in between is somebody else at once", () => {
  const once = new Once();
  const seen = ["T1.a", "T1.b", "T1.a"].map((code, n) => once.isNew(code, n));
  assert.deepEqual(seen, [true, true, true]);
});

const session = {
  starts: "2026-10-12T09:00+08:00",
  late_after_min: 15,
} as unknown as ClassSession;
const at = (time: string): number => Date.parse(`2026-10-12T${time}+08:00`);

test("late after the minutes that the class allows, and never by a clock that nobody knows", () => {
  assert.equal(signInStatus(session, at("08:40:00"), true), "PRESENT");
  assert.equal(signInStatus(session, at("09:15:00"), true), "PRESENT");
  assert.equal(signInStatus(session, at("09:15:01"), true), "LATE");
  assert.equal(signInStatus(session, at("11:00:00"), false), "PRESENT");
  const strict = { ...session, late_after_min: 0 };
  assert.equal(signInStatus(strict, at("09:00:01"), true), "LATE");
});

test("codes: one's own, a stranger's, a shop's", () => {
  const code = "T1.abcdefghijkl.abcdef";
  const roster = [{ learner: "l", qr: code }] as unknown as RosterRow[];
  assert.deepEqual(byCode(roster, ` ${code} `), { is: "found", learner: "l" });
  const other = "T1.abcdefghijkl.ghijkl";
  assert.deepEqual(byCode(roster, other), { is: "stranger", qr: other });
  assert.deepEqual(byCode(roster, "https://example.org/"), { is: "nothing" });
});
