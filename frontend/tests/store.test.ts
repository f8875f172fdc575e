import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { changeMeta, readMeta, withDatabase } from "../src/database";
import { batchOf } from "../src/sync";
import * as store from "../src/store";
import type { Device } from "../src/types";

const device = (device_id: string): Device => ({
  device_id,
  token: "t",
  seal_key: { id: "k", jwk: {} },
  wrap_iter: 1,
  trainer: "",
});
const draft = (session_id = "s"): store.Draft => ({
  kind: "mark",
  session_id,
  learner_id: "l",
  status: "PRESENT",
  source: "trainer",
  base: null,
  snapshot_version: 1,
});
const answer = (event_id: string, result: store.Result["result"], code?: string): store.Result => ({
  event_id,
  result,
  ...(code ? { code } : {}),
});

beforeEach(async () => {
  await withDatabase(async (db) => {
    for (const name of ["meta", "events", "evidence", "vault"] as const) await db.clear(name);
  });
  await store.enrolAs(device("d1"));
});

test("numbers follow each other, times never go back, whoever writes at once", async () => {
  await Promise.all([store.append([draft(), draft()]), store.append([draft()]), store.append([draft()])]);
  const rows = await store.waiting();
  assert.deepEqual(rows.map((row) => row.seq), [1, 2, 3, 4]);
  const times = rows.map((row) => row.body.t_ms);
  assert.equal(new Set(times).size, 4);
  assert.deepEqual(times, [...times].sort((a, b) => a - b));
});

test("a write that fails leaves neither event nor number", async () => {
  await store.append([draft()]);
  const [first] = await store.waiting();
  const twice = { ...draft(), event_id: first!.event_id };
  await assert.rejects(store.append([draft(), twice]));
  assert.equal((await store.waiting()).length, 1);
  assert.equal(await readMeta("seq"), 1);
});

test("without enrolment nothing is written", async () => {
  await withDatabase((db) => db.delete("meta", "device"));
  await assert.rejects(store.append([draft()]), /not enrolled/);
});

test("answers move rows; unreadable ones stay and wait no more", async () => {
  const rows = await store.append([draft(), draft(), draft()]);
  const [a, b, c] = rows.map((row) => row.event_id) as [string, string, string];
  await store.settle([answer(a, "accepted"), answer(b, "parked", "x"), answer(c, "unreadable")]);
  assert.deepEqual((await store.refused()).map((row) => row.event_id), [c]);
  const all = await store.everything();
  assert.deepEqual(all.rows.filter(store.isParked).map((row) => row.event_id), [b]);
  assert.equal((await store.waiting()).length, 0);
  const counts = store.counted(all, 0);
  assert.deepEqual(counts, { saved: 3, uploaded: 2, waiting: 0, refused: 1, evidence: 0, evidenceRefused: 0 });
});

test("what the server misses waits again, but not at once", async () => {
  const [row] = await store.append([draft()]);
  await store.settle([answer(row!.event_id, "accepted")]);
  assert.equal(await store.sendAgain("d1", [[1, 5]]), 0);
  await withDatabase(async (db) => {
    const sent = await db.get("events", row!.event_id);
    await db.put("events", { ...sent!, sent_at: Date.now() - 3_600_000 });
  });
  assert.equal(await store.sendAgain("d2", [[1, 5]]), 0);
  assert.equal(await store.sendAgain("d1", [[1, 5]]), 1);
  assert.equal((await store.waiting()).length, 1);
});

test("what is missed waits again though the clock was years ahead when it was sent", async () => {
  const [row] = await store.append([draft()]);
  await store.settle([answer(row!.event_id, "accepted")]);
  await withDatabase(async (db) => {
    const sent = await db.get("events", row!.event_id);
    await db.put("events", { ...sent!, sent_at: Date.now() + 2 * 365 * 86_400_000 });
  });
  assert.equal(await store.sendAgain("d1", [[1, 1]]), 1);
});

test("enrolled anew: new numbers, the same event ids, what a backup holds untouched", async () => {
  const rows = await store.append([draft(), draft(), draft(), draft()]);
  const ids = rows.map((row) => row.event_id) as [string, string, string, string];
  await store.settle([answer(ids[0], "accepted"), answer(ids[1], "parked", "seq_reused")]);
  await changeMeta("sync", { durableSeq: 1, snapshotAt: Date.now(), uploadedAt: 5 });
  await store.enrolAs(device("d2"));
  const open = await store.waiting();
  assert.deepEqual(open.map((row) => [row.event_id, row.device, row.seq, row.body.seq]), [
    [ids[1], "d2", 1, 1],
    [ids[2], "d2", 2, 2],
    [ids[3], "d2", 3, 3],
  ]);
  const [next] = await store.append([draft()]);
  assert.equal(next!.seq, 4);
  // The lists went, and what was known of them.
  assert.deepEqual(await readMeta("sync"), { uploadedAt: 5 });
});

test("enrolled anew: what was uploaded and is in no backup is brought once more", async () => {
  const rows = await store.append([draft(), draft(), draft()]);
  const ids = rows.map((row) => row.event_id) as [string, string, string];
  await store.settle([answer(ids[0], "accepted"), answer(ids[1], "parked", "x"), answer(ids[2], "duplicate")]);
  await changeMeta("sync", { durableSeq: 1 });
  await store.enrolAs(device("d2"));
  // Number two is in custody: a server that was restored has lost that too.
  assert.deepEqual((await store.waiting()).map((row) => [row.event_id, row.seq]), [[ids[1], 1], [ids[2], 2]]);
  await store.settle([answer(ids[1], "parked", "x"), answer(ids[2], "duplicate")]);
  await changeMeta("sync", { durableSeq: 1 });
  await store.enrolAs(device("d3"));
  assert.deepEqual((await store.waiting()).map((row) => [row.event_id, row.seq]), [[ids[2], 1]]);
});

test("only what a backup holds and is old is forgotten", async () => {
  const rows = await store.append([draft(), draft(), draft()]);
  await store.settle(rows.slice(0, 2).map((row) => answer(row.event_id, "accepted")));
  const later = Date.now() + 31 * 24 * 3_600_000;
  assert.equal(await store.prune("d1", 1, Date.now()), 0);
  assert.equal(await store.prune("d1", 1, later), 1);
  assert.equal(await store.prune("d1", 3, later), 1);
  assert.equal((await store.waiting()).length, 1);
});

test("a batch keeps to the limits and is never empty", async () => {
  const rows = await store.append(Array.from({ length: 60 }, () => draft()));
  assert.equal(batchOf(rows, 50).length, 50);
  assert.equal(batchOf(rows, 50, 1).length, 1);
  const small = batchOf(rows, 50, 5000);
  assert.ok(small.length > 5 && JSON.stringify(small.map((row) => row.body)).length < 5000);
});
