/** One class as the trainer sees it: its list, and what the events say of each person. */
import { type MergeEvent, type SessionState, project } from "./merge";
import { rosterOf, statesOf } from "./roster";
import type { ClassSession, EventRow, Method, ServerState, Snapshot, Source, Status } from "./types";

export interface Card {
  learner: string;
  name: string;
  initials: string;
  last4: string;
  village: string;
  status: Status | "";
  /** The mark that holds, to be named as base or struck out. */
  event: string | null;
  isOurs: boolean;
  source: Source | "";
  method: Method | "";
  at: number;
  by: string;
  conflict: boolean;
  isWalkIn: boolean;
}

export interface Tally {
  all: number;
  unmarked: number;
  counted: Record<Status, number>;
  inRoom: number;
}

export interface SessionView {
  session: ClassSession;
  cards: Card[];
  tally: Tally;
  isClosed: boolean;
  headCount: number | null;
  /** Events that this tablet knew of, for a close to name. */
  saw: string[];
}

export interface WalkInName {
  name: string;
  last4: string;
  village: string;
}

type Names = Map<string, WalkInName>;

export function viewOf(
  session: ClassSession,
  snapshot: Snapshot,
  rows: EventRow[],
  names: Names,
  device: string,
): SessionView {
  const aliases = new Map(snapshot.aliases.map(({ from, to }) => [from, to]));
  const ours = rows.map((row) => ourEvent(row, aliases));
  const known = new Set(ours.map((event) => event.event_id));
  const stated = statesOf(snapshot, session.id);
  const theirs = stated.filter((state) => !known.has(state.event));
  const foreign = theirs.map((state) => ({ ...foreignEvent(state), by: state.by }));
  const state = project([...unjudged(ours, session, stated), ...foreign]);
  const own = new Map(rows.map((row) => [row.event_id, row]));
  const by = new Map(foreign.map((event) => [event.event_id, event.by]));
  const conflicts = new Set(stated.filter((s) => s.conflict).map((s) => s.learner));
  const cards = people(session, snapshot, ours, names).map((card) =>
    withState(card, state, own, device, by, conflicts),
  );
  const closing = rows.find((row) => row.event_id === state.closedBy?.event_id);
  return {
    session,
    cards,
    tally: tallyOf(cards),
    isClosed: closing !== undefined || session.status !== "PLANNED",
    headCount: closing?.body.head_count ?? session.head_count,
    saw: knownAt(session, [...foreign, ...ours]),
  };
}

/**
 * Without what the server's answer has in it already: it knows what was said after ours in view of
 * it, and from the answer alone the two would look like two opinions. Where one of ours is still on
 * its way, all of them count.
 */
function unjudged(ours: MergeEvent[], session: ClassSession, stated: ServerState[]): MergeEvent[] {
  const seen = new Set(session.seen ?? []);
  const onTheWay = new Set(ours.filter((e) => !seen.has(e.event_id)).map((e) => e.learner));
  const holding = new Set(stated.map((state) => state.event));
  const isJudged = ({ event_id, learner }: MergeEvent): boolean =>
    learner !== null && !onTheWay.has(learner) && seen.has(event_id) && !holding.has(event_id);
  return ours.filter((event) => !isJudged(event));
}

/**
 * What stands in the snapshot's list was superseded perhaps, but it came before the close. Our own
 * are named too: a close that goes up under another enrolment is another device's than they are.
 */
function knownAt(session: ClassSession, events: MergeEvent[]): string[] {
  return [...new Set([...events.map((e) => e.event_id), ...(session.seen ?? [])])];
}

function ourEvent(row: EventRow, aliases: Map<string, string>): MergeEvent {
  const { body } = row;
  // A walk-in is known by its event until the server says who it is.
  const learner = body.kind === "walkin" ? body.event_id : body.learner_id;
  return {
    event_id: body.event_id,
    kind: body.kind,
    source: body.source,
    t_ms: body.t_ms,
    learner: learner === null ? null : (aliases.get(learner) ?? learner),
    status: body.status ?? "",
    device: row.device,
    seq: row.seq,
    base: body.base,
    target: body.target ?? null,
    saw: body.saw ?? [],
  };
}

