/**
 * The one uploader. It changes nothing but after a clear answer of our server: every mark stays
 * `waiting` until a reply names it, and sending one twice does no harm.
 */
import { Refusal, Unreached, getSnapshot, post, sendEvidence } from "./api";
import { type Device, type EventRow, type EvidenceRow, type Snapshot } from "./types";
import { changeMeta, readMeta } from "./database";
import {
  type Result,
  evidenceDone,
  evidenceWaiting,
  hear,
  lastSeq,
  newId,
  prune,
  sendAgain,
  setAside,
  settle,
  stranded,
  waiting,
} from "./store";

export const MOST_EVENTS = 50;
export const MOST_BYTES = 64_000;
export const APP_VERSION = __APP_VERSION__;

interface Pushed {
  server_time: number;
  durable_seq: number;
  missing_seq: [number, number][];
  results: Result[];
  directives: string[];
}

export type Outcome =
  | { is: "done" }
  | { is: "busy" }
  | { is: "unreached"; why: Unreached["why"]; retryAfter: number }
  | { is: "must_enrol" }
  | { is: "ended" }
  | { is: "revoked" }
  | { is: "wipe" };

export interface Taking {
  since: () => number | undefined;
  /** Keeps an answer; null while the tablet is locked and cannot. Without one nothing changed. */
  take: ((fresh: Snapshot | null) => Promise<void>) | null;
}

/** One uploader among all tabs: whoever comes second leaves at once. */
export async function sync(taking: Taking): Promise<Outcome> {
  const options = { ifAvailable: true };
  return navigator.locks.request("attendance-upload", options, async (lock) =>
    lock ? attempt(taking) : { is: "busy" },
  );
}

async function attempt(taking: Taking): Promise<Outcome> {
  const device = await readMeta("device");
  if (!device) return { is: "done" };
  try {
    await pushAll(device);
    const pictures = await sendPictures(device);
    // The server counts pictures among what waits: it hears at once that none does any more.
    if (pictures.were > 0) await pushAll(device);
    const isOver = await isWiping();
    if (!isOver) await refresh(device, taking);
    if (pictures.failure) throw pictures.failure;
    return { is: isOver ? "wipe" : "done" };
  } catch (error) {
    return failed(error);
  }
}

async function failed(error: unknown): Promise<Outcome> {
  if (error instanceof Unreached) {
    return { is: "unreached", why: error.why, retryAfter: error.retryAfter };
  }
  if (!(error instanceof Refusal)) throw error;
  if (error.status === 401) {
    await changeMeta("flags", { mustEnrol: "unknown" });
    return { is: "must_enrol" };
  }
  if (error.code === "device_revoked") {
    await changeMeta("flags", { wiping: true });
    return { is: "revoked" };
  }
  if (error.code === "role_ended") return { is: "ended" };
  return { is: "unreached", why: "server", retryAfter: 0 };
}

const isWiping = async (): Promise<boolean> => (await readMeta("flags"))?.wiping === true;

/** The rows of one request: the oldest, within the limits. */
export function batchOf(rows: EventRow[], most: number, bytes = MOST_BYTES): EventRow[] {
  const found: EventRow[] = [];
  let size = 500;
  for (const row of rows.slice(0, most)) {
    size += JSON.stringify(row.body).length + 1;
    if (found.length > 0 && size > bytes) break;
    found.push(row);
  }
  return found;
}

async function pushAll(device: Device): Promise<void> {
  let most = MOST_EVENTS;
  let isFirst = true;
  for (;;) {
    const besides = (await evidenceWaiting()).length + (await stranded());
    const rows = await waiting();
    if (rows.length === 0 && !isFirst) return;
    const batch = batchOf(rows, most);
    const answer = await push(device, batch, rows.length + besides);
    if (answer === "too_large") {
      most = await smaller(batch);
      continue;
    }
    isFirst = false;
    const isMoving = await digest(device, batch, answer);
    if (!isMoving) return;
  }
}

async function push(
  device: Device,
  batch: EventRow[],
  pending: number,
): Promise<{ body: Pushed; took: number } | "too_large"> {
  const request = {
    batch_id: newId(),
    device: device.device_id,
    last_seq: await lastSeq(),
    pending,
    client_time: Date.now(),
    app_version: APP_VERSION,
    events: batch.map((row) => row.body),
  };
  try {
    const { body, took } = await post("push", JSON.stringify(request), device.token);
    if (!Array.isArray((body as Pushed | null)?.results)) throw new Unreached("captive");
    return { body: body as Pushed, took };
  } catch (error) {
    if (error instanceof Refusal && error.status === 413) return "too_large";
    throw error;
  }
}

