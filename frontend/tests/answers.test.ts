/** What the tablet does with each answer of the protocol's table of cases; docs/tablets.md lists them. */
import "./browser";
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { readMeta, withDatabase } from "../src/database";
import { append, enrolAs, everything, isParked, refused, waiting } from "../src/store";
import { type Outcome, Patience, sync } from "../src/sync";
import type { EventRow } from "../src/types";

interface Sent {
  events: { event_id: string; seq: number; filler?: string }[];
}
type Reply = (said: Sent) => Response | Promise<Response>;

const draft = {
  kind: "mark",
  session_id: "s",
  learner_id: "l",
  status: "PRESENT",
  source: "trainer",
  base: null,
  snapshot_version: 1,
} as const;
const answer = (said: Sent, result: object = { result: "accepted" }, more: object = {}): Response =>
  Response.json({
    server_time: Date.now(),
    durable_seq: 0,
    missing_seq: [],
    directives: [],
    results: said.events.map(({ event_id }) => ({ event_id, ...result })),
    ...more,
  });
const failing = (status: number, body: object, headers: Record<string, string> = {}): Reply =>
  () => Response.json(body, { status, headers });

let reply: Reply = answer;
const sizes: number[] = [];
const locks = { request: (_n: string, _o: unknown, work: (lock: unknown) => unknown) => work({}) };
Object.defineProperty(globalThis, "navigator", { value: { locks }, configurable: true });
globalThis.fetch = async (_path, init) => {
  const said = JSON.parse(String(init?.body)) as Sent;
  sizes.push(said.events.length);
  return reply(said);
};

const synced = (): Promise<Outcome> => sync({ since: () => undefined, take: null });
const enrol = (device_id: string): Promise<void> =>
  enrolAs({ device_id, token: "t", seal_key: { id: "k", jwk: {} }, wrap_iter: 1, trainer: "" });

beforeEach(async () => {
  await withDatabase(async (db) => {
    for (const name of ["meta", "events", "evidence", "vault"] as const) await db.clear(name);
  });
  await enrol("d1");
  reply = answer;
  sizes.length = 0;
});

test("accepted with a note: delivered, and the note is kept", async () => {
  await append([draft]);
  reply = (said) => answer(said, { result: "accepted", note: "session_cancelled" });
  assert.deepEqual(await synced(), { is: "done" });
  const [row] = (await everything()).rows as [EventRow];
  assert.deepEqual([row.state, row.note], ["sent", "session_cancelled"]);
});

for (const code of ["unknown_session", "unknown_learner", "id_reused_different_body", "failed"]) {
  test(`parked as ${code}: the server's now, shown, and not sent for ever`, async () => {
    await append([draft]);
    reply = (said) => answer(said, { result: "parked", code });
    await synced();
    const [row] = (await everything()).rows as [EventRow];
    assert.deepEqual([isParked(row), row.code, (await waiting()).length], [true, code, 0]);
    await synced();
    assert.deepEqual(sizes, [1, 0]);
  });
}

test("numbers that another tablet took: a new name, new numbers, the same events", async () => {
  const ids = (await append([draft, draft])).map(({ event_id }) => event_id);
  const reused = { result: "parked", code: "seq_reused" };
  reply = (said) => answer(said, reused, { directives: ["reenrol"] });
  await synced();
  assert.equal((await readMeta("flags"))?.mustEnrol, "numbers");
  await append([draft]);
  await enrol("d2");
  const open = await waiting();
  assert.deepEqual(open.map(({ device, seq }) => [device, seq]), [["d2", 1], ["d2", 2], ["d2", 3]]);
  assert.deepEqual(open.slice(0, 2).map(({ event_id }) => event_id), ids);
});

test("unreadable: kept, left out of the next batch, and offered for export", async () => {
  const [first] = (await append([draft, draft])) as [EventRow];
  reply = (said) => {
    const results = said.events.map(({ event_id }) => ({
      event_id,
      result: event_id === first.event_id ? "unreadable" : "accepted",
    }));
    return answer(said, {}, { results });
  };
  await synced();
  await append([draft]);
  await synced();
  assert.deepEqual([sizes, (await refused()).map(({ event_id }) => event_id)], [[2, 1], [first.event_id]]);
});

test("numbers that are missing go up once more, though they were acknowledged", async () => {
  await append([draft, draft]);
  await synced();
  await withDatabase(async (db) => {
    for (const row of await db.getAll("events")) await db.put("events", { ...row, sent_at: 1 });
  });
  let asked = false;
  reply = (said) => {
    const missing_seq = asked ? [] : [[1, 2]];
    asked = true;
    return answer(said, { result: "duplicate" }, { missing_seq });
  };
  await synced();
  assert.deepEqual([sizes, (await waiting()).length], [[2, 0, 2], 0]);
});

