import assert from "node:assert/strict";
import { test } from "node:test";

import { viewOf } from "../src/session";
import type { ClassSession, EventRow, Snapshot } from "../src/types";

const session = { id: "s", status: "PLANNED", head_count: null, seen: ["a1", "b1"] } as unknown as ClassSession;
const snapshot = {
  aliases: [],
  roster: [],
  sessions: [session],
  states: [
    { session: "s", learner: "l", event: "b1", status: "LATE", source: "trainer", by: "王", t_ms: 2, conflict: false },
  ],
} as unknown as Snapshot;

test("a close names what others said, superseded or not, each once", () => {
  assert.deepEqual(viewOf(session, snapshot, [], new Map(), "d").saw, ["b1", "a1"]);
});

test("a close names our own as well: it may go up under another enrolment", () => {
  const body = { event_id: "own", kind: "mark", learner_id: "l", status: "PRESENT", source: "trainer", base: null };
  const row = { event_id: "own", device: "d", seq: 1, session_id: "s", state: "sent", body } as unknown as EventRow;
  assert.deepEqual(viewOf(session, snapshot, [row], new Map(), "d").saw.sort(), ["a1", "b1", "own"]);
});

const listed = { session: "s", learner: "l", name: "李敏", initials: "LM", id_last4: "", village: "" };
const ownMark = (id: string, status: string, t_ms: number): EventRow =>
  ({
    event_id: id,
    device: "d",
    seq: t_ms,
    session_id: "s",
    state: "sent",
    body: { event_id: id, kind: "mark", learner_id: "l", status, source: "trainer", base: null, t_ms },
  }) as unknown as EventRow;
const cardOf = (rows: EventRow[]) =>
  viewOf(session, { ...snapshot, roster: [listed] } as unknown as Snapshot, rows, new Map(), "d").cards[0];

test("what the office said after our mark, and in view of it, is no second opinion", () => {
  const { status, conflict, by } = cardOf([ownMark("a1", "ABSENT", 1)]) ?? {};
  assert.deepEqual([status, conflict, by], ["LATE", false, "王"]);
});

test("a mark of ours that the server has not yet is one", () => {
  const { status, conflict } = cardOf([ownMark("a1", "ABSENT", 1), ownMark("new", "LEAVE", 3)]) ?? {};
  assert.deepEqual([status, conflict], ["LEAVE", true]);
});
