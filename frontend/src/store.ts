/**
 * The queue of events. An event and its number are written in one strict transaction; who called
 * may show a tick only after that. Nothing here deletes an event but `prune`, which keeps all that
 * a backup of the server does not hold.
 */
import type { IDBPTransaction, IndexNames, StoreNames } from "idb";
import { type ClockState, UNKNOWN_CLOCK, heard, stamp } from "./clock";
import {
  type Flags,
  type Meta,
  STEPS,
  STRICT,
  StorageLost,
  type SyncNotes,
  type Tablet,
  type Vaulted,
  stepsOf,
  withDatabase,
} from "./database";
import type { CloseDraft, Device, EventBody, EventRow, EvidenceRow, RowState } from "./types";

export type Draft = Omit<EventBody, "seq" | "wall_ms" | "skew_ms" | "t_ms" | "event_id"> & {
  event_id?: string;
};

export interface Along {
  evidence?: EvidenceRow[];
  vault?: { key: string; value: Vaulted };
  /** The session that this closes: once, and what was begun of the close goes with it. */
  closes?: string;
}

export interface Result {
  event_id: string;
  result: "accepted" | "duplicate" | "parked" | "unreadable";
  code?: string;
  note?: string;
}

export interface Counts {
  saved: number;
  uploaded: number;
  waiting: number;
  refused: number;
  evidence: number;
  evidenceRefused: number;
}

export type Writing = IDBPTransaction<Tablet, StoreNames<Tablet>[], "readwrite">;
const ALL: StoreNames<Tablet>[] = ["meta", "events", "evidence", "vault"];
const KEEP_MS = 30 * 24 * 3_600_000;
/** A row that the server asks for again is not sent again sooner than this. */
const RESEND_MS = 10 * 60_000;

export async function writing<T>(work: (tx: Writing) => Promise<T>): Promise<T> {
  return withDatabase(async (db) => {
    const tx = db.transaction(ALL, "readwrite", STRICT);
    try {
      const value = await work(tx);
      await tx.done;
      return value;
    } catch (error) {
      tx.done.catch(() => undefined);
      if (!tx.error) abort(tx);
      // A request that was under way says "aborted" alone; the transaction says why: no space.
      throw tx.error ?? error;
    }
  });
}

function abort(tx: Writing): void {
  try {
    tx.abort();
  } catch {
    // It had ended by itself.
  }
}

/**
 * Writes the events of `drafts` in their order, and what belongs to them, or nothing at all. Nor is
 * anything written of a close where another tab was quicker.
 */
export async function append(drafts: Draft[], along: Along = {}): Promise<EventRow[]> {
  const named = drafts.map((draft) => ({ ...draft, event_id: draft.event_id ?? newId() }));
  return writing(async (tx) => {
    const meta = tx.objectStore("meta");
    const device = (await meta.get("device")) as Device | undefined;
    if (!device) throw new StorageLost("not enrolled");
    if (along.closes && (await hasClose(tx, along.closes))) return [];
    let seq = ((await meta.get("seq")) as number | undefined) ?? 0;
    let clock = ((await meta.get("clock")) as ClockState | undefined) ?? UNKNOWN_CLOCK;
    const rows: EventRow[] = [];
    for (const draft of named) {
      const [times, after] = stamp(clock, Date.now(), performance.now());
      clock = after;
      seq += 1;
      rows.push(rowOf(device.device_id, { ...draft, ...times, seq }));
    }
    for (const row of rows) await tx.objectStore("events").add(row);
    for (const row of along.evidence ?? []) await tx.objectStore("evidence").put(row);
    if (along.vault) await tx.objectStore("vault").put(along.vault.value, along.vault.key);
    if (along.closes) await tx.objectStore("vault").delete(stepsOf(along.closes));
    await meta.put(seq, "seq");
    await meta.put(clock, "clock");
    return rows;
  });
}

function rowOf(device: string, body: EventBody): EventRow {
  const { event_id, seq, session_id } = body;
  return { event_id, device, seq, session_id, state: "waiting", body };
}

/** Was the session closed on this tablet? */
export async function hasClose(tx: Writing, session: string): Promise<boolean> {
  const rows = await tx.objectStore("events").index("session").getAll(session);
  return rows.some((row) => row.body.kind === "close");
}

