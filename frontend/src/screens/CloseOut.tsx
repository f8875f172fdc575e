import { useState } from "preact/hooks";
import { now } from "../clock";
import { type Step, allDrawn, closedWith, draftOf, keep } from "../drafts";
import { dataKey } from "../lock";
import { type Picture, closeSession, mark, takeBack } from "../marks";
import { type Card, type SessionView, doubtful, resultOf } from "../session";
import { lapsed } from "../signing";
import { type State, goOn, reload, set, state as stateNow, view as viewNow, written } from "../state";
import type { CloseDraft, EventRow, Status } from "../types";
import { upload } from "../uploading";
import { t } from "../words";
import { Choose } from "./Choose";
import { Evidence } from "./Evidence";
import { Kept } from "./Kept";
import { Bar, CardFace, Icon, Note, STATUSES, SyncBar, placeOf, sessionLine, styleOf } from "./parts";

interface Props {
  state: State;
  view: SessionView;
}

/** What is kept of a step, or null where it is taken back. */
export type Keep = <S extends Step>(step: S, value: CloseDraft[S] | null) => Promise<void>;

/** What a close cannot be made without, or not with. */
type Wanting = "count" | "signature";

export function CloseOut({ state, view }: Props) {
  const { session, isClosed } = view;
  const draft = draftOf(session.id);
  const [found, setFound] = useState(draft);
  const [missed, setMissed] = useState<Wanting | null>(null);
  const [isBusy, setBusy] = useState(false);
  // The camera may outlast the lock: what comes of it is sealed under the key of this moment.
  const key = dataKey();
  const change: Keep = (step, value) => keep(session.id, step, value, key);
  // What the marks say is no count: the field is empty until somebody types.
  const count = (heads: number | null): void => {
    void change("count", heads === null ? null : { heads, at: now(state.clock) });
    setMissed(null);
  };
  const ask = (wanting: Wanting): void => {
    setMissed(wanting);
    document.getElementById(wanting === "count" ? "heads" : "unsigned")?.focus();
  };
  const back = () => set({ screen: { at: "roll", session: session.id } });
  const close = async (): Promise<void> => {
    if (isBusy || isClosed) return;
    const wanting = wantingIn(view, draft);
    if (wanting) return ask(wanting);
    setBusy(true);
    try {
      const still = await closeNow(session.id);
      if (still) return ask(still);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Bar title={t("roll_close")} sub={`${session.title} · ${sessionLine(session, false)}`} back={back} />
      <SyncBar state={state} />
      <main class="page page-docked">
        {!isClosed && (
          <Kept view={view} draft={found} word="close_kept" begunAnew={() => setFound({})} />
        )}
        <Result view={view} />
        <Heads state={state} view={view} draft={draft} isMissed={missed === "count"} count={count} change={change} />
        <Evidence view={view} draft={draft} isMissed={missed === "signature"} change={change} />
      </main>
      <div class="dock" id="dock">
        <button class="btn" onClick={back}>
          {t("close_back")}
        </button>
        <button
          class="btn btn-main"
          id="close"
          aria-busy={isBusy}
          disabled={isClosed}
          onClick={() => void close()}
        >
          {closeWord(view, draft.count?.heads ?? null)}
          <Icon name="chevron-right" isDirected />
        </button>
      </div>
    </>
  );
}

function wantingIn({ tally }: SessionView, draft: CloseDraft): Wanting | null {
  if (!draft.count) return "count";
  return lapsed(tally, draft).length > 0 ? "signature" : null;
}

/** Made from what is shown when every picture is there; marks may have come by then. */
async function closeNow(session: string): Promise<Wanting | null> {
  await allDrawn(session);
  let wanting: Wanting | null = null;
  const rows = await written(async (): Promise<EventRow[]> => {
    const [view, draft] = [viewNow(session), draftOf(session)];
    if (!view || view.isClosed) return [];
    wanting = wantingIn(view, draft);
    if (wanting || !draft.count) return [];
    return closeSession(placeOf(view, stateNow), view, draft.count.heads, picturesOf(draft));
  });
  if (wanting) return wanting;
  // Locked meanwhile: nothing is closed, and all that was begun is there after the PIN.
  if (!viewNow(session)) return null;
  closedWith(session);
  await reload();
  const text = t(rows.length > 0 ? "close_done" : "close_elsewhere");
  goOn("close", { screen: { at: "home" }, toast: { text } });
  void upload("told");
  return null;
}

function picturesOf({ photo, signature }: CloseDraft): Picture[] {
  const pictures: Picture[] = [];
  if (photo) pictures.push({ kind: "photo", bytes: photo.bytes, type: "image/jpeg" });
  if (signature) pictures.push({ kind: "signature", bytes: signature.bytes, type: "image/png" });
  return pictures;
}

function closeWord({ tally }: SessionView, heads: number | null): string {
  if (tally.unmarked === tally.all && tally.all > 0) return t("close_go_nobody", { n: tally.all });
  const n = Math.abs((heads ?? tally.inRoom) - tally.inRoom);
  return n > 0 ? t("close_go_differs", { n }) : t("close_go");
}

function Result({ view: { tally } }: { view: SessionView }) {
  const isNobody = tally.unmarked === tally.all;
  const result = resultOf(tally);
  const counts = STATUSES.map((status): [string, number] => [t(status), result[status]]);
  return (
    <section class="card stack">
      <h2 class="card-title">{t("close_result")}</h2>
      <div class="sum">
        {counts.flatMap(([word, count], i) => [
          i > 0 && <span class="sum-op">+</span>,
          <span class="sum-box">
            <b>{count}</b>
            <span>{word}</span>
          </span>,
        ])}
        <span class="sum-op">=</span>
        <span class="sum-box sum-total">
          <b>{tally.all}</b>
          <span>{t("close_expected")}</span>
        </span>
      </div>
      {tally.unmarked > 0 && !isNobody && (
        <p class="quiet">{t("close_unmarked", { n: tally.unmarked })}</p>
      )}
    </section>
  );
}

interface HeadsProps {
  state: State;
  view: SessionView;
  draft: CloseDraft;
  /** Closing was tried without a number. */
  isMissed: boolean;
  count: (heads: number | null) => void;
  change: Keep;
}

const MOST_HEADS = 999;

/** What was typed; null for an empty field. */
const typed = (value: number): number | null =>
  Number.isNaN(value) ? null : Math.max(0, Math.min(MOST_HEADS, Math.trunc(value)));

function Heads({ state, view, draft, isMissed, count, change }: HeadsProps) {
  const { tally, session, cards } = view;
  // null until somebody gave a number: nothing "agrees" before.
  const heads = draft.count?.heads ?? null;
  const difference = heads === null ? null : heads - tally.inRoom;
  const doubted = difference ? doubtful(cards) : [];
  const looked = new Set(draft.looked?.marks);
  const isLooked = (card: Card): boolean => card.event !== null && looked.has(card.event);
  const look = (event: string): void => {
    const { marks = [] } = draftOf(session.id).looked ?? {};
    void change("looked", { marks: [...new Set([...marks, event])], at: now(state.clock) });
  };
  const left = doubted.filter((card) => !isLooked(card)).length;
  const step = (by: number) => heads !== null && count(typed(heads + by));
  return (
    <section class="card stack" id="count">
      <label class="card-title" for="heads">
        {t("close_heads")}
      </label>
      <p class="quiet">{t("close_heads_how")}</p>
      <div class="row heads-row">
        <div class="head-count">
          <button
            class="btn"
            aria-label={t("close_minus")}
            disabled={heads === null}
            onClick={() => step(-1)}
          >
            −
          </button>
          <input
            id="heads"
            type="number"
            inputMode="numeric"
            min={0}
            max={MOST_HEADS}
            value={heads ?? ""}
            aria-invalid={isMissed}
            onInput={(event) => count(typed(event.currentTarget.valueAsNumber))}
          />
          <button
            class="btn"
            aria-label={t("close_plus")}
            disabled={heads === null}
            onClick={() => step(1)}
          >
            +
          </button>
        </div>
        <div class="count-note">
          <Compared view={view} difference={difference} doubted={left} isMissed={isMissed} />
        </div>
      </div>
      {doubted.map((card) => (
        <Doubted
          key={card.learner}
          card={card}
          view={view}
          state={state}
          isLooked={isLooked(card)}
          look={look}
        />
      ))}
      {difference !== null && difference > 0 && (
        <button
          class="btn btn-text"
          onClick={() => set({ screen: { at: "walk_in", session: session.id } })}
        >
          {t("close_walk_in")}
        </button>
      )}
      <p class="cap">{t("close_as_is")}</p>
    </section>
  );
}

interface ComparedProps {
  view: SessionView;
  difference: number | null;
  doubted: number;
  isMissed: boolean;
}

function Compared({ view: { tally }, difference, doubted, isMissed }: ComparedProps) {
  if (isMissed) return <Note kind="bad">{t("close_missed")}</Note>;
  if (tally.unmarked === tally.all && tally.all > 0) {
    return <Note kind="warn">{t("close_nobody", { n: tally.all })}</Note>;
  }
  if (difference === null) return <Note kind="info">{t("close_uncounted")}</Note>;
  if (difference === 0) return <Note kind="good">{t("close_agree")}</Note>;
  const { PRESENT: present, LATE: late } = tally.counted;
  const n = Math.abs(difference);
  return (
    <Note kind="warn">
      <b>{t(difference < 0 ? "close_fewer" : "close_more", { n })}</b>
      {t("close_should", { n: tally.inRoom, present, late })}
      {doubted > 0 && t("close_look", { n: doubted })}
    </Note>
  );
}

interface DoubtedProps extends Props {
  card: Card;
  isLooked: boolean;
  look: (event: string) => void;
}

/** Put right here: going back to the list for it would lose sight of the count. */
function Doubted({ card, view, state, isLooked, look }: DoubtedProps) {
  const [isChoosing, setChoosing] = useState(false);
  const place = placeOf(view, state);
  const leave = () => setChoosing(false);
  const say = (status: Status): void => {
    leave();
    // The same answer as before: it was looked at and is right.
    if (card.status === status) return void (card.event && look(card.event));
    void written(() => mark(place, { card, status, source: "trainer" }));
  };
  const undo = (): void => {
    leave();
    void written(() => takeBack(place, [card], "trainer"));
  };
  return (
    <>
      <div class={`mark-card ${styleOf(card.status)}`}>
        <span class="mark-tap doubted">
          <CardFace card={card} why={isLooked ? t("close_looked") : whyDoubted(card)} />
        </span>
        <button
          class="mark-more"
          aria-label={t("roll_more", { name: card.name })}
          aria-expanded={isChoosing}
          onClick={() => setChoosing(!isChoosing)}
        >
          <Icon name="more" />
        </button>
      </div>
      {isChoosing && !view.isClosed && <Choose card={card} say={say} undo={undo} leave={leave} />}
    </>
  );
}

function whyDoubted(card: Card): string {
  if (card.conflict) return t("close_conflict");
  return t(card.method === "bulk" ? "close_bulk" : "close_came_late");
}
