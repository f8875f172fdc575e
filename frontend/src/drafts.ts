/**
 * A close that is begun and not made. Each step is sealed under the PIN as soon as it is done, so it
 * outlives a reload, the lock and a browser that the system ends while its camera is open. It is no
 * event: nothing uploads, exports or counts it, and it goes with the transaction that stores the close.
 */
import { fromBase64, toBase64 } from "./bytes";
import { STEPS, stepKey, stepsOf } from "./database";
import { dataKey, encrypted, opens } from "./lock";
import { set, state, tellOthers } from "./state";
import { type Writing, hasClose, steps, writing } from "./store";
import type { CloseDraft, Device, Snapshot } from "./types";

export type Step = keyof CloseDraft;
const ALL: Step[] = ["count", "looked", "camera", "photo", "signature"];
const NOTHING: CloseDraft = {};

export const draftOf = (session: string): CloseDraft => state.begun.get(session) ?? NOTHING;

function show(session: string, draft: CloseDraft): void {
  changes += 1;
  const begun = new Map(state.begun);
  if (Object.keys(draft).length > 0) begun.set(session, draft);
  else begun.delete(session);
  set({ begun });
}

let changes = 0;
let last: Promise<unknown> = Promise.resolve();

/** One after the other: a step that is taken back is not overtaken by its own writing. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const own = last.then(work);
  last = own.catch(() => undefined);
  return own;
}

/**
 * A step that is done, or (null) taken back. A photo that comes when the tablet has locked itself is
 * sealed under the key that was held when the camera was opened, and shown after the PIN.
 */
export function keep<S extends Step>(
  session: string,
  step: S,
  value: CloseDraft[S] | null,
  key: CryptoKey | null = dataKey(),
): Promise<void> {
  const device = state.device?.device_id;
  if (key && key === dataKey()) {
    const { [step]: _, ...others } = draftOf(session);
    show(session, value ? { ...others, [step]: value } : others);
  }
  return inTurn(async () => {
    if (!key || !device || !isOpen(session)) return;
    const sealed = value && (await encrypted(key, packed(value)));
    await writing(async (tx) => {
      if (!(await mayKeep(tx, session, device))) return;
      const vault = tx.objectStore("vault");
      if (sealed) await vault.put(sealed, stepKey(session, step));
      else await vault.delete(stepKey(session, step));
    });
    tellOthers();
    if (key !== dataKey()) void loadBegun();
  });
}

/** Is there still a class to close? Locked, nobody knows; the transaction asks once more. */
function isOpen(session: string): boolean {
  return state.snapshot === null || plannedIn(state.snapshot).has(session);
}

export const plannedIn = ({ sessions }: Snapshot): Set<string> =>
  new Set(sessions.filter((each) => each.status === "PLANNED").map((each) => each.id));

/** Not for what was closed meanwhile, here or in another tab, nor on a tablet that was emptied. */
async function mayKeep(tx: Writing, session: string, device: string): Promise<boolean> {
  const meta = tx.objectStore("meta");
  const own = (await meta.get("device")) as Device | undefined;
  const isOurs = own?.device_id === device && (await meta.get("lock")) !== undefined;
  return isOurs && !(await hasClose(tx, session));
}

/** All steps of a class again, after they were given up. */
export async function keepAll(session: string, draft: CloseDraft): Promise<void> {
  await Promise.all(ALL.map((step) => draft[step] && keep(session, step, draft[step])));
}

/** Given up: the close begins anew. */
export function dropDraft(session: string): Promise<void> {
  show(session, NOTHING);
  return inTurn(async () => {
    await writing((tx) => tx.objectStore("vault").delete(stepsOf(session)));
    tellOthers();
  });
}

/** The close is stored, and what was begun of it went with that. */
export function closedWith(session: string): void {
  drawings.delete(session);
  show(session, NOTHING);
}

/** What the PIN opens of all classes, for this page to show: after unlocking, and on news. */
export function loadBegun(): Promise<void> {
  // What was done before this is written by its turn.
  const before = changes;
  return inTurn(async () => {
    const key = dataKey();
    if (!key) return;
    const begun = new Map<string, CloseDraft>();
    for (const { session, step, value } of await steps()) {
      const said = await opens<Packed>(key, value);
      if (said) begun.set(session, { ...begun.get(session), [step]: unpacked(said) });
    }
    if (key !== dataKey()) return;
    // Something was done here meanwhile: it is written next, and then all is read again.
    if (before === changes) set({ begun });
    else void loadBegun();
  });
}

type Packed = Record<string, unknown> & { b64?: string };

/** As JSON: the bytes of a picture as text. */
function packed(value: object): Packed {
  const { bytes, ...rest } = value as { bytes?: ArrayBuffer };
  return bytes ? { ...rest, b64: toBase64(bytes) } : rest;
}

function unpacked({ b64, ...rest }: Packed): object {
  return b64 === undefined ? rest : { ...rest, bytes: fromBase64(b64).buffer };
}

/** Of classes that are no longer on the lists, or not open any more. */
export async function dropOthers(vault: Vault, open: Set<string>): Promise<void> {
  for (const name of await vault.getAllKeys(STEPS)) {
    if (!open.has(name.split(":")[1] ?? "")) await vault.delete(name);
  }
}

interface Vault {
  getAllKeys: (range: IDBKeyRange) => Promise<string[]>;
  delete: (name: string) => Promise<void>;
}

// --- pictures that are still being made ----------------------------------------------------------
const drawings = new Map<string, Promise<unknown>>();

/** A close waits for it instead of leaving it out. */
export function underWay(session: string, work: Promise<unknown>): void {
  // Waiting for it must not swallow what the storage says.
  void work.then(() => undefined);
  drawings.set(session, Promise.allSettled([drawings.get(session), work]));
}

export const allDrawn = async (session: string): Promise<unknown> => drawings.get(session);
