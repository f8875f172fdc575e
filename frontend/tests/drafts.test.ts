import "./browser";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { changeMeta, erase, readMeta, stepKey, withDatabase } from "../src/database";
import { draftOf, dropDraft, keep, keepAll, loadBegun } from "../src/drafts";
import { choosePin, dropLists, heardNews, lock, takeSnapshot, tryPin } from "../src/entering";
import { queueFiles } from "../src/exporting";
import { dataKey, encrypted } from "../src/lock";
import { closeSession } from "../src/marks";
import { onChange, reload, set, state, view } from "../src/state";
import * as store from "../src/store";
import type { CloseDraft, Device, SessionStatus, Snapshot } from "../src/types";

const PIN = "135790";
const AT = { session: "s", version: 1 };
const rsa = { name: "RSA-OAEP", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
const { publicKey } = await crypto.subtle.generateKey(rsa, true, ["encrypt", "decrypt"]);
const seal_key = { id: "k", jwk: await crypto.subtle.exportKey("jwk", publicKey) };
const device = (device_id: string): Device => ({ device_id, token: "t", seal_key, wrap_iter: 1, trainer: "" });
const lists = (version: number, classes: Record<string, SessionStatus>): Snapshot =>
  ({
    version,
    full: true,
    server_time: Date.now(),
    expires_at: Date.now() + 86_400_000,
    seal_key,
    sessions: Object.entries(classes).map(([id, status]) => ({ id, status, head_count: null })),
    roster: [],
    aliases: [],
    removed: { sessions: [], roster: [] },
    states: [],
  }) as unknown as Snapshot;
const bytesOf = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer as ArrayBuffer;
const FIGURES = { heads: 53, PRESENT: 54, LATE: 0, LEFT_EARLY: 0, LEAVE: 0, ABSENT: 6 };
const BEGUN: Required<CloseDraft> = {
  count: { heads: 53, at: 1 },
  looked: { marks: ["e1"], at: 2 },
  photo: { bytes: bytesOf("a photograph of people"), at: 3 },
  camera: { at: 3 },
  signature: { bytes: bytesOf("a signature"), at: 4, signed: FIGURES },
};
const kept = async (): Promise<string[]> => (await store.steps()).map(({ session, step }) => `${session} ${step}`);
const inVault = () => withDatabase((db) => db.getAllKeys("vault"));
const close = (heads = 53) => {
  const shown = view("s");
  assert.ok(shown);
  const photo = { kind: "photo", bytes: BEGUN.photo.bytes, type: "image/jpeg" } as const;
  return closeSession(AT, shown, heads, [photo]);
};

/** From now on the next request of this kind fails, as if the tablet had died there. */
function dies(method: "put" | "delete", isIt: (given: unknown[]) => boolean): void {
  const whole = IDBObjectStore.prototype[method] as (...given: unknown[]) => IDBRequest;
  Object.assign(IDBObjectStore.prototype, {
    [method](this: IDBObjectStore, ...given: unknown[]) {
      if (!isIt(given)) return whole.apply(this, given);
      Object.assign(IDBObjectStore.prototype, { [method]: whole });
      throw new DOMException("killed", "DataError");
    },
  });
}

beforeEach(async () => {
  await withDatabase(async (db) => {
    for (const name of ["meta", "events", "evidence", "vault"] as const) await db.clear(name);
  });
  await store.enrolAs(device("d1"));
  set({ snapshot: null, names: new Map(), begun: new Map(), screen: { at: "home" } });
  await reload();
  await choosePin(PIN);
  await takeSnapshot(lists(1, { s: "PLANNED", other: "PLANNED" }));
});

test("every step is there again after the PIN, as it was", async () => {
  await keepAll("s", BEGUN);
  await keep("other", "count", { heads: 9, at: 5 });
  lock();
  assert.equal(state.begun.size, 0);
  await tryPin(PIN);
  assert.deepEqual(draftOf("s"), BEGUN);
  assert.deepEqual(draftOf("other"), { count: { heads: 9, at: 5 } });
});

test("a step that is taken back is gone, and the others stay", async () => {
  await keepAll("s", BEGUN);
  const { signature: _, ...others } = BEGUN;
  void keep("s", "signature", { ...BEGUN.signature, at: 9 });
  await keep("s", "signature", null);
  assert.deepEqual(draftOf("s"), others);
  lock();
  await tryPin(PIN);
  assert.deepEqual(draftOf("s"), others);
});

test("nothing of it lies in clear, waits, counts, or is exported", async () => {
  const before = await store.everything();
  await keepAll("s", BEGUN);
  const values = await withDatabase((db) => db.getAll("vault"));
  const all = values.map(({ data }) => Buffer.from(data).toString("latin1")).join();
  for (const clear of ["photo", "signature", "heads", "PRESENT", Buffer.from("a photo").toString("base64").slice(0, 8)]) {
    assert.ok(!all.includes(clear), clear);
  }
  const after = await store.everything();
  assert.deepEqual(store.counted(after, 0), store.counted(before, 0));
  assert.deepEqual([after.rows, await store.evidenceWaiting()], [[], []]);
  const queue = await queueFiles();
  assert.deepEqual([queue?.events, queue?.pictures], [[], []]);
  assert.equal(view("s")?.isClosed, false);
});

test("a close takes it along: all of one or all of the other, wherever the tablet dies", async () => {
  await keepAll("s", BEGUN);
  await keep("other", "count", { heads: 9, at: 5 });
  const begun = await kept();
  const deaths: Parameters<typeof dies>[] = [
    ["put", ([row]) => (row as { kind?: string }).kind === "photo"],
    ["delete", ([range]) => range instanceof IDBKeyRange],
    ["put", ([, name]) => name === "seq"],
    ["put", ([, name]) => name === "clock"],
  ];
  for (const death of deaths) {
    dies(...death);
    await assert.rejects(close(), /killed|gone|lost/i);
    assert.deepEqual(await kept(), begun);
    assert.deepEqual([await store.waiting(), await store.evidenceWaiting()], [[], []]);
  }
  assert.equal((await close()).length, 1);
  assert.deepEqual(await kept(), ["other count"]);
  assert.equal((await store.evidenceWaiting()).length, 1);
});

test("what is still being written when the class is closed does not come back", async () => {
  const late = keep("s", "count", { heads: 53, at: 1 });
  await Promise.all([close(), late]);
  await keep("s", "photo", BEGUN.photo);
  assert.deepEqual(await kept(), []);
});

test("closed in two tabs at once it is closed once", async () => {
  const both = await Promise.all([close(53), close(54)]);
  assert.deepEqual(both.map((rows) => rows.length), [1, 0]);
  assert.equal((await store.waiting()).length, 1);
  assert.equal(await readMeta("seq"), 1);
});

test("given up it is gone, and back again if that was a slip", async () => {
  await keepAll("s", BEGUN);
  const before = draftOf("s");
  await dropDraft("s");
  assert.deepEqual([draftOf("s"), await kept()], [{}, []]);
  await keepAll("s", before);
  lock();
  await tryPin(PIN);
  assert.deepEqual(draftOf("s"), BEGUN);
});

for (const [what, classes] of [
  ["gone from the lists", { other: "PLANNED" }],
  ["closed elsewhere", { s: "CLOSED", other: "PLANNED" }],
  ["cancelled", { s: "CANCELLED", other: "PLANNED" }],
] as [string, Record<string, SessionStatus>][]) {
  test(`a class that is ${what} takes its begun close along`, async () => {
    await keepAll("s", BEGUN);
    await keep("other", "count", { heads: 9, at: 5 });
    await takeSnapshot(lists(2, classes));
    assert.deepEqual([draftOf("s"), await kept()], [{}, ["other count"]]);
    assert.deepEqual(draftOf("other").count?.heads, 9);
    await keep("s", "photo", BEGUN.photo);
    assert.deepEqual(await kept(), ["other count"]);
  });
}

test("enrolled anew nothing of it is left, and an old page writes nothing more", async () => {
  await keepAll("s", BEGUN);
  await store.enrolAs(device("d2"));
  assert.deepEqual(await inVault(), []);
  await keep("s", "photo", BEGUN.photo);
  await heardNews();
  assert.deepEqual([draftOf("s"), await inVault()], [{}, []]);
});

test("a tablet that was reported lost is empty and stays so", async () => {
  await keepAll("s", BEGUN);
  const key = dataKey();
  await changeMeta("flags", { wiping: true });
  await dropLists();
  await keep("s", "photo", BEGUN.photo, key);
  assert.deepEqual([draftOf("s"), await inVault()], [{}, []]);
  // It waits for nothing: the tablet is erased at once.
  assert.equal(await erase(), true);
  await keep("s", "photo", BEGUN.photo, key);
  assert.deepEqual(await inVault(), []);
});

test("a photo that comes when the tablet has locked itself is sealed, and there after the PIN", async () => {
  await keep("s", "count", BEGUN.count);
  const key = dataKey();
  lock();
  await keep("s", "photo", BEGUN.photo, key);
  assert.equal(state.begun.size, 0);
  assert.deepEqual(await kept(), ["s count", "s photo"]);
  await tryPin(PIN);
  assert.deepEqual(draftOf("s"), { count: BEGUN.count, photo: BEGUN.photo });
});

test("a photo that is sealed when the PIN was typed already is shown, too", async () => {
  const key = dataKey();
  lock();
  await tryPin(PIN);
  const shown = new Promise<void>((done) => onChange(() => draftOf("s").photo && done()));
  await Promise.all([keep("s", "photo", BEGUN.photo, key), shown]);
  onChange(() => undefined);
  assert.deepEqual(draftOf("s"), { photo: BEGUN.photo });
});

test("steps of two tabs lie side by side, and of one step the later holds", async () => {
  await keepAll("s", BEGUN);
  const key = dataKey();
  assert.ok(key);
  const theirs = await encrypted(key, { heads: 60, at: 9 });
  await withDatabase((db) => db.put("vault", theirs, stepKey("s", "count")));
  await heardNews();
  assert.deepEqual(draftOf("s"), { ...BEGUN, count: { heads: 60, at: 9 } });
});

test("what is done here while another tab's news is read is not lost from sight", async () => {
  await keep("s", "count", BEGUN.count);
  const read = loadBegun();
  void keep("s", "count", { heads: 54, at: 6 });
  assert.equal(draftOf("s").count?.heads, 54);
  await read;
  assert.equal(draftOf("s").count?.heads, 54);
  await loadBegun();
  assert.equal(draftOf("s").count?.heads, 54);
});
