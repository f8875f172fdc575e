/** What the screens show. One object, replaced piece by piece; every change draws again. */
import { type ClockState, UNKNOWN_CLOCK } from "./clock";
import type { Flags, SyncNotes } from "./database";
import type { Check } from "./ready";
import { isExpired } from "./roster";
import { type SessionView, type WalkInName, viewOf } from "./session";
import * as store from "./store";
import type { CloseDraft, Device, EventRow, Snapshot } from "./types";
import { now } from "./clock";
import { dayAt } from "./roster";

export type Screen =
  | { at: "starting" | "old" | "enrol" | "set_pin" | "unlock" | "home" | "ready" | "wiped" }
  | { at: "roll" | "close" | "walk_in"; session: string }
  | { at: "desk"; session: string }
  | { at: "broken"; isFull: boolean };

export interface Toast {
  text: string;
  undo?: () => void;
}

export interface State {
  screen: Screen;
  device: Device | null;
  flags: Flags;
  sync: SyncNotes;
  clock: ClockState;
  snapshot: Snapshot | null;
  names: Map<string, WalkInName>;
  /** Closes that were begun, by session. */
  begun: Map<string, CloseDraft>;
  rows: Map<string, EventRow[]>;
  counts: store.Counts;
  refused: EventRow[];
  questioned: EventRow[];
  isUploading: boolean;
  /** Did the last try reach the server? For the sign in the bar alone. */
  isReached: boolean;
  hasUpdate: boolean;
  checks: Check[] | null;
  toast: Toast | null;
  /** A code of a stranger, shown at the desk; the walk-in form takes it along. */
  strangerCode: string;
}

const NOTHING = { saved: 0, uploaded: 0, waiting: 0, refused: 0, evidence: 0, evidenceRefused: 0 };

/** What a locked tablet shows nothing of. */
export const NOTHING_OPEN = {
  snapshot: null,
  names: new Map<string, WalkInName>(),
  begun: new Map<string, CloseDraft>(),
} as const;

export let state: State = {
  screen: { at: "starting" },
  device: null,
  flags: {},
  sync: {},
  clock: UNKNOWN_CLOCK,
  ...NOTHING_OPEN,
  rows: new Map(),
  counts: NOTHING,
  refused: [],
  questioned: [],
  isUploading: false,
  isReached: false,
  hasUpdate: false,
  checks: null,
  toast: null,
  strangerCode: "",
};

let draw: () => void = () => undefined;
export const onChange = (listener: () => void): void => void (draw = listener);

export function set(change: Partial<State>): void {
  // What was said on one screen is no business of the next, least of all of the desk.
  const said = change.screen && !change.toast ? { toast: null } : {};
  state = { ...state, ...said, ...change };
  draw();
  if (change.screen) scrollTo(0, 0);
}

const news = new BroadcastChannel("attendance");
export type News = "changed" | "locked";
/** Tells the other tabs that what is stored has changed, or that somebody locked the tablet. */
export const tellOthers = (what: News = "changed"): void => news.postMessage(what);
/** One channel a page: a second one would hear what this one says. */
export const onNews = (heard: (what: News) => void): void =>
  void (news.onmessage = ({ data }: MessageEvent<News>) => heard(data));

/**
 * What is stored and needs no key. One transaction reads all of it: a mark that is written meanwhile
 * is stored, and drawn by `added`, only after that was shown, and keeps its tick.
 */
export async function reload(): Promise<void> {
  const { pictures, rows, ...rest } = await store.everything();
  set({
    ...rest,
    rows: bySession(rows),
    refused: rows.filter((row) => row.state === "refused"),
    questioned: rows.filter((row) => row.state === "sent" && store.isParked(row)),
    counts: store.counted({ rows, pictures }, midnight(rest.clock)),
  });
}

function bySession(rows: EventRow[]): Map<string, EventRow[]> {
  const found = new Map<string, EventRow[]>();
  for (const row of rows) {
    const own = found.get(row.session_id);
    if (own) own.push(row);
    else found.set(row.session_id, [row]);
  }
  return found;
}

let last: Promise<unknown> = Promise.resolve();

/**
 * Writes one after the other, each made from what is shown once the one before has its tick: who
 * marks "the rest" right after a tap does not mean whom that tap was about.
 */
export function written(make: () => Promise<EventRow[]>): Promise<EventRow[]> {
  const own = last.then(async () => {
    const rows = await make();
    await added(rows);
    return rows;
  });
  last = own.catch(() => undefined);
  return own;
}

/** Leaves a screen, or says something on it, when its work is done, unless another is shown by then. */
export function goOn(from: Screen["at"], change: Partial<State>): void {
  if (state.screen.at === from) set(change);
}

/** Rows that were just stored. */
export async function added(rows: EventRow[]): Promise<void> {
  const all = new Map(state.rows);
  for (const row of rows) all.set(row.session_id, [...(all.get(row.session_id) ?? []), row]);
  const { counts } = state;
  const more = { saved: counts.saved + rows.length, waiting: counts.waiting + rows.length };
  set({ rows: all, counts: { ...counts, ...more } });
  tellOthers();
}

const midnight = (clock: ClockState): number =>
  Date.parse(`${dayAt(now(clock))}T00:00:00+08:00`);

export const today = (): string => dayAt(now(state.clock));

export function listedSnapshot(): Snapshot | null {
  const { snapshot, clock } = state;
  return snapshot && !isExpired(snapshot, now(clock)) ? snapshot : null;
}

export function view(session: string): SessionView | null {
  const snapshot = listedSnapshot();
  const found = snapshot?.sessions.find((each) => each.id === session);
  if (!snapshot || !found) return null;
  const rows = state.rows.get(session) ?? [];
  return viewOf(found, snapshot, rows, state.names, state.device?.device_id ?? "");
}
