/** Everything that writes an event. */
import { sha256Hex } from "./bytes";
import { StorageLost, readMeta } from "./database";
import { encrypted } from "./lock";
import { seal } from "./seal";
import type { Card, SessionView, WalkInName } from "./session";
import { type Along, type Draft, append, newId } from "./store";
import type {
  EventRow,
  EvidenceKind,
  EvidenceRow,
  Method,
  Source,
  Status,
  WalkInPerson,
} from "./types";

interface Place {
  session: string;
  version: number | null;
}

export interface MarkOf {
  card: Card;
  status: Status;
  source: Source;
  method?: Method;
}

function markDraft(at: Place, { card, status, source, method }: MarkOf): Draft {
  return {
    kind: "mark",
    session_id: at.session,
    learner_id: card.learner,
    status,
    source,
    ...(method ? { method } : {}),
    base: card.event,
    snapshot_version: at.version,
  };
}

export async function mark(at: Place, what: MarkOf): Promise<EventRow[]> {
  return append([markDraft(at, what)]);
}

/** All at once, in one transaction: everybody or nobody. */
export async function markAll(at: Place, cards: Card[], status: Status): Promise<EventRow[]> {
  return append(
    cards.map((card) => markDraft(at, { card, status, source: "trainer", method: "bulk" })),
  );
}

/** Takes marks of this tablet back, or a sign-in of somebody else's when a trainer does it. */
export async function takeBack(at: Place, cards: Card[], source: Source): Promise<EventRow[]> {
  const drafts = cards.flatMap((card): Draft[] =>
    card.event
      ? [
          {
            kind: "void",
            session_id: at.session,
            learner_id: card.learner,
            source,
            base: card.event,
            target: card.event,
            snapshot_version: at.version,
          },
        ]
      : [],
  );
  return append(drafts);
}

/** Would a void of the trainer strike this mark? Otherwise another mark must say it. A mark of an
 * earlier enrolment is another device's. */
export function canTakeBack(card: Card): boolean {
  return card.event !== null && (card.isOurs || card.source === "self" || card.source === "auto");
}

/** Somebody who is not on the list: the office alone can read who, the name stays under the PIN. */
export async function addWalkIn(
  at: Place,
  person: WalkInPerson,
  status: Status,
  key: CryptoKey | null,
): Promise<EventRow[]> {
  const event_id = newId();
  const device = await readMeta("device");
  if (!device) throw new StorageLost("not enrolled");
  const last4 = person.id_number.slice(-4);
  const shown: WalkInName = { name: person.name, last4, village: person.village };
  const vault = key && { key: `walkin:${event_id}`, value: await encrypted(key, shown) };
  const draft: Draft = {
    event_id,
    kind: "walkin",
    session_id: at.session,
    learner_id: null,
    status,
    source: "trainer",
    base: null,
    snapshot_version: at.version,
    sealed: await seal(person, device.seal_key),
  };
  return append([draft], vault ? { vault } : {});
}

export interface Picture {
  kind: EvidenceKind;
  bytes: ArrayBuffer;
  type: string;
}

/** Nothing, where another tab was quicker. */
export async function closeSession(
  at: Place,
  view: SessionView,
  heads: number,
  pictures: Picture[],
): Promise<EventRow[]> {
  const evidence = await Promise.all(pictures.map((picture) => evidenceRow(at, picture)));
  const hashOf = (kind: EvidenceKind): string =>
    evidence.find((row) => row.kind === kind)?.sha256 ?? "";
  const draft: Draft = {
    kind: "close",
    session_id: at.session,
    learner_id: null,
    source: "trainer",
    base: null,
    snapshot_version: at.version,
    head_count: heads,
    saw: view.saw,
    photo_sha256: hashOf("photo"),
    signature_sha256: hashOf("signature"),
  };
  const along: Along = { evidence, closes: at.session };
  return append([draft], along);
}

async function evidenceRow(at: Place, { kind, bytes, type }: Picture): Promise<EvidenceRow> {
  const sha256 = await sha256Hex(bytes);
  return { sha256, session_id: at.session, kind, bytes, type, state: "waiting", at: Date.now() };
}
