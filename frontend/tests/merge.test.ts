import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { said } from "../src/cases";

const { cases } = JSON.parse(readFileSync("../tests/courses/merge_cases.json", "utf8"));

for (const { name, events, expected } of cases) {
  test(`merge: ${name}`, () => {
    assert.deepEqual(said(events), expected);
    assert.deepEqual(said([...events].reverse().concat(events.slice(0, 3))), expected);
  });
}
