/**
 * What the events of one session amount to: the same rule as the server's (courses/projection.py),
 * held to it by tests/courses/merge_cases.json, which both sides must agree with.
 */
import type { Kind, Source, Status } from "./types";

export interface MergeEvent {
  event_id: string;
  kind: Kind;
  source: Source;
  t_ms: number;
  learner: string | null;
  status: Status | "";
  device: string | null;
  seq: number | null;
  base: string | null;
  target: string | null;
  saw: string[];
}

export interface LearnerState {
  winner: MergeEvent | null;
  status: Status | "";
  conflict: boolean;
  late: MergeEvent[];
}

export interface SessionState {
  learners: Map<string, LearnerState>;
  closedBy: MergeEvent | null;
  late: MergeEvent[];
}

type Events = Map<string, MergeEvent>;

const RANKS: Record<Source, number> = { auto: 0, self: 1, trainer: 2, override: 3 };
const OVERRIDE = RANKS.override;

const rank = (event: MergeEvent): number => RANKS[event.source];
const statusOf = (event: MergeEvent): Status => event.status || "PRESENT";
const isMark = (event: MergeEvent): boolean =>
  (event.kind === "mark" || event.kind === "walkin") && event.learner !== null;

/** UUIDs in lower case compare as text as they do as numbers. */
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byTime = (a: MergeEvent, b: MergeEvent): number =>
  a.t_ms - b.t_ms || byText(a.event_id, b.event_id);
const byRank = (a: MergeEvent, b: MergeEvent): number => rank(a) - rank(b) || byTime(a, b);

export function project(events: Iterable<MergeEvent>): SessionState {
  const known: Events = new Map();
  for (const event of events) known.set(event.event_id, event);
  const close = closing(known);
  const late = new Set<string>();
  for (const event of known.values()) if (close && isLate(event, close)) late.add(event.event_id);
  const learners = new Map<string, LearnerState>();
  for (const [learner, own] of byLearner(known)) learners.set(learner, ofLearner(own, late));
  return { learners, closedBy: close, late: sorted(known, late) };
}

function byLearner(known: Events): Map<string, Events> {
  const found = new Map<string, Events>();
  for (const event of known.values()) {
    if (event.learner === null) continue;
    const own = found.get(event.learner) ?? new Map<string, MergeEvent>();
    found.set(event.learner, own.set(event.event_id, event));
  }
  return found;
}

function closing(known: Events): MergeEvent | null {
  const events = [...known.values()];
  const struck = new Set(
    events.filter((e) => e.kind === "void" && rank(e) === OVERRIDE).map((e) => e.target),
  );
  // One of rank override closes nothing: it says which of several head counts holds.
  const closes = events.filter(
    (e) => e.kind === "close" && rank(e) < OVERRIDE && !struck.has(e.event_id),
  );
  return closes.sort(byTime)[0] ?? null;
}

function isLate(event: MergeEvent, close: MergeEvent): boolean {
  if (event === close || rank(event) >= OVERRIDE || close.saw.includes(event.event_id)) return false;
  if (close.device === null || event.device !== close.device) return true;
  return event.seq === null || close.seq === null || event.seq >= close.seq;
}

function ofLearner(own: Events, late: Set<string>): LearnerState {
  const timely: Events = new Map([...own].filter(([id]) => !late.has(id)));
  const voids = [...timely.values()].filter((event) => event.kind === "void");
  const struck = new Set(voids.filter((v) => strikes(v, timely)).map((v) => v.target));
  const live = [...timely.values()].filter((e) => isMark(e) && !struck.has(e.event_id));
  const gone = new Set(live.flatMap((event) => supersededBy(event, own)));
  const heads = live.filter((event) => !gone.has(event.event_id)).sort(byRank);
  const winner = heads.at(-1) ?? null;
  const settled = settledBy([...live, ...voids]);
  const lateHere = sorted(own, late).filter((event) => !settled.has(event.event_id));
  const idle = voids.some((v) => isIdle(v, timely) && !settled.has(v.event_id));
  return {
    winner,
    status: winner ? statusOf(winner) : "",
    conflict: idle || lateHere.length > 0 || disagree(heads, winner),
    late: lateHere,
  };
}

function strikes(event: MergeEvent, own: Events): boolean {
  const target = event.target === null ? undefined : own.get(event.target);
  if (!target || !isMark(target)) return false;
  return event.device === target.device || rank(event) > rank(target);
}

/** Without effect for good; one whose target is still on its way is not (yet) a question. */
function isIdle(event: MergeEvent, own: Events): boolean {
  return event.target !== null && own.has(event.target) && !strikes(event, own);
}

function supersededBy(event: MergeEvent, own: Events): string[] {
  const chain: MergeEvent[] = [];
  const seen = new Set<string>();
  let older = event.base === null ? undefined : own.get(event.base);
  while (older && !seen.has(older.event_id)) {
    seen.add(older.event_id);
    chain.push(older);
    older = older.base === null ? undefined : own.get(older.base);
  }
  if (seen.has(event.event_id)) return []; // A circle was forged.
  return chain.filter((e) => rank(event) >= rank(e)).map((e) => e.event_id);
}

/** What the authors of overrides in force had seen when they decided. */
function settledBy(effective: MergeEvent[]): Set<string | null> {
  const settled = new Set<string | null>();
  for (const event of effective) {
    if (rank(event) !== OVERRIDE) continue;
    for (const id of [...event.saw, event.base, event.target]) settled.add(id);
  }
  return settled;
}

function disagree(heads: MergeEvent[], winner: MergeEvent | null): boolean {
  if (!winner) return false;
  const equals = heads.filter((event) => rank(event) === rank(winner));
  const statuses = new Set(equals.map(statusOf));
  return statuses.size > 1 && new Set(equals.map((event) => event.device)).size > 1;
}

function sorted(own: Events, wanted: Set<string>): MergeEvent[] {
  return [...own.values()].filter((event) => wanted.has(event.event_id)).sort(byTime);
}
