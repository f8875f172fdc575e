import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tally } from "../src/session";
import { figuresOf, lapsed } from "../src/signing";
import type { CloseDraft } from "../src/types";

const tally = (counted: Partial<Tally["counted"]>, unmarked = 0): Tally => {
  const all = { PRESENT: 0, LATE: 0, LEFT_EARLY: 0, LEAVE: 0, ABSENT: 0, ...counted };
  const sum = Object.values(all).reduce((a, b) => a + b, 0) + unmarked;
  return { all: sum, unmarked, counted: all, inRoom: all.PRESENT + all.LATE };
};
const counted = (heads: number | null): CloseDraft => (heads === null ? {} : { count: { heads, at: 1 } });
const signed = (under: Tally, heads: number | null): CloseDraft => {
  const draft = counted(heads);
  return { ...draft, signature: { bytes: new ArrayBuffer(1), at: 2, signed: figuresOf(under, draft) } };
};
const THEN = tally({ PRESENT: 54, ABSENT: 3 }, 3);

test("a signature stands under the numbers that it was given under", () => {
  assert.deepEqual(lapsed(THEN, signed(THEN, 53)), []);
  assert.deepEqual(lapsed(THEN, counted(53)), []);
});

test("who is not marked counts as absent already: saying so changes no number", () => {
  assert.deepEqual(lapsed(tally({ PRESENT: 54, ABSENT: 6 }), signed(THEN, 53)), []);
});

test("another number of heads was not signed for", () => {
  const draft = { ...signed(THEN, 53), ...counted(54) };
  assert.deepEqual(lapsed(THEN, draft), [{ of: "heads", before: 53, after: 54 }]);
  // Back at the number that was signed it holds again.
  assert.deepEqual(lapsed(THEN, { ...draft, ...counted(53) }), []);
});

test("nor was another result of the roll, though the heads are the same", () => {
  const now = tally({ PRESENT: 53, LEAVE: 1, ABSENT: 3 }, 3);
  assert.deepEqual(lapsed(now, signed(THEN, 53)), [
    { of: "PRESENT", before: 54, after: 53 },
    { of: "LEAVE", before: 0, after: 1 },
  ]);
});

test("a field that is emptied to be typed anew changes nothing yet", () => {
  const { count: _, ...emptied } = signed(THEN, 53);
  assert.deepEqual(lapsed(THEN, emptied), []);
});

test("who signed before the heads were counted has signed for no number", () => {
  const early = signed(THEN, null);
  assert.deepEqual(lapsed(THEN, early), []);
  assert.deepEqual(lapsed(THEN, { ...early, ...counted(53) }), [{ of: "heads", before: null, after: 53 }]);
});
