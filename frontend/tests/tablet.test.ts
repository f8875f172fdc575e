import "./browser";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Unreached, getSnapshot } from "../src/api";
import { UNKNOWN_CLOCK } from "../src/clock";
import { NAME, StorageLost, VERSION, changeMeta, close, withDatabase, writeMeta } from "../src/database";
import { queueFiles } from "../src/exporting";
import { addWalkIn } from "../src/marks";
import { checkAll } from "../src/ready";
import { append, enrolAs, everything, hear } from "../src/store";
import { isClassOpen } from "../src/update";

const YEAR_MS = 365 * 86_400_000;
const rsa = { name: "RSA-OAEP", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
const { publicKey } = await crypto.subtle.generateKey(rsa, true, ["encrypt", "decrypt"]);
const jwk = await crypto.subtle.exportKey("jwk", publicKey);
const draft = {
  kind: "mark",
  session_id: "s",
  learner_id: "l",
  status: "PRESENT",
  source: "trainer",
  base: null,
  snapshot_version: 1,
} as const;

beforeEach(async () => {
  await withDatabase(async (db) => {
    for (const name of ["meta", "events", "evidence", "vault"] as const) await db.clear(name);
  });
  await enrolAs({ device_id: "d".repeat(8), token: "t", seal_key: { id: "k", jwk }, wrap_iter: 1, trainer: "" });
});

for (const years of [-2, 0, 2]) {
  test(`a class is open whatever the tablet's clock says: ${years} years off`, async () => {
    await hear(Date.now() - years * YEAR_MS, 0);
    assert.equal(await isClassOpen(), false);
    await append([draft]);
    assert.equal(await isClassOpen(), true);
    await append([{ ...draft, kind: "close", learner_id: null, head_count: 1 }]);
    assert.equal(await isClassOpen(), false);
  });
}

test("a queue file bears the day of Shanghai", async () => {
  const late = Date.parse("2026-11-22T17:30:00Z");
  await writeMeta("clock", { ...UNKNOWN_CLOCK, skew_ms: late - Date.now() });
  assert.match((await queueFiles())?.files[0]?.name ?? "", /^attendance-2026-11-23-d{8}\.attq$/);
});

test("a fortnight of photos is exported in files that the office can take in", async () => {
  const bytes = new Uint8Array(400_000).buffer;
  const days = Array.from({ length: 30 }, (_, n) => `s${n}`);
  const evidence = days.map(
    (session_id) => ({ sha256: "a", session_id, kind: "photo", bytes, type: "", state: "waiting", at: 1 }) as const,
  );
  await append([draft], { evidence });
  const queue = await queueFiles();
  assert.deepEqual([queue?.files.length, queue?.pictures.length, queue?.events.length], [2, 30, 1]);
  for (const { content } of queue?.files ?? []) assert.ok(content.length < 20 * 1024 * 1024);
  assert.match(queue?.files[1]?.name ?? "", /-2\.attq$/);
});

test("who walks in while the tablet locks is stored, and named to the office alone", async () => {
  const person = { name: "张三", id_number: "", phone: "", village: "", qr: "" };
  await addWalkIn({ session: "s", version: 1 }, person, "PRESENT", null);
  const [row] = (await everything()).rows;
  assert.equal(row?.body.kind, "walkin");
  assert.ok(row?.body.sealed?.data && !JSON.stringify(row).includes("张三"));
  assert.deepEqual(await withDatabase((db) => db.getAllKeys("vault")), []);
});

test("lists that are here no more do not count as fresh", async () => {
  const isFresh = async () => (await checkAll()).find(({ name }) => name === "roster")?.ok;
  await changeMeta("sync", { snapshotAt: Date.now() });
  assert.equal(await isFresh(), false);
  const value = { iv: new ArrayBuffer(1), data: new ArrayBuffer(1) };
  await withDatabase((db) => db.put("vault", value, "snapshot"));
  assert.equal(await isFresh(), true);
});

test("what is no list of ours is not kept as one", async () => {
  globalThis.fetch = async () => Response.json({ welcome: "hotel" });
  await assert.rejects(getSnapshot("t"), (error) => error instanceof Unreached && error.why === "captive");
});

test("whatever is wrong with the storage is said, never swallowed", async () => {
  await close();
  const newer = await new Promise<IDBDatabase>((done) => {
    const opening = indexedDB.open(NAME, VERSION + 1);
    opening.onsuccess = () => done(opening.result);
  });
  newer.close();
  await assert.rejects(append([draft]), StorageLost);
  await new Promise((done) => (indexedDB.deleteDatabase(NAME).onsuccess = done));
  await assert.rejects(append([draft]), /not enrolled/);
});
