/** The snapshot: whose classes, who is on their lists, and what the server knows of them. */
import type { ClassSession, RosterRow, ServerState, Snapshot } from "./types";

const key = (...parts: string[]): string => parts.join("|");

/** A newer answer laid over what was there; a full one replaces it. Local events are not touched. */
export function applied(old: Snapshot | null, fresh: Snapshot): Snapshot {
  if (fresh.full || !old) return fresh;
  const goneSessions = new Set(fresh.removed.sessions);
  const goneRows = new Set(fresh.removed.roster.map(([s, l]) => key(s, l)));
  const touched = new Set(fresh.sessions.map((session) => session.id));
  const sessions = laid(old.sessions, fresh.sessions, (session) => session.id);
  const roster = laid(old.roster, fresh.roster, (row) => key(row.session, row.learner));
  // A session that changed brings all its states: one that is missing was struck out.
  const kept = old.states.filter((state) => !touched.has(state.session));
  const states = laid(kept, fresh.states, (state) => key(state.session, state.learner));
  return {
    ...fresh,
    sessions: sessions.filter((session) => !goneSessions.has(session.id)),
    roster: roster.filter(
      (row) => !goneSessions.has(row.session) && !goneRows.has(key(row.session, row.learner)),
    ),
    aliases: laid(old.aliases, fresh.aliases, (alias) => alias.from),
    states: states.filter((state) => !goneSessions.has(state.session)),
  };
}

function laid<T>(old: T[], fresh: T[], keyOf: (item: T) => string): T[] {
  const found = new Map(old.map((item) => [keyOf(item), item]));
  for (const item of fresh) found.set(keyOf(item), item);
  return [...found.values()];
}

export const isExpired = (snapshot: { expires_at: number }, now: number): boolean =>
  now > snapshot.expires_at;

export function rosterOf(snapshot: Snapshot, session: string): RosterRow[] {
  const rows = snapshot.roster.filter((row) => row.session === session);
  return rows.sort((a, b) => byName(a, b));
}

const collator = new Intl.Collator("zh-Hans-CN-u-co-pinyin");

function byName(a: RosterRow, b: RosterRow): number {
  return a.initials.localeCompare(b.initials) || collator.compare(a.name, b.name);
}

export function statesOf(snapshot: Snapshot, session: string): ServerState[] {
  return snapshot.states.filter((state) => state.session === session);
}

/** The day of a class, as people there count days. */
export const dayOf = (iso: string): string => iso.slice(0, 10);

export function dayAt(ms: number): string {
  // China has one clock; the tablet's own zone may be anything.
  return new Date(ms + 8 * 3_600_000).toISOString().slice(0, 10);
}

export function timeAt(ms: number): string {
  return new Date(ms + 8 * 3_600_000).toISOString().slice(11, 16);
}

export interface Days {
  today: ClassSession[];
  open: ClassSession[];
  ahead: ClassSession[];
  done: ClassSession[];
}

export function daysOf(snapshot: Snapshot, today: string, isClosed: (id: string) => boolean): Days {
  const shown = snapshot.sessions.filter((session) => session.status !== "CANCELLED");
  shown.sort((a, b) => (a.starts < b.starts ? -1 : 1));
  const past = shown.filter((session) => dayOf(session.starts) < today);
  return {
    today: shown.filter((session) => dayOf(session.starts) === today),
    open: past.filter((session) => !isClosed(session.id)),
    ahead: shown.filter((session) => dayOf(session.starts) > today),
    done: past.filter((session) => isClosed(session.id)).reverse(),
  };
}
