import assert from "node:assert/strict";
import { test } from "node:test";
import { LineReader } from "../src/reader";

function typed(text: string, gap: number): { lines: string[]; keys: string[] } {
  const lines: string[] = [];
  const keys: string[] = [];
  const line = (each: string) => void lines.push(each);
  const reader = new LineReader({ line, key: (each) => void keys.push(each) });
  let at = 0;
  for (const key of [...text, "Enter"]) reader.press(key, (at += gap));
  return { lines, keys };
}

test("a reader's number and code are whole lines", () => {
  assert.deepEqual(typed("11010519491231002x", 1).lines, ["11010519491231002x"]);
  assert.deepEqual(typed("T1.kx93.abc", 1).lines, ["T1.kx93.abc"]);
});

test("what fingers type stays keys, however slow", () => {
  const { lines, keys } = typed("123", 3000);
  assert.deepEqual(lines, []);
  assert.deepEqual(keys, ["1", "2", "3", "Enter"]);
});
