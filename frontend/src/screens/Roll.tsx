import { useState } from "preact/hooks";
import { draftOf } from "../drafts";
import { canTakeBack, mark, markAll, takeBack } from "../marks";
import { dayOf } from "../roster";
import { type Card, type SessionView, isCancelled, letterOf, lettersOf } from "../session";
import { type State, goOn, set, today, view as viewNow, written } from "../state";
import type { Status } from "../types";
import { t } from "../words";
import { Choose } from "./Choose";
import { Kept } from "./Kept";
import { Bar, CardFace, Icon, Letters, Note, STATUSES, SittingLine, SyncBar, dayText, placeOf, styleOf } from "./parts";

interface Props {
  state: State;
  view: SessionView;
}
type Shown = Status | "" | "unmarked";

export function Roll({ state, view }: Props) {
  const { session, cards, isClosed } = view;
  const [shown, setShown] = useState<Shown>("");
  const [letter, setLetter] = useState("");
  const [choosing, setChoosing] = useState("");
  const [saving, setSaving] = useState<ReadonlySet<string>>(new Set());
  const place = placeOf(view, state);

  /** The tick is drawn by `written`, after it was stored. */
  const writing = async (card: Card, write: () => ReturnType<typeof mark>): Promise<void> => {
    if (isClosed || saving.has(card.learner)) return;
    setChoosing("");
    setSaving(new Set([...saving, card.learner]));
    try {
      await written(write);
    } finally {
      setSaving((now) => new Set([...now].filter((learner) => learner !== card.learner)));
    }
  };
  const say = (card: Card, status: Status): void => {
    if (card.status === status) return setChoosing("");
    void writing(card, () => mark(place, { card, status, source: "trainer" }));
  };
  const undo = (card: Card): void => {
    void writing(card, () => takeBack(place, [card], "trainer"));
  };
  const tap = (card: Card): void => {
    if (card.status === "") say(card, "PRESENT");
    else if (canTakeBack(card)) undo(card);
    else setChoosing(card.learner);
  };

  const listed = cards.filter(
    (card) => isShown(card, shown) && (letter === "" || letterOf(card) === letter),
  );
  return (
    <>
      <Bar
        title={session.title}
        sub={<SittingLine session={session} isTimed more={session.site} />}
        back={() => set({ screen: { at: "home" } })}
      >
        <button class="bar-btn" onClick={() => set({ screen: { at: "desk", session: session.id } })}>
          <Icon name="qr" />
          {t("roll_desk")}
        </button>
      </Bar>
      <SyncBar state={state} />
      <Tallies view={view} shown={shown} show={setShown} />
      <main class="page page-docked">
        {isClosed && <Note kind="info">{t(isCancelled(view) ? "roll_cancelled" : "roll_closed")}</Note>}
        {!isClosed && dayOf(session.starts) !== today() && (
          <Note kind="warn">{t("roll_not_today", { day: dayText(session.starts) })}</Note>
        )}
        {!isClosed && <Kept view={view} draft={draftOf(session.id)} word="roll_kept" />}
        <Letters letters={lettersOf(cards)} chosen={letter} all choose={setLetter} />
        <div class="roll" id="roll">
          {listed.length === 0 && <p class="quiet">{t("roll_nobody")}</p>}
          {listed.flatMap((card) => [
            <RollCard
              key={card.learner}
              card={card}
              isSaving={saving.has(card.learner)}
              isClosed={isClosed}
              tap={() => tap(card)}
              more={() => setChoosing(choosing === card.learner ? "" : card.learner)}
            />,
            choosing === card.learner && !isClosed && (
              <Choose
                key={`choose-${card.learner}`}
                card={card}
                say={(status) => say(card, status)}
                undo={() => undo(card)}
                leave={() => setChoosing("")}
              />
            ),
          ])}
        </div>
      </main>
      <Dock view={view} state={state} />
    </>
  );
}

function isShown(card: Card, shown: Shown): boolean {
  return shown === "" || (shown === "unmarked" ? card.status === "" : card.status === shown);
}

function Tallies(props: { view: SessionView; shown: Shown; show: (what: Shown) => void }) {
  const { tally } = props.view;
  const boxes: [Shown, number, string][] = [
    ["", tally.all, t("all")],
    ["unmarked", tally.unmarked, t("unmarked")],
    ...STATUSES.map((status): [Shown, number, string] => [status, tally.counted[status], t(status)]),
  ];
  // Leaving early is rare: its box comes when somebody did.
  const wanted = boxes.filter(([key, count]) => key !== "LEFT_EARLY" || count > 0);
  return (
    <nav class="tallies" aria-label={t("roll_tallies")}>
      {wanted.map(([key, count, word]) => (
        <button key={key} aria-pressed={key === props.shown} onClick={() => props.show(key)}>
          <b>{count}</b>
          {word}
        </button>
      ))}
    </nav>
  );
}

interface RollCardProps {
  card: Card;
  isSaving: boolean;
  isClosed: boolean;
  tap: () => void;
  more: () => void;
}

function RollCard({ card, isSaving, isClosed, tap, more }: RollCardProps) {
  const style = isSaving ? "is-saving" : styleOf(card.status);
  return (
    <div class={`mark-card ${style}`} data-learner={card.learner}>
      <span class="mark-tap">
        <button onClick={tap} disabled={isClosed}>
          <CardFace card={card} isSaving={isSaving} />
        </button>
      </span>
      {!isClosed && (
        <button class="mark-more" aria-label={t("roll_more", { name: card.name })} onClick={more}>
          <Icon name="more" />
        </button>
      )}
    </div>
  );
}

function Dock({ view, state }: Props) {
  const { session, tally, isClosed } = view;
  if (isClosed) return null;
  return (
    <div class="dock" id="dock">
      {tally.unmarked > 0 && (
        <button class="btn" id="rest" onClick={() => void markRest(view, state)}>
          <Icon name="users" />
          {t("roll_rest", { n: tally.unmarked })}
        </button>
      )}
      <button class="btn" onClick={() => set({ screen: { at: "walk_in", session: session.id } })}>
        <Icon name="plus" />
        {t("roll_walk_in")}
      </button>
      <button
        class="btn btn-main"
        onClick={() => set({ screen: { at: "close", session: session.id } })}
      >
        {t("roll_close")}
        <Icon name="chevron-right" isDirected />
      </button>
    </div>
  );
}

let isMarkingRest = false;

async function markRest(view: SessionView, state: State): Promise<void> {
  if (isMarkingRest) return;
  isMarkingRest = true;
  try {
    const rows = await written(async () => {
      const rest = (viewNow(view.session.id) ?? view).cards.filter((card) => card.status === "");
      return markAll(placeOf(view, state), rest, "PRESENT");
    });
    const text = t("roll_marked_all", { n: rows.length });
    const mine = new Set(rows.map((row) => row.event_id));
    // Who is counting heads by now has moved on: there it would lie over the number.
    goOn("roll", { toast: { text, undo: () => void undoRest(view, state, mine) } });
  } finally {
    isMarkingRest = false;
  }
}

/** Those that still hold: what was changed since stays. */
async function undoRest(view: SessionView, state: State, mine: Set<string>): Promise<void> {
  await written(async () => {
    const now = viewNow(view.session.id);
    const cards = (now?.cards ?? []).filter((card) => card.event !== null && mine.has(card.event));
    return takeBack(placeOf(view, state), cards, "trainer");
  });
}
