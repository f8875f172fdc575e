import "./browser";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { changeMeta, readMeta, withDatabase } from "../src/database";
import { choosePin, heardNews, lock, takeSnapshot, tryPin } from "../src/entering";
import { setPin } from "../src/lock";
import { reload, set, state } from "../src/state";
import { enrolAs } from "../src/store";
import type { Device, Snapshot } from "../src/types";

const PIN = "135790";
const device = (device_id: string): Device => ({
  device_id,
  token: `token of ${device_id}`,
  seal_key: { id: "k", jwk: {} },
  wrap_iter: 1,
  trainer: "",
});
const lists = (version: number): Snapshot => ({
  version,
  full: true,
  server_time: version,
  expires_at: version + 1,
  seal_key: { id: "k2", jwk: {} },
  sessions: [],
  roster: [],
  aliases: [],
  removed: { sessions: [], roster: [] },
  states: [],
});

/** Once, as soon as something is asked of the database. */
function whenAsked(method: "getAllKeys", work: () => void): void {
  const whole = IDBObjectStore.prototype[method] as (...given: unknown[]) => IDBRequest;
  Object.assign(IDBObjectStore.prototype, {
    [method](this: IDBObjectStore, ...given: unknown[]) {
      Object.assign(IDBObjectStore.prototype, { [method]: whole });
      work();
      return whole.apply(this, given);
    },
  });
}

beforeEach(async () => {
  await withDatabase(async (db) => {
    for (const name of ["meta", "events", "evidence", "vault"] as const) await db.clear(name);
  });
  await enrolAs(device("d1"));
  set({ snapshot: null, names: new Map(), screen: { at: "home" } });
  await reload();
  await choosePin(PIN);
  await takeSnapshot(lists(1));
});

test("the PIN opens what was kept; another does not", async () => {
  lock();
  assert.deepEqual([state.snapshot, state.screen.at], [null, "unlock"]);
  assert.equal(await tryPin("000001"), 9);
  assert.equal(await tryPin(PIN), null);
  assert.equal(state.snapshot?.version, 1);
});

test("locked while the lists are being opened they stay closed", async () => {
  whenAsked("getAllKeys", () => lock());
  await heardNews();
  assert.equal(state.snapshot, null);
});

test("what was kept under another PIN locks nobody out", async () => {
  const value = await withDatabase((db) => db.get("vault", "snapshot"));
  await setPin(PIN, 1);
  await withDatabase((db) => db.put("vault", value!, "snapshot"));
  lock();
  assert.equal(await tryPin(PIN), null);
  assert.equal(state.snapshot, null);
});

test("lists that come while another tab enrols leave the new name alone", async () => {
  await enrolAs(device("d2"));
  await takeSnapshot(lists(2));
  assert.deepEqual(await readMeta("device"), device("d2"));
  assert.equal(await withDatabase((db) => db.getKey("vault", "snapshot")), undefined);
  await heardNews();
  assert.deepEqual([state.snapshot, state.screen.at], [null, "set_pin"]);
});

test("reported lost in one tab, the lists go in all", async () => {
  await changeMeta("flags", { wiping: true });
  await heardNews();
  assert.deepEqual([state.snapshot, state.screen.at], [null, "wiped"]);
});
