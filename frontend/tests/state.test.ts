import "./browser";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { withDatabase } from "../src/database";
import { added, goOn, reload, set, state, written } from "../src/state";
import { append, enrolAs } from "../src/store";

const draft = (learner_id: string) =>
  ({
    kind: "mark",
    session_id: "s",
    learner_id,
    status: "PRESENT",
    source: "trainer",
    base: null,
    snapshot_version: 1,
  }) as const;
const shown = (): string[] => (state.rows.get("s") ?? []).map((row) => row.body.learner_id ?? "");

/** What runs when everything of this turn of the database is read and nothing is shown yet. */
function whenRead(work: () => Promise<void>): Promise<void> {
  const whole = IDBObjectStore.prototype.getAll;
  return new Promise((done, failed) => {
    IDBObjectStore.prototype.getAll = function (...given) {
      IDBObjectStore.prototype.getAll = whole;
      const asked = whole.apply(this, given);
      asked.addEventListener("success", () => void work().then(done, failed));
      return asked;
    };
  });
}

beforeEach(async () => {
  await withDatabase(async (db) => {
    for (const name of ["meta", "events", "evidence", "vault"] as const) await db.clear(name);
  });
  await enrolAs({ device_id: "d", token: "t", seal_key: { id: "k", jwk: {} }, wrap_iter: 1, trainer: "" });
  await reload();
});

test("a mark that is stored while all is read keeps its tick and its count", async () => {
  await added(await append([draft("a")]));
  const meanwhile = whenRead(async () => added(await append([draft("b")])));
  await Promise.all([reload(), meanwhile]);
  assert.deepEqual(shown(), ["a", "b"]);
  assert.deepEqual([state.counts.saved, state.counts.waiting], [2, 2]);
});

test("each write is made from what is shown after the one before", async () => {
  const seen: string[][] = [];
  const one = (learner: string) => async () => {
    seen.push(shown());
    return append([draft(learner)]);
  };
  const failed = written(async () => Promise.reject(new Error("full")));
  await Promise.all([assert.rejects(failed), written(one("a")), written(one("b"))]);
  assert.deepEqual(seen, [[], ["a"]]);
});

test("work that ends after the tablet was locked leads nowhere", () => {
  set({ screen: { at: "unlock" } });
  goOn("close", { screen: { at: "home" } });
  assert.equal(state.screen.at, "unlock");
  set({ screen: { at: "close", session: "s" } });
  goOn("close", { screen: { at: "home" } });
  assert.equal(state.screen.at, "home");
});
