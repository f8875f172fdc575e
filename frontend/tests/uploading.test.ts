import "./browser";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { changeMeta, erase, readMeta, withDatabase } from "../src/database";
import { reload, set, state } from "../src/state";
import { append, enrolAs, evidenceDone, noteExported, refused, settle } from "../src/store";
import { type Outcome, sync } from "../src/sync";
import { othersTold, upload } from "../src/uploading";
import type { EventRow, EvidenceRow } from "../src/types";

interface Sent {
  batch_id: string;
  pending: number;
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
/** What becomes of a picture, and of the lists: a status for the bytes of it. */
let picture: (bytes: string) => number = () => 201;
const pictures: string[] = [];
let lists = 0;
globalThis.fetch = async (path, init) => {
  if (String(path).includes("/evidence/")) {
    const bytes = new TextDecoder().decode(init?.body as ArrayBuffer);
    pictures.push(bytes);
    const status = picture(bytes);
    if (status === 0) throw new TypeError("no network");
    return Response.json(status < 400 ? { result: "accepted" } : { error: "x", message: "" }, { status });
  }
  if (String(path).includes("/snapshot")) {
    lists += 1;
    return Response.json({ sessions: [], server_time: Date.now() });
  }
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
  [replies, isTaken, lists] = [[], false, 0];
  picture = () => 201;
  calls.length = pictures.length = 0;
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
  replies = [() => ({ ...results({ batch_id: "", pending: 0, events: [] }, ""), results: [] })];
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

// --- pictures ------------------------------------------------------------------------------------
const photo = (session_id: string, said: string): EvidenceRow => ({
  sha256: said,
  session_id,
  kind: "photo",
  bytes: new TextEncoder().encode(said).buffer as ArrayBuffer,
  type: "image/jpeg",
  state: "waiting",
  at: 1,
});
const held = async (): Promise<string[]> =>
  (await withDatabase((db) => db.getAll("evidence"))).map(({ sha256, state }) => `${sha256} ${state}`);
const synced = (): Promise<Outcome> => sync({ since: () => undefined, take: async () => undefined });

test("a picture over which the server stumbles keeps neither lists nor other pictures waiting", async () => {
  await append([draft], { evidence: [photo("s1", "bad"), photo("s2", "good")] });
  picture = (bytes) => (bytes === "bad" ? 500 : 201);
  assert.deepEqual(await synced(), { is: "unreached", why: "server", retryAfter: 0 });
  assert.deepEqual([pictures, lists], [["bad", "good"], 1]);
  assert.deepEqual(await held(), ["bad waiting"]);
  picture = () => 201;
  assert.deepEqual(await synced(), { is: "done" });
  assert.deepEqual(await held(), []);
});

test("nor one that arrives in halves", async () => {
  await append([draft], { evidence: [photo("s1", "half")] });
  picture = () => 400;
  assert.equal((await synced()).is, "unreached");
  assert.deepEqual([lists, await held()], [1, ["half waiting"]]);
});

test("without a network one picture is tried and none is given up", async () => {
  await append([draft], { evidence: [photo("s1", "one"), photo("s2", "two")] });
  picture = () => 0;
  assert.deepEqual(await synced(), { is: "unreached", why: "network", retryAfter: 0 });
  assert.deepEqual(pictures, ["one"]);
  assert.equal((await held()).length, 2);
});

test("a token that is known no more ends it at the first picture", async () => {
  await append([draft], { evidence: [photo("s1", "one"), photo("s2", "two")] });
  picture = () => 401;
  assert.deepEqual([await synced(), pictures.length, lists], [{ is: "must_enrol" }, 1, 0]);
});

test("a picture that was taken anew while the first went up is not taken for delivered", async () => {
  const first = photo("s1", "first");
  await append([draft], { evidence: [photo("s1", "second")] });
  await evidenceDone(first, "sent");
  await evidenceDone(first, "refused");
  assert.deepEqual(await held(), ["second waiting"]);
});

test("what the server would not have is told as waiting until it is in a file", async () => {
  const [row] = (await append([draft], { evidence: [photo("s1", "no")] })) as [EventRow];
  [replies, picture] = [[(said) => results(said, "unreadable")], () => 422];
  await synced();
  assert.deepEqual(calls.map(({ pending }) => pending), [2, 2]);
  await noteExported([row], []);
  await synced();
  await noteExported([], await withDatabase((db) => db.getAll("evidence")));
  await synced();
  assert.deepEqual(calls.slice(2).map(({ pending }) => pending), [1, 0]);
});
