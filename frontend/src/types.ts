/** What goes over the wire and what is kept; the words of the server's protocol. */

export type Status = "PRESENT" | "LATE" | "LEFT_EARLY" | "LEAVE" | "ABSENT";
export type Source = "auto" | "self" | "trainer" | "override";
export type Method = "id_card" | "qr" | "name" | "bulk";
export type Kind = "mark" | "void" | "walkin" | "close";

export interface Sealed {
  key: string;
  wrapped: string;
  iv: string;
  data: string;
}

/** An event as it is sent; written once and never changed, but for its number after re-enrolling. */
export interface EventBody {
  event_id: string;
  seq: number;
  kind: Kind;
  session_id: string;
  learner_id: string | null;
  status?: Status;
  source: Source;
  method?: Method;
  base: string | null;
  target?: string;
  wall_ms: number;
  skew_ms: number | null;
  t_ms: number;
  snapshot_version: number | null;
  sealed?: Sealed;
  head_count?: number;
  saw?: string[];
  photo_sha256?: string;
  signature_sha256?: string;
}

/** waiting: to be sent; sent: the server has it; refused: the server could not read it. */
export type RowState = "waiting" | "sent" | "refused";

export interface EventRow {
  event_id: string;
  device: string;
  seq: number;
  session_id: string;
  state: RowState;
  body: EventBody;
  result?: string;
  code?: string;
  note?: string;
  sent_at?: number;
  /** It is in a file that somebody took. */
  exported?: boolean;
}

export interface SealKey {
  id: string;
  jwk: JsonWebKey;
}

export interface Device {
  device_id: string;
  token: string;
  seal_key: SealKey;
  wrap_iter: number;
  trainer: string;
}

export type SessionStatus = "PLANNED" | "CLOSED" | "CANCELLED";

export interface ClassSession {
  id: string;
  run_id: string;
  title: string;
  course: string;
  site: string;
  starts: string;
  ends: string;
  late_after_min: number;
  status: SessionStatus;
  head_count: number | null;
  rev: number;
  class_key: string;
  sequence?: number;
  /** Events of an open session that the server held; a close names them. */
  seen?: string[];
}

export interface RosterRow {
  session: string;
  learner: string;
  name: string;
  initials: string;
  id_last4: string;
  village: string;
  id_tag: string;
  qr: string;
  rev: number;
}

export interface ServerState {
  session: string;
  learner: string;
  event: string;
  status: Status;
  source: Source;
  by: string;
  t_ms: number;
  conflict: boolean;
}

export interface Alias {
  from: string;
  to: string;
}

export interface Snapshot {
  version: number;
  full: boolean;
  server_time: number;
  expires_at: number;
  seal_key: SealKey;
  sessions: ClassSession[];
  roster: RosterRow[];
  aliases: Alias[];
  removed: { sessions: string[]; roster: [string, string][] };
  states: ServerState[];
}

export interface WalkInPerson {
  name: string;
  id_number: string;
  phone: string;
  village: string;
  qr: string;
}

export type EvidenceKind = "photo" | "signature";

/** The numbers above the box for the signature. */
export type Figures = { heads: number | null } & Record<Status, number>;

/** The steps of a close that is not made yet; see drafts.ts. */
export interface CloseDraft {
  count?: { heads: number; at: number };
  /** Marks that were in doubt and looked at again, by their events. */
  looked?: { marks: string[]; at: number };
  photo?: { bytes: ArrayBuffer; at: number };
  /** The camera was opened and nothing has come of it. */
  camera?: { at: number };
  /** Only as good as the numbers under which it was given. */
  signature?: { bytes: ArrayBuffer; at: number; signed: Figures };
}

export interface EvidenceRow {
  sha256: string;
  session_id: string;
  kind: EvidenceKind;
  bytes: ArrayBuffer;
  type: string;
  state: RowState;
  at: number;
  exported?: boolean;
}