/** Half as many next time; one that is too large by itself is set aside for export. */
async function smaller(batch: EventRow[]): Promise<number> {
  const [only] = batch;
  if (batch.length === 0) throw new Unreached("server");
  if (batch.length === 1 && only) await setAside(only.event_id, "too_large");
  return Math.max(1, Math.floor(batch.length / 2));
}

/** Takes the answer in; is there reason to go on? */
async function digest(
  device: Device,
  batch: EventRow[],
  { body, took }: { body: Pushed; took: number },
): Promise<boolean> {
  await settle(body.results);
  const clock = await hear(body.server_time, took);
  const again = await sendAgain(device.device_id, body.missing_seq);
  const uploadedAt = Date.now() + (clock.skew_ms ?? 0);
  await changeMeta("sync", { uploadedAt, durableSeq: body.durable_seq });
  await prune(device.device_id, body.durable_seq, uploadedAt);
  await follow(body.directives);
  const named = new Set(body.results.map((result) => result.event_id));
  // Rows that the answer does not name stay; asking again at once would change nothing.
  return again > 0 || (batch.length > 0 && batch.every((row) => named.has(row.event_id)));
}

async function follow(directives: string[]): Promise<void> {
  const { mustEnrol, wiping = false } = (await readMeta("flags")) ?? {};
  // It knows us, whatever it said before.
  const stillMust = mustEnrol === "numbers" ? mustEnrol : undefined;
  await changeMeta("flags", {
    mustEnrol: directives.includes("reenrol") ? "numbers" : stillMust,
    mustUpdate: directives.includes("update_app"),
    wiping: wiping || directives.includes("wipe_after_ack"),
  });
}

/** Too many, too large, no picture: trying again would change nothing. */
const NEVER_TAKEN = new Set([404, 409, 413, 422]);

interface Sent {
  were: number;
  /** Why some still wait. Neither the other pictures nor the lists wait with them. */
  failure?: Unreached | Refusal;
}

/** From a tablet reported lost as well: they go into custody. */
async function sendPictures(device: Device): Promise<Sent> {
  const rows = await evidenceWaiting();
  const sent: Sent = { were: rows.length };
  for (const row of rows) {
    const failure = await sendPicture(row, device);
    if (!failure) continue;
    sent.failure = failure;
    // Without a server the next one would only wait for the same end.
    if (failure instanceof Unreached && failure.why !== "server") break;
  }
  return sent;
}

/** What went wrong, where it may go better another time. */
async function sendPicture(row: EvidenceRow, device: Device): Promise<Sent["failure"]> {
  try {
    await sendEvidence(row, device.token);
  } catch (error) {
    if (error instanceof Unreached) return error;
    if (!(error instanceof Refusal) || error.status === 401) throw error;
    if (!NEVER_TAKEN.has(error.status)) return error;
    await evidenceDone(row, "refused");
    return undefined;
  }
  await evidenceDone(row, "sent");
  return undefined;
}

async function refresh(device: Device, taking: Taking): Promise<void> {
  if (!taking.take) return;
  const [fresh, took] = await snapshotOf(device, taking.since());
  await changeMeta("sync", { snapshotAt: Date.now() + ((await readMeta("clock"))?.skew_ms ?? 0) });
  if (fresh) await hear(fresh.server_time, took);
  await taking.take(fresh);
}

async function snapshotOf(device: Device, since?: number): Promise<[Snapshot | null, number]> {
  try {
    return await getSnapshot(device.token, since);
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 410 || since === undefined) throw error;
    return getSnapshot(device.token);
  }
}

// --- when to try ---------------------------------------------------------------------------------
const FIRST_WAIT_MS = 5000;
const LONGEST_WAIT_MS = 300_000;

/** Waits longer after each failure, never at the same moment as the other tablets of a county. */
export class Patience {
  private failures = 0;
  private notBefore = 0;

  may(isAsked: boolean): boolean {
    return isAsked || performance.now() >= this.notBefore;
  }

  note(outcome: Outcome): void {
    if (outcome.is === "busy") return;
    if (outcome.is !== "unreached") {
      this.failures = 0;
      this.notBefore = outcome.is === "must_enrol" ? performance.now() + LONGEST_WAIT_MS : 0;
      return;
    }
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures);
    this.failures += 1;
    const jittered = wait * (0.5 + Math.random() / 2);
    this.notBefore = performance.now() + Math.max(outcome.retryAfter, jittered);
  }
}
