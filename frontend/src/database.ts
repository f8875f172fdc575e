/**
 * The tablet's own database. Upgrades only add stores and indexes: what waits in it must outlive
 * every version of this app.
 */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { ClockState } from "./clock";
import type { WrappedKey } from "./lock";
import type { Device, EventRow, EvidenceRow, RowState } from "./types";

/** Encrypted under the PIN: the snapshot, the names of walk-ins, what was begun of a close. */
export interface Vaulted {
  iv: ArrayBuffer;
  data: ArrayBuffer;
}

export interface Flags {
  /** The office must enrol this tablet anew: unknown token, or numbers taken by another tablet. */
  mustEnrol?: "unknown" | "numbers" | undefined;
  /** Reported lost: upload, then delete everything. */
  wiping?: boolean;
  wiped?: boolean;
  /** The server wants a newer app. */
  mustUpdate?: boolean;
  /** Ten wrong PINs: only enrolling anew helps. */
  keyGone?: boolean;
}

export interface SyncNotes {
  uploadedAt?: number;
  snapshotAt?: number;
  snapshotVersion?: number;
  expiresAt?: number;
  durableSeq?: number;
}

export interface Meta {
  device: Device;
  seq: number;
  clock: ClockState;
  lock: WrappedKey;
  flags: Flags;
  sync: SyncNotes;
  language: string;
  probe: number;
}

export interface Tablet extends DBSchema {
  meta: { key: string; value: Meta[keyof Meta] };
  events: {
    key: string;
    value: EventRow;
    indexes: { state: RowState; session: string; number: [string, number]; at: number };
  };
  evidence: { key: [string, string]; value: EvidenceRow; indexes: { state: RowState } };
  vault: { key: string; value: Vaulted };
}

/** What the vault holds besides the snapshot, by how its keys begin. */
const named = (start: string): IDBKeyRange => IDBKeyRange.bound(start, `${start}\uffff`);
export const WALK_INS = named("walkin:");
export const STEPS = named("close:");
export const stepKey = (session: string, step: string): string => `close:${session}:${step}`;
export const stepsOf = (session: string): IDBKeyRange => named(stepKey(session, ""));

export type Database = IDBPDatabase<Tablet>;
export const STRICT = { durability: "strict" } as const;
export const NAME = "attendance";
export const VERSION = 1;

/** One step a version; a step never deletes or rewrites. */
const UPGRADES: ((db: Database) => void)[] = [
  (db) => {
    db.createObjectStore("meta");
    db.createObjectStore("vault");
    const events = db.createObjectStore("events", { keyPath: "event_id" });
    events.createIndex("state", "state");
    events.createIndex("session", "session_id");
    events.createIndex("number", ["device", "seq"], { unique: true });
    events.createIndex("at", "body.t_ms");
    const evidence = db.createObjectStore("evidence", { keyPath: ["session_id", "kind"] });
    evidence.createIndex("state", "state");
  },
];

let opened: Promise<Database> | null = null;

function open(): Promise<Database> {
  opened ??= openDB<Tablet>(NAME, VERSION, {
    upgrade: (db, from) => UPGRADES.slice(from).forEach((step) => step(db)),
    blocking: () => void close(),
    terminated: () => (opened = null),
  });
  return opened;
}

export async function close(): Promise<void> {
  const handle = opened;
  opened = null;
  if (handle) (await handle).close();
}

/** Storage is gone for good; only loading the page anew can help. */
export class StorageLost extends Error {}

const CLOSED = new Set(["InvalidStateError", "UnknownError", "AbortError", "TransactionInactiveError"]);
const FULL = "QuotaExceededError";

/** iPads close databases under memory pressure: open again and try once more, then say so. */
export async function withDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
  try {
    return await work(await open());
  } catch (error) {
    if (!(error instanceof DOMException) || !CLOSED.has(error.name)) throw told(error);
  }
  opened = null;
  try {
    return await work(await open());
  } catch (error) {
    throw told(error);
  }
}

/** Whatever the browser says of its storage, the person hears of it. */
function told(error: unknown): unknown {
  const isTheirs = error instanceof DOMException && error.name !== FULL;
  if (isTheirs) opened = null;
  return isTheirs ? new StorageLost(String(error)) : error;
}

export async function readMeta<K extends keyof Meta>(key: K): Promise<Meta[K] | undefined> {
  return withDatabase(async (db) => (await db.get("meta", key)) as Meta[K] | undefined);
}

export async function writeMeta<K extends keyof Meta>(key: K, value: Meta[K]): Promise<void> {
  await withDatabase(async (db) => {
    const tx = db.transaction("meta", "readwrite", STRICT);
    await tx.store.put(value, key);
    await tx.done;
  });
}

export async function changeMeta<K extends "flags" | "sync">(
  key: K,
  change: Partial<Meta[K]>,
): Promise<void> {
  await withDatabase(async (db) => {
    const tx = db.transaction("meta", "readwrite", STRICT);
    await tx.store.put({ ...(await tx.store.get(key) as Meta[K]), ...change }, key);
    await tx.done;
  });
}

/**
 * Everything, for a tablet that was reported lost; only the sign that it was remains. Nothing while
 * the server lacks anything: looked at here, as another tab may have written since. What it will not
 * have stays until somebody has exported it.
 */
export async function erase(): Promise<boolean> {
  return withDatabase(async (db) => {
    const stores = ["meta", "events", "evidence", "vault"] as const;
    const tx = db.transaction(stores, "readwrite", STRICT);
    const held: { state: RowState; exported?: boolean }[] = [
      ...(await tx.objectStore("events").getAll()),
      ...(await tx.objectStore("evidence").getAll()),
    ];
    const isFree = held.every(
      ({ state, exported }) => state === "sent" || (state === "refused" && exported === true),
    );
    if (isFree) {
      for (const name of stores) await tx.objectStore(name).clear();
      await tx.objectStore("meta").put({ wiped: true }, "flags");
    }
    await tx.done;
    return isFree;
  });
}