function foreignEvent(state: Snapshot["states"][number]): MergeEvent {
  return {
    event_id: state.event,
    kind: "mark",
    source: state.source,
    t_ms: state.t_ms,
    learner: state.learner,
    status: state.status,
    device: "theirs",
    seq: null,
    base: null,
    target: null,
    saw: [],
  };
}

function people(
  session: ClassSession,
  snapshot: Snapshot,
  ours: MergeEvent[],
  names: Names,
): Card[] {
  const listed = rosterOf(snapshot, session.id).map((row) =>
    blank(row.learner, row.name, row.initials, row.id_last4, row.village, false),
  );
  const there = new Set(listed.map((card) => card.learner));
  const walkIns = ours.filter((e) => e.kind === "walkin" && e.learner && !there.has(e.learner));
  const added = walkIns.map((event) => {
    const said = names.get(event.event_id);
    const id = event.learner ?? event.event_id;
    return blank(id, said?.name ?? "", "", said?.last4 ?? "", said?.village ?? "", true);
  });
  return [...listed, ...added];
}

function blank(
  learner: string,
  name: string,
  initials: string,
  last4: string,
  village: string,
  isWalkIn: boolean,
): Card {
  const unsaid = { status: "", source: "", method: "", by: "" } as const;
  const rest = { event: null, isOurs: false, at: 0, conflict: false, isWalkIn };
  return { learner, name, initials, last4, village, ...unsaid, ...rest };
}

function withState(
  card: Card,
  state: SessionState,
  rows: Map<string, EventRow>,
  device: string,
  by: Map<string, string>,
  conflicts: Set<string>,
): Card {
  const own = state.learners.get(card.learner);
  const winner = own?.winner ?? null;
  const conflict = conflicts.has(card.learner) || own?.conflict === true;
  if (!winner) return { ...card, conflict };
  return {
    ...card,
    status: own?.status ?? "",
    event: winner.event_id,
    isOurs: rows.get(winner.event_id)?.device === device,
    source: winner.source,
    method: rows.get(winner.event_id)?.body.method ?? "",
    at: winner.t_ms,
    by: by.get(winner.event_id) ?? "",
    conflict,
  };
}

export const isCancelled = ({ session }: SessionView): boolean => session.status === "CANCELLED";

function tallyOf(cards: Card[]): Tally {
  const counted = { PRESENT: 0, LATE: 0, LEFT_EARLY: 0, LEAVE: 0, ABSENT: 0 };
  for (const card of cards) if (card.status) counted[card.status] += 1;
  const marked = Object.values(counted).reduce((sum, n) => sum + n, 0);
  const inRoom = counted.PRESENT + counted.LATE;
  return { all: cards.length, unmarked: cards.length - marked, counted, inRoom };
}

/** The sums as a close would say them: who is not marked is absent. */
export const resultOf = ({ counted, unmarked }: Tally): Record<Status, number> => ({
  ...counted,
  ABSENT: counted.ABSENT + unmarked,
});

/** Whom to look at first when heads and marks differ: in conflict, marked in bulk, then late. */
export function doubtful(cards: Card[], most = 3): Card[] {
  const inRoom = cards.filter((card) => card.status === "PRESENT" || card.status === "LATE");
  const weight = (card: Card): number =>
    (card.conflict ? 4 : 0) + (card.method === "bulk" ? 2 : 0) + (card.status === "LATE" ? 1 : 0);
  const doubted = inRoom.filter((card) => weight(card) > 0);
  return doubted.sort((a, b) => weight(b) - weight(a)).slice(0, most);
}

/** The letters that names begin with, for filters. */
export function lettersOf(cards: Card[]): string[] {
  return [...new Set(cards.map(letterOf).filter((letter) => letter !== ""))].sort();
}

export const letterOf = (card: Card): string => card.initials.slice(0, 1).toUpperCase();

/** A sign-in after the minutes that the class allows is late, unless nobody knows the time. */
export function signInStatus(session: ClassSession, now: number, isClockKnown: boolean): Status {
  const limit = Date.parse(session.starts) + session.late_after_min * 60_000;
  return isClockKnown && now > limit ? "LATE" : "PRESENT";
}
