/** What several screens are made of. */
import type { ComponentChildren } from "preact";
import { handOver, queueFiles } from "../exporting";
import { dayAt, timeAt } from "../roster";
import type { Card, SessionView } from "../session";
import { type State, reload, set, state, today } from "../state";
import type { ClassSession, Status } from "../types";
import { upload } from "../uploading";
import { type Word, t } from "../words";

const SPRITE = "/static/attendance/icons.svg";

export function Icon({ name, isDirected = false }: { name: string; isDirected?: boolean }) {
  return (
    <svg class={isDirected ? "ic ic-dir" : "ic"} aria-hidden="true">
      <use href={`${SPRITE}#${name}`} />
    </svg>
  );
}

interface BarProps {
  title: string;
  sub?: ComponentChildren;
  back?: () => void;
  children?: ComponentChildren;
}

export function Bar({ title, sub, back, children }: BarProps) {
  return (
    <header class="bar">
      {back ? (
        <button class="bar-icon" aria-label={t("back")} onClick={back}>
          <Icon name="back" isDirected />
        </button>
      ) : (
        <span class="mark">训</span>
      )}
      <h1 class="bar-title">
        {title}
        {sub && <span class="bar-sub">{sub}</span>}
      </h1>
      {children}
    </header>
  );
}

export function when(ms: number | undefined): string {
  if (ms === undefined) return t("sync_never");
  const days = Math.round((Date.parse(today()) - Date.parse(dayAt(ms))) / 86_400_000);
  if (days <= 0) return t("today_at", { time: timeAt(ms) });
  return days === 1 ? t("yesterday_at", { time: timeAt(ms) }) : t("days_ago", { n: days });
}

export const countsText = ({ counts }: State): string =>
  t("sync_counts", { ...counts });

export const isReady = (state: State): boolean =>
  state.checks !== null && state.checks.every((check) => check.ok);

/** A hint for the eye: whether to send is never asked of the browser. */
export const signOf = (state: State): string =>
  state.isReached && navigator.onLine ? "wifi" : "wifi-off";

/** All that the server lacks, whatever the reason. */
export const notYetUp = ({ counts }: State): number =>
  counts.waiting + counts.refused + counts.evidence + counts.evidenceRefused;

export function SyncBar({ state }: { state: State }) {
  const { counts, sync, isUploading } = state;
  const waits = notYetUp(state) > 0;
  const refused = counts.refused + counts.evidenceRefused;
  return (
    <div class={waits ? "syncbar syncbar-wait" : "syncbar"} role="status" id="syncbar">
      <Icon name={signOf(state)} />
      <span class="sync-text">
        {isReady(state) && <span class="sync-ready">{t("offline_ready")} · </span>}
        <span id="counts">{countsText(state)}</span>
        {counts.evidence > 0 && ` · ${t("sync_pictures", { n: counts.evidence })}`}
        {refused > 0 && ` · ${t("sync_refused", { n: refused })}`}
      </span>
      <span class="syncbar-end">
        <span class="sync-last">
          {sync.uploadedAt ? t("sync_last", { when: when(sync.uploadedAt) }) : t("sync_never")}
        </span>
        <button class="btn" id="export" aria-label={t("export")} onClick={() => void exportQueue()}>
          <Icon name="download" />
          <span class="sync-word">{t("export_short")}</span>
        </button>
        <button
          class="btn"
          id="upload"
          aria-label={t("upload")}
          aria-busy={isUploading}
          onClick={() => void upload("button")}
        >
          <Icon name="upload" />
          <span class="sync-word">{t("upload")}</span>
        </button>
      </span>
    </div>
  );
}

export async function exportQueue(): Promise<void> {
  const queue = await queueFiles();
  if (!queue) return;
  const n = queue.events.length + queue.pictures.length;
  if (n > 0) await handOver(queue);
  await reload();
  set({ toast: { text: n > 0 ? t("export_done", { n, k: queue.files.length }) : t("export_none") } });
  // A tablet that was reported lost waits for nothing else, perhaps.
  if (state.flags.wiping) void upload("told");
}

type NoteKind = "info" | "good" | "warn" | "bad";
const NOTE_ICONS: Record<NoteKind, string> = {
  info: "info",
  good: "check",
  warn: "alert",
  bad: "alert",
};

