/** When the uploader runs, and what the person hears of it. */
import { erase } from "./database";
import { dropLists, takeSnapshot } from "./entering";
import { isUnlocked } from "./lock";
import { checkAll } from "./ready";
import { reload, set, state, tellOthers } from "./state";
import { type Outcome, Patience, sync } from "./sync";
import { lookForUpdate } from "./update";
import { type Word, t } from "./words";

const EVERY_MS = 60_000;
const patience = new Patience();

export function watchNetwork(): void {
  addEventListener("online", () => void upload("told"));
  document.addEventListener("visibilitychange", () => {
    // Somebody has it in hand: that is a reason to ask at once.
    if (document.visibilityState === "visible") void upload("told");
  });
  setInterval(() => void upload("timer"), EVERY_MS);
  void upload("told");
}

/** The browser's word for "online" is never asked: it is wrong too often. */
export async function upload(why: "timer" | "told" | "button"): Promise<void> {
  isAsked ||= why === "button";
  if (state.isUploading) {
    isAgain ||= why !== "timer";
    return;
  }
  if (!state.device || !patience.may(why !== "timer")) return;
  isAgain = false;
  set({ isUploading: true });
  try {
    const outcome = await sync({ since, take: isUnlocked() ? takeSnapshot : null });
    patience.note(outcome);
    isOwed = outcome.is === "busy" && why !== "timer";
    if (outcome.is !== "busy") set({ isReached: outcome.is !== "unreached" });
    await after(outcome);
  } finally {
    set({ isUploading: false });
    tellOthers();
  }
  if (isAgain) await upload("told");
}

/** Somebody waits for a word about how it ended. */
let isAsked = false;
/** Asked for while one was under way, which may be past the marks already: another one follows. */
let isAgain = false;

/** Another tab was at it when this one was asked: its round may be past what this one wrote. */
let isOwed = false;

export async function othersTold(): Promise<void> {
  if (isOwed) await upload("told");
}

const since = (): number | undefined => state.snapshot?.version;

async function after(outcome: Outcome): Promise<void> {
  await reload();
  if (state.flags.wiping) await wipe();
  else if (state.flags.mustUpdate) lookForUpdate();
  if (state.checks && !state.flags.wiping) set({ checks: await checkAll() });
  // What could not be reached now is not asked a second time for an impatient finger.
  isAgain &&= outcome.is === "done";
  if (!isAsked || isAgain) return;
  // The screen of a lost tablet says by itself what is left.
  if (!state.flags.wiping && !state.flags.wiped) set({ toast: { text: said(outcome) } });
  isAsked = false;
}

function said(outcome: Outcome): string {
  if (outcome.is === "unreached") return t(`upload_${outcome.why}` as Word);
  if (outcome.is === "busy") return t("upload_tab");
  if (outcome.is === "ended") return t("upload_ended");
  if (outcome.is === "must_enrol") return t("home_must_enrol");
  return whatIsLeft();
}

/** Never "all" while anything is still here: marks made meanwhile, or what was not taken. */
function whatIsLeft(): string {
  const { waiting, refused, evidence, evidenceRefused } = state.counts;
  if (waiting + evidence > 0) return t("upload_more", { n: waiting + evidence });
  const n = refused + evidenceRefused;
  return n > 0 ? t("upload_refused", { n }) : t("upload_done");
}

/** The lists at once; everything when neither a mark nor a picture waits any more. */
async function wipe(): Promise<void> {
  await dropLists();
  await erase();
  await reload();
  set({ screen: { at: "wiped" } });
}