test("401: everything is kept, the office is asked for, and marking goes on", async () => {
  await append([draft]);
  reply = failing(401, { error: "unauthenticated" });
  assert.deepEqual(await synced(), { is: "must_enrol" });
  assert.equal((await readMeta("flags"))?.mustEnrol, "unknown");
  await append([draft]);
  assert.equal((await waiting()).length, 2);
});

test("reported lost: delivered into quarantine, and then it is to wipe itself", async () => {
  await append([draft]);
  const quarantined = { result: "parked", code: "quarantine" };
  reply = (said) => answer(said, quarantined, { directives: ["wipe_after_ack"] });
  assert.deepEqual(await synced(), { is: "wipe" });
  assert.equal((await readMeta("flags"))?.wiping, true);
  assert.equal((await waiting()).length, 0);
});

test("413: half as many; a row that is too large by itself waits for an export", async () => {
  await append([draft, draft, draft, draft]);
  const large = (await waiting())[1]?.event_id;
  const tooLarge = failing(413, { error: "too_large" });
  reply = (said) => (said.events.some(({ event_id }) => event_id === large) ? tooLarge(said) : answer(said));
  assert.deepEqual(await synced(), { is: "done" });
  assert.deepEqual(sizes.slice(0, 3), [4, 2, 1]);
  assert.deepEqual((await refused()).map(({ event_id, code }) => [event_id, code]), [[large, "too_large"]]);
  assert.equal((await waiting()).length, 0);
});

const page = new Response("<p>登录", { headers: { "Content-Type": "text/html" } });
const cut = (): Promise<never> => Promise.reject(new DOMException("over", "TimeoutError"));
const half = new Response('{"results": [', { headers: { "Content-Type": "application/json" } });
const TROUBLE: [string, Reply, string, number][] = [
  ["429", failing(429, { error: "slow" }, { "Retry-After": "7" }), "busy", 7000],
  ["503", failing(503, { error: "busy" }, { "Retry-After": "5" }), "busy", 5000],
  ["500", failing(500, {}), "server", 0],
  ["a gateway without its server", () => new Response("oops", { status: 502 }), "server", 0],
  ["no answer within the time", cut, "network", 0],
  ["half an answer", () => half.clone(), "network", 0],
  ["a hotel's sign-in page", () => page.clone(), "captive", 0],
  ["JSON of somebody else", () => Response.json({ hello: "there" }), "captive", 0],
  ["400", failing(400, { error: "bad_request" }), "server", 0],
];
for (const [name, trouble, why, retryAfter] of TROUBLE) {
  test(`${name}: nothing changes, and it goes up another time`, async () => {
    await append([draft, draft]);
    const before = (await everything()).rows;
    reply = trouble;
    assert.deepEqual(await synced(), { is: "unreached", why, retryAfter });
    assert.deepEqual((await everything()).rows, before);
    reply = answer;
    assert.deepEqual(await synced(), { is: "done" });
    assert.equal((await waiting()).length, 0);
  });
}

test("tries come rarer, from seconds to five minutes, never sooner than the server asks", () => {
  const clock = mock.method(performance, "now", () => at);
  let at = 0;
  const patience = new Patience();
  const wait = (retryAfter: number): number => {
    patience.note({ is: "unreached", why: "busy", retryAfter });
    let most = 0;
    const began = at;
    while (!patience.may(false) && most <= 400_000) at = began + (most += 500);
    return most;
  };
  const first = wait(0);
  assert.ok(first >= 2500 && first <= 5000, String(first));
  assert.ok(patience.may(true));
  for (let n = 0; n < 8; n += 1) wait(0);
  const longest = wait(0);
  assert.ok(longest >= 150_000 && longest <= 300_000, String(longest));
  assert.ok(wait(350_000) >= 350_000);
  patience.note({ is: "done" });
  assert.ok(patience.may(false));
  clock.mock.restore();
});

test("an old app is told so, and its marks are taken all the same", async () => {
  await append([draft]);
  reply = (said) => answer(said, { result: "accepted" }, { directives: ["update_app"] });
  assert.deepEqual(await synced(), { is: "done" });
  assert.deepEqual([(await readMeta("flags"))?.mustUpdate, (await waiting()).length], [true, 0]);
});