/** What was begun of closes, as it is kept. */
export async function steps(): Promise<{ session: string; step: keyof CloseDraft; value: Vaulted }[]> {
  const [names, values] = await withDatabase((db) => {
    const vault = db.transaction("vault").store;
    return Promise.all([vault.getAllKeys(STEPS), vault.getAll(STEPS)]);
  });
  return values.map((value, i) => {
    const [, session = "", step] = (names[i] ?? "").split(":");
    return { session, step: step as keyof CloseDraft, value };
  });
}

export function newId(): string {
  return crypto.randomUUID();
}

export async function eventsOf(session: string): Promise<EventRow[]> {
  return withDatabase((db) => db.getAllFromIndex("events", "session", session));
}

async function inState(state: RowState): Promise<EventRow[]> {
  const index: IndexNames<Tablet, "events"> = "state";
  const rows = await withDatabase((db) => db.getAllFromIndex("events", index, state));
  return rows.sort((a, b) => a.seq - b.seq);
}

/** Oldest first. */
export const waiting = (): Promise<EventRow[]> => inState("waiting");
export const refused = (): Promise<EventRow[]> => inState("refused");

export interface Everything {
  device: Device | null;
  flags: Flags;
  sync: SyncNotes;
  clock: ClockState;
  rows: EventRow[];
  pictures: Pick<Counts, "evidence" | "evidenceRefused">;
}

/** All that is stored and needs no key, as it was at one moment. */
export async function everything(): Promise<Everything> {
  return withDatabase(async (db) => {
    const tx = db.transaction(["meta", "events", "evidence"]);
    const said = <K extends keyof Meta>(name: K) =>
      tx.objectStore("meta").get(name) as Promise<Meta[K] | undefined>;
    const pictures = tx.objectStore("evidence").index("state");
    const [device, flags, sync, clock, rows, evidence, evidenceRefused] = await Promise.all([
      said("device"),
      said("flags"),
      said("sync"),
      said("clock"),
      tx.objectStore("events").getAll(),
      pictures.count("waiting"),
      pictures.count("refused"),
    ]);
    return {
      device: device ?? null,
      flags: flags ?? {},
      sync: sync ?? {},
      clock: clock ?? UNKNOWN_CLOCK,
      rows,
      pictures: { evidence, evidenceRefused },
    };
  });
}

/** Everything that waits, and what was written since `since`. */
export function counted({ rows, pictures }: Pick<Everything, "rows" | "pictures">, since: number): Counts {
  const inState = (state: RowState): EventRow[] => rows.filter((row) => row.state === state);
  const [waits, refusals] = [inState("waiting").length, inState("refused").length];
  const uploaded = inState("sent").filter((row) => row.body.t_ms >= since).length;
  const saved = uploaded + waits + refusals;
  return { saved, uploaded, waiting: waits, refused: refusals, ...pictures };
}

export async function lastSeq(): Promise<number> {
  return withDatabase(async (db) => ((await db.get("meta", "seq")) as number | undefined) ?? 0);
}

/** What the server answered to each row. A parked row is the server's; an unreadable one is not. */
export async function settle(results: Result[]): Promise<void> {
  await writing(async (tx) => {
    const events = tx.objectStore("events");
    for (const { event_id, result, code, note } of results) {
      const row = await events.get(event_id);
      if (!row) continue;
      const state: RowState = result === "unreadable" ? "refused" : "sent";
      const said = { ...(code ? { code } : {}), ...(note ? { note } : {}) };
      await events.put({ ...row, state, result, sent_at: Date.now(), ...said });
    }
  });
}

/** A single row above every limit: kept, offered for export, tried no more. */
export const setAside = (event_id: string, code: string): Promise<void> =>
  settle([{ event_id, result: "unreadable", code }]);

/** The server misses these numbers, perhaps after a restore: they wait again though once sent. */
export async function sendAgain(device: string, missing: [number, number][]): Promise<number> {
  return writing(async (tx) => {
    const events = tx.objectStore("events");
    let found = 0;
    for (const [first, last] of missing) {
      const range = IDBKeyRange.bound([device, first], [device, last]);
      for (const row of await events.index("number").getAll(range)) {
        // Whichever way the clock was set meanwhile.
        const age = Math.abs(Date.now() - (row.sent_at ?? 0));
        if (row.state !== "sent" || age < RESEND_MS) continue;
        await events.put({ ...row, state: "waiting" });
        found += 1;
      }
    }
    return found;
  });
}

/**
 * Another enrolment of this tablet. Numbers begin anew under the new name, so that none is ever used
 * twice; what no backup of the server holds takes new numbers and keeps its event_id: a server that
 * knows this tablet no more may have forgotten its marks as well, and rows that it had in custody.
 */
