import { useState } from "preact/hooks";
import { type CloseDraft, changeDraft, draftOf, dropDraft, wholeDraft } from "../drafts";
import { closeSession, mark, takeBack } from "../marks";
import { type Card, type SessionView, doubtful } from "../session";
import { type State, goOn, reload, set, view as viewNow, written } from "../state";
import type { Status } from "../types";
import { upload } from "../uploading";
import { t } from "../words";
import { Choose } from "./Choose";
import { Evidence } from "./Evidence";
import { Bar, CardFace, Icon, Note, STATUSES, SyncBar, placeOf, sessionLine, styleOf } from "./parts";

interface Props {
  state: State;
  view: SessionView;
}

export function CloseOut({ state, view }: Props) {
  const { session, isClosed } = view;
  const [draft, setDraft] = useState(draftOf(session.id));
  const [isMissed, setMissed] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const change = (part: Partial<CloseDraft>): void => setDraft(changeDraft(session.id, part));
  // What the marks say is no count: the field is empty until somebody types.
  const count = (heads: number | null): void => {
    change({ heads });
    setMissed(false);
  };
  const { heads } = draft;
  const back = () => set({ screen: { at: "roll", session: session.id } });
  const close = async (): Promise<void> => {
    if (isBusy || isClosed) return;
    if (heads === null) {
      setMissed(true);
      document.getElementById("heads")?.focus();
      return;
    }
    setBusy(true);
    try {
      const { pictures } = await wholeDraft(session.id);
      await written(() => {
        const now = viewNow(session.id) ?? view;
        return closeSession(placeOf(view, state), now, heads, pictures);
      });
      dropDraft(session.id);
      await reload();
    } finally {
      setBusy(false);
    }
    goOn("close", { screen: { at: "home" }, toast: { text: t("close_done") } });
    void upload("told");
  };
  return (
    <>
      <Bar title={t("roll_close")} sub={`${session.title} · ${sessionLine(session, false)}`} back={back} />
      <SyncBar state={state} />
      <main class="page page-docked">
        <Result view={view} />
        <Heads state={state} view={view} heads={heads} isMissed={isMissed} change={count} />
        <Evidence session={session.id} draft={draft} change={change} />
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
          {closeWord(view, heads)}
          <Icon name="chevron-right" isDirected />
        </button>
      </div>
    </>
  );
}

function closeWord({ tally }: SessionView, heads: number | null): string {
  if (tally.unmarked === tally.all && tally.all > 0) return t("close_go_nobody", { n: tally.all });
  const n = Math.abs((heads ?? tally.inRoom) - tally.inRoom);
  return n > 0 ? t("close_go_differs", { n }) : t("close_go");
}

function Result({ view: { tally } }: { view: SessionView }) {
  const isNobody = tally.unmarked === tally.all;
  const counts = STATUSES.map((status): [string, number] => [
    t(status),
    tally.counted[status] + (status === "ABSENT" ? tally.unmarked : 0),
  ]);
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
  /** null until somebody gave a number: nothing "agrees" before. */
  heads: number | null;
  /** Closing was tried without. */
  isMissed: boolean;
  change: (heads: number | null) => void;
}

const MOST_HEADS = 999;

/** What was typed; null for an empty field. */
const typed = (value: number): number | null =>
  Number.isNaN(value) ? null : Math.max(0, Math.min(MOST_HEADS, Math.trunc(value)));

function Heads({ state, view, heads, isMissed, change }: HeadsProps) {
  const { tally, session, cards } = view;
  const difference = heads === null ? null : heads - tally.inRoom;
  const doubted = difference ? doubtful(cards) : [];
  const step = (by: number) => heads !== null && change(typed(heads + by));
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
            onInput={(event) => change(typed(event.currentTarget.valueAsNumber))}
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
          <Compared view={view} difference={difference} doubted={doubted.length} isMissed={isMissed} />
        </div>
      </div>
      {doubted.map((card) => (
        <Doubted key={card.learner} card={card} view={view} state={state} />
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

/** Put right here: going back to the list for it would lose sight of the count. */
function Doubted({ card, view, state }: Props & { card: Card }) {
  const [isChoosing, setChoosing] = useState(false);
  const place = placeOf(view, state);
  const leave = () => setChoosing(false);
  const say = (status: Status): void => {
    leave();
    if (card.status !== status) {
      void written(() => mark(place, { card, status, source: "trainer" }));
    }
  };
  const undo = (): void => {
    leave();
    void written(() => takeBack(place, [card], "trainer"));
  };
  return (
    <>
      <div class={`mark-card ${styleOf(card.status)}`}>
        <span class="mark-tap doubted">
          <CardFace card={card} why={whyDoubted(card)} />
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