export function Note({ kind, children }: { kind: NoteKind; children: ComponentChildren }) {
  return (
    <div class={`note note-${kind}`}>
      <Icon name={NOTE_ICONS[kind]} />
      <div class="note-text">{children}</div>
    </div>
  );
}

let toastTimer = 0;
let shownToast: State["toast"] = null;

export function Toast({ toast }: { toast: State["toast"] }) {
  if (toast !== shownToast) {
    shownToast = toast;
    clearTimeout(toastTimer);
    if (toast) toastTimer = window.setTimeout(() => set({ toast: null }), 10_000);
  }
  return (
    <div class="toasts" role="status">
      {toast && (
        <div class="toast">
          <span>{toast.text}</span>
          {toast.undo && (
            <button
              onClick={() => {
                set({ toast: null });
                toast.undo?.();
              }}
            >
              {t("undo")}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

export const STATUSES: Status[] = ["PRESENT", "LATE", "LEFT_EARLY", "LEAVE", "ABSENT"];
const FACES: Record<Status, { look: string; icon: string }> = {
  PRESENT: { look: "is-present", icon: "check" },
  LATE: { look: "is-late", icon: "clock" },
  LEFT_EARLY: { look: "is-left-early", icon: "leave" },
  LEAVE: { look: "is-leave", icon: "file" },
  ABSENT: { look: "is-absent", icon: "cross" },
};

export const iconOf = (status: Status): string => FACES[status].icon;
export const styleOf = (status: Status | ""): string => (status ? FACES[status].look : "");

/** The block of the state, the name, and one line below it. */
export function CardFace({ card, why, isSaving }: { card: Card; why?: string; isSaving?: boolean }) {
  const { status } = card;
  return (
    <>
      <span class="mark-state">
        {status && !isSaving && <Icon name={FACES[status].icon} />}
        <span>{isSaving ? "…" : t(status || "unmarked")}</span>
      </span>
      <span class="mark-main">
        <b>{card.name || t("roll_no_name")}</b>
        <span>
          {card.last4 || "—"} · {why ?? lineOf(card)}
        </span>
      </span>
    </>
  );
}

function lineOf(card: Card): string {
  const place = card.isWalkIn && !card.village ? t("roll_walk_in_card") : card.village;
  const parts = [place];
  if (card.by) parts.push(t("roll_by", { by: card.by }));
  if (card.conflict) parts.push(t("roll_conflict"));
  return parts.filter((part) => part !== "").join(" · ");
}

export function dayText(iso: string): string {
  const [, month, day] = iso.slice(0, 10).split("-");
  return t("day", { m: Number(month), d: Number(day) });
}

function halfDay(session: ClassSession): Word {
  const hour = Number(session.starts.slice(11, 13));
  if (hour < 12) return "morning";
  return hour < 18 ? "afternoon" : "evening";
}

/** 第 5 节 · 10 月 12 日 上午 09:00 · 岳普湖镇培训基地 */
export function sessionLine(session: ClassSession, isLong = true): string {
  const line = sittingLine(session, isLong);
  return isLong && session.site ? `${line} · ${session.site}` : line;
}

function sittingLine(session: ClassSession, isTimed: boolean): string {
  const { sequence, starts } = session;
  const time = isTimed ? ` ${starts.slice(11, 16)}` : "";
  const day = `${dayText(starts)} ${t(halfDay(session))}${time}`;
  return sequence ? `${t("session_no", { n: sequence })} · ${day}` : day;
}

/** In the bar; what is said `more` is left out on phones. */
export function SittingLine(props: { session: ClassSession; isTimed?: boolean; more: string }) {
  const { session, isTimed = false, more } = props;
  return (
    <>
      {sittingLine(session, isTimed)}
      {more && <span class="bar-more"> · {more}</span>}
    </>
  );
}

export function Letters(props: {
  letters: string[];
  chosen: string;
  all?: boolean;
  choose: (letter: string) => void;
}) {
  const letters = props.all ? ["", ...props.letters] : props.letters;
  return (
    <nav class="letters" aria-label={t("roll_letters")}>
      {letters.map((letter) => (
        <button
          key={letter}
          aria-pressed={letter === props.chosen}
          onClick={() => props.choose(letter)}
        >
          {letter || t("roll_letters_all")}
        </button>
      ))}
    </nav>
  );
}

export const placeOf = ({ session }: SessionView, state: State) => ({
  session: session.id,
  version: state.snapshot?.version ?? null,
});
