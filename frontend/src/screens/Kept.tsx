/** What is still there of a close that was begun, in one line. */
import { draftOf, dropDraft, keepAll } from "../drafts";
import { dayAt, timeAt } from "../roster";
import type { SessionView } from "../session";
import { lapsed } from "../signing";
import { set } from "../state";
import type { CloseDraft } from "../types";
import { type Word, t } from "../words";
import { Icon, dayText } from "./parts";

interface Props {
  view: SessionView;
  draft: CloseDraft;
  /** On the list it says that there is something; on the page of the close it offers to begin anew. */
  word: Word & ("close_kept" | "roll_kept");
  begunAnew?: () => void;
}

export function Kept({ view, draft, word, begunAnew }: Props) {
  const what = partsOf(view, draft);
  if (what.length === 0) return null;
  const at = Math.max(...Object.values(draft).map((step) => step.at));
  const when = `${dayText(dayAt(at))} ${timeAt(at)}`;
  const anew = (): void => {
    begunAnew?.();
    void beginAnew(view.session.id);
  };
  return (
    <div class="note note-info" id="kept">
      <Icon name="info" />
      <div class="note-text">{t(word, { when, what: what.join(t("close_kept_and")) })}</div>
      {begunAnew && (
        <button class="btn" onClick={anew}>
          {t("close_anew")}
        </button>
      )}
    </div>
  );
}

/** A signature that has to be given again is none that was kept. */
function partsOf({ tally }: SessionView, draft: CloseDraft): string[] {
  const { count, looked, photo, signature } = draft;
  const parts: string[] = [];
  if (count) parts.push(t("close_kept_heads", { n: count.heads }));
  if (looked) parts.push(t("close_kept_looked", { n: looked.marks.length }));
  if (photo) parts.push(t("close_kept_photo"));
  if (signature && lapsed(tally, draft).length === 0) parts.push(t("close_kept_signature"));
  return parts;
}

/** A slip of the finger must not cost a photo of people who have gone home. */
async function beginAnew(session: string): Promise<void> {
  const draft = draftOf(session);
  await dropDraft(session);
  set({ toast: { text: t("close_anew_done"), undo: () => void keepAll(session, draft) } });
}
