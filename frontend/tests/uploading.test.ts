import "./browser";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { changeMeta, erase, readMeta, withDatabase } from "../src/database";
import { reload, set, state } from "../src/state";
import { append, enrolAs, noteExported, refused, settle } from "../src/store";
import { othersTold, upload } from "../src/uploading";
import type { EventRow } from "../src/types";

interface Sent {
  batch_id: string;
  events: { event_id: string }[];
}
type Reply = (said: Sent) => unknown;

const draft = {
  kind: "mark",
  session_id: "s",
  learner_id: "l",
  status: "PRESENT",
  source: "trainer",
  base: null,
  snapshot_version: 1,
} as const;
const results = (said: Sent, result: string) => ({
  server_time: Date.now(),
  durable_seq: 0,
  missing_seq: [],
  directives: [] as string[],
  results: said.events.map(({ event_id }) => ({ event_id, result })),
});
const accepted: Reply = (said) => results(said, "accepted");

let replies: Reply[] = [];
/** Is another tab at it? */
let isTaken = false;
const calls: Sent[] = [];
const locks = {
  request: (_name: string, _options: unknown, work: (lock: unknown) => unknown) => work(isTaken ? null : {}),
};
Object.defineProperty(globalThis, "navigator", { value: { locks }, configurable: true });
globalThis.fetch = async (_path, init) => {
  const said = JSON.parse(String(init?.body)) as Sent;
  calls.push(said);
  return Response.json((replies.shift() ?? accepted)(said));
};

const pressed = async (): Promise<string> => {
  await upload("button");
  return state.toast?.text ?? "";
};

beforeEach(async () => {
  await withDatabase(async (db) => {
    for (const name of ["meta", "events", "evidence", "vault"] as const) await db.clear(name);
  });
  await enrolAs({ device_id: "d", token: "t", seal_key: { id: "k", jwk: {} }, wrap_iter: 1, trainer: "" });
  await reload();
  set({ toast: null, screen: { at: "home" } });
  [replies, isTaken] = [[], false];
  calls.length = 0;
});

test("all is up when all is up", async () => {
  await append([draft]);
  assert.equal(await pressed(), "已全部上传。");
});

test("what came while the last answer was taken in is not called uploaded", async () => {
  replies = [accepted, (said) => (void append([draft]), accepted(said))];
  await append([draft]);
  await upload("timer");
  assert.match(await pressed(), /还有 1 条在等/);
});

test("what the server did not take is not called uploaded", async () => {
  replies = [(said) => results(said, "unreadable")];
  await append([draft]);
  assert.match(await pressed(), /有 1 条服务器没有收/);
  assert.match(await pressed(), /有 1 条服务器没有收/);
});

test("what an answer does not name is not called uploaded", async () => {
  replies = [() => ({ ...results({ batch_id: "", events: [] }, ""), results: [] })];
  await append([draft]);
  assert.match(await pressed(), /还有 1 条在等/);
});

test("asked while another tab uploads: again when that one is done", async () => {
  await append([draft]);
  isTaken = true;
  assert.match(await pressed(), /另一个页面正在上传/);
  isTaken = false;
  await othersTold();
  assert.deepEqual([state.counts.waiting, calls.length], [0, 1]);
  await othersTold();
  assert.equal(calls.length, 1);
});

test("a server that knows the tablet again is believed", async () => {
  await changeMeta("flags", { mustEnrol: "unknown" });
  await upload("told");
  assert.equal(state.flags.mustEnrol, undefined);
  await changeMeta("flags", { mustEnrol: "numbers" });
  await upload("told");
  assert.equal(state.flags.mustEnrol, "numbers");
});

test("reported lost: what another tab wrote at the last moment is not erased", async () => {
  await append([draft]);
  assert.equal(await erase(), false);
  assert.equal((await withDatabase((db) => db.getAll("events"))).length, 1);
});

test("reported lost: what was refused after the last export is not erased", async () => {
  const [old, young] = (await append([draft, draft])) as [EventRow, EventRow];
  await settle([old, young].map(({ event_id }) => ({ event_id, result: "unreadable" })));
  await noteExported([old], []);
  assert.equal(await erase(), false);
  await noteExported(await refused(), []);
  assert.equal(await erase(), true);
  assert.deepEqual(await readMeta("flags"), { wiped: true });
});

test("reported lost: no word of success stands on the screen that says what is left", async () => {
  replies = [(said) => ({ ...results(said, "unreadable"), directives: ["wipe_after_ack"] })];
  await append([draft]);
  assert.equal(await pressed(), "");
  assert.equal(state.screen.at, "wiped");
  assert.equal(state.counts.refused, 1);
});
