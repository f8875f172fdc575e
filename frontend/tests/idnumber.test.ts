import assert from "node:assert/strict";
import { test } from "node:test";
import { isIdNumber, normalised } from "../src/idnumber";

test("the check character of an ID number", () => {
  assert.ok(isIdNumber("11010519491231002X"));
  assert.ok(isIdNumber("440524188001010014"));
  assert.ok(!isIdNumber("110105194912310021"));
  assert.ok(!isIdNumber("11010519491231002"));
  assert.ok(!isIdNumber("01010519491231002X"));
  assert.equal(normalised(" 11010519491231002x "), "11010519491231002X");
});