export async function enrolAs(device: Device): Promise<void> {
  await writing(async (tx) => {
    const [events, meta] = [tx.objectStore("events"), tx.objectStore("meta")];
    const before = (await meta.get("device")) as Device | undefined;
    const { durableSeq = 0, uploadedAt } = ((await meta.get("sync")) ?? {}) as SyncNotes;
    const isLeft = (row: EventRow): boolean =>
      isUndelivered(row) || (row.device === before?.device_id && row.seq > durableSeq);
    const open = (await events.getAll()).filter(isLeft);
    open.sort((a, b) => a.body.t_ms - b.body.t_ms || a.seq - b.seq);
    let seq = 0;
    for (const row of open) {
      seq += 1;
      const state = row.state === "refused" ? "refused" : "waiting";
      const body = { ...row.body, seq };
      await events.put({ ...row, device: device.device_id, seq, state, body });
    }
    await meta.put(device, "device");
    await meta.put(seq, "seq");
    await meta.put({}, "flags");
    await meta.put(uploadedAt === undefined ? {} : { uploadedAt }, "sync");
    await meta.delete("lock");
    await tx.objectStore("vault").delete("snapshot");
    await tx.objectStore("vault").delete(STEPS);
  });
}

function isUndelivered(row: EventRow): boolean {
  return row.state !== "sent" || (isParked(row) && row.code === "seq_reused");
}

/** The server has it in custody: somebody decides about it, or has decided. */
export const isParked = (row: EventRow): boolean => row.result === "parked";

/** Forgets what a backup of the server holds and nobody here needs any more. */
export async function prune(device: string, durable: number, now: number): Promise<number> {
  return writing(async (tx) => {
    let gone = 0;
    const old = IDBKeyRange.upperBound(now - KEEP_MS, true);
    for (const row of await tx.objectStore("events").index("at").getAll(old)) {
      if (row.state !== "sent" || row.device !== device || row.seq > durable) continue;
      await tx.objectStore("events").delete(row.event_id);
      await tx.objectStore("vault").delete(`walkin:${row.event_id}`);
      gone += 1;
    }
    return gone;
  });
}

/** What stands in a file that somebody took. */
export async function noteExported(events: EventRow[], pictures: EvidenceRow[]): Promise<void> {
  await writing(async (tx) => {
    for (const { event_id } of events) {
      const row = await tx.objectStore("events").get(event_id);
      if (row) await tx.objectStore("events").put({ ...row, exported: true });
    }
    for (const { session_id, kind, sha256 } of pictures) {
      const row = await tx.objectStore("evidence").get([session_id, kind]);
      if (row?.sha256 === sha256) await tx.objectStore("evidence").put({ ...row, exported: true });
    }
  });
}

/** The server told its time. */
export async function hear(serverTime: number, took: number): Promise<ClockState> {
  return writing(async (tx) => {
    const meta = tx.objectStore("meta");
    const before = ((await meta.get("clock")) as ClockState | undefined) ?? UNKNOWN_CLOCK;
    const after = heard(before, serverTime, Date.now(), took);
    await meta.put(after, "clock");
    return after;
  });
}

async function evidenceIn(state: RowState): Promise<EvidenceRow[]> {
  return withDatabase((db) => db.getAllFromIndex("evidence", "state", state));
}

/**
 * What the server would not have, and nobody has exported since: marks and pictures. It is told of
 * them as of what waits, or it would take this tablet for empty.
 */
export async function stranded(): Promise<number> {
  const rows = [...(await refused()), ...(await evidenceRefused())];
  return rows.filter((row) => row.exported !== true).length;
}

export const evidenceWaiting = (): Promise<EvidenceRow[]> => evidenceIn("waiting");
export const evidenceRefused = (): Promise<EvidenceRow[]> => evidenceIn("refused");

/** Delivered pictures are not kept: they show people. One that was taken anew meanwhile waits. */
export async function evidenceDone(row: EvidenceRow, state: "sent" | "refused"): Promise<void> {
  await writing(async (tx) => {
    const pictures = tx.objectStore("evidence");
    const now = await pictures.get([row.session_id, row.kind]);
    if (now?.sha256 !== row.sha256) return;
    if (state === "sent") await pictures.delete([row.session_id, row.kind]);
    else await pictures.put({ ...now, state });
  });
}
