import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { isClockKnown, now } from "../clock";
import { type Found, Once, beep, byCode, byIdNumber, byLine } from "../desk";
import { lockAll, touched } from "../entering";
import { LENGTH } from "../idnumber";
import { mark, takeBack } from "../marks";
import { LineReader } from "../reader";
import { rosterOf, timeAt } from "../roster";
import { type Card, type SessionView, isCancelled, signInStatus } from "../session";
import { type State, set, state as stateNow, view as viewNow, written } from "../state";
import type { EventRow, Method } from "../types";
import { t } from "../words";
import { Camera } from "./Camera";
import { NameDoor } from "./NameDoor";
import { Bar, Icon, SittingLine, isReady, notYetUp, placeOf, signOf } from "./parts";

interface Props {
  state: State;
  view: SessionView;
}

/** What the band says; about nobody after three seconds. */
export interface Answer {
  kind: "good" | "info" | "warn" | "idle";
  title: string;
  sub: string;
  /** The mark that was just made, which "not me" takes back. */
  event?: string;
}

const SHOWN_MS = 3000;
const ATTENDED = new Set(["PRESENT", "LATE", "LEFT_EARLY"]);
const idle = (): Answer => ({ kind: "idle", title: t("desk_ready"), sub: t("desk_ready_sub") });

export function Desk({ state, view }: Props) {
  const { session, cards, tally, isClosed } = view;
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [digits, setDigits] = useState("");
  const [asked, setAsked] = useState<{ card: Card; typed: string; isWrong: boolean } | null>(null);
  const roster = state.snapshot ? rosterOf(state.snapshot, session.id) : [];

  const show = (next: Answer): void => {
    setAnswer(next);
    beep(next.kind === "good");
  };
  useEffect(() => {
    if (!answer) return undefined;
    const timer = setTimeout(() => setAnswer(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [answer]);

  const found = async (what: Found, method: Method): Promise<void> => {
    setDigits("");
    setAsked(null);
    if (what.is === "found") show(await signIn(session.id, what.learner, method));
    else if (what.is === "stranger") {
      if (what.qr) set({ strangerCode: what.qr });
      show({ kind: "warn", title: t("desk_stranger"), sub: t("desk_stranger_sub") });
    } else if (what.is === "wrong_number") {
      show({ kind: "warn", title: t("desk_wrong_number"), sub: t("desk_wrong_number_sub") });
    }
  };
  const submit = (): void => {
    if (digits) void byIdNumber(session, roster, digits).then((who) => found(who, "id_card"));
  };
  const once = useRef(new Once());
  const scanned = (text: string): void => {
    const who = byCode(roster, text);
    // Nobody touches the glass while they come by with their codes.
    if (who.is !== "nothing") touched();
    if (who.is !== "nothing" && once.current.isNew(text, performance.now())) void found(who, "qr");
  };
  const type = (key: string): void => {
    const digit = key.toUpperCase();
    if (asked) return setAsked(typedInto(asked, digit));
    if (digit === "ENTER") return submit();
    setDigits((before) => typed(before, digit, LENGTH));
  };
  const line = (text: string): void => {
    const method = text.startsWith("T1.") ? "qr" : "id_card";
    void byLine(session, roster, text).then((who) => found(who, method));
  };
  useKeyboard({ type, line, isTyping: digits !== "" || asked !== null, escape: () => setAsked(null) });
  const notMe = async (): Promise<void> => {
    const ours = cards.filter((each) => each.event !== null && each.event === answer?.event);
    if (ours.length === 0) return;
    await written(() => takeBack(placeOf(view, state), ours, "self"));
    setAnswer({ kind: "info", title: t("desk_taken_back"), sub: "" });
  };

  const left = notYetUp(state);
  const attended = tally.counted.PRESENT + tally.counted.LATE + tally.counted.LEFT_EARLY;
  return (
    <div class="desk">
      <Bar
        title={`${t("roll_desk")} · ${session.title}`}
        sub={<SittingLine session={session} more={t("desk_sub")} />}
        back={() => lockAll({ at: "roll", session: session.id })}
      >
        <span class="desk-count">
          <b>{attended}</b> / {tally.all}
        </span>
      </Bar>
      <Band answer={answer ?? idle()} notMe={() => void notMe()} closed={isClosed ? closedWord(view) : ""} />
      <main class="page">
        <div class="doors">
          <IdDoor digits={digits} type={type} submit={submit} />
          <section class="card stack">
            <h2 class="card-title">
              <span class="door-n">2</span>
              {t("desk_qr")}
            </h2>
            <Camera found={scanned} hint={t("desk_qr_hint")} />
          </section>
        </div>
        <NameDoor
          cards={cards}
          asked={asked}
          ask={(card) => setAsked(card && { card, typed: "", isWrong: false })}
          type={type}
          confirmed={(card) => void found({ is: "found", learner: card.learner }, "name")}
          wrong={() => setAsked(asked && { ...asked, typed: "", isWrong: true })}
        />
      </main>
      <footer class={left > 0 ? "syncbar syncbar-wait" : "syncbar"}>
        <Icon name={signOf(state)} />
        <span>
          {isReady(state) && `${t("offline_ready")} · `}
          {left > 0 ? t("desk_waiting", { n: left }) : t("desk_all_up")}
        </span>
        <span class="syncbar-end">{t("desk_together")}</span>
      </footer>
    </div>
  );
}

function typed(before: string, digit: string, most: number): string {
  if (digit === "BACKSPACE") return before.slice(0, -1);
  return /^[\dX]$/.test(digit) && before.length < most ? before + digit : before;
}

function typedInto<T extends { typed: string; isWrong: boolean }>(asked: T, digit: string): T {
  return { ...asked, typed: typed(asked.typed, digit, 4), isWrong: false };
}

interface Keyboard {
  type: (key: string) => void;
  line: (text: string) => void;
  /** A number is begun, by fingers. */
  isTyping: boolean;
  escape: () => void;
}

/** Keys anywhere on the page: fingers and readers that behave as keyboards. */
function useKeyboard(keyboard: Keyboard): void {
  const latest = useRef(keyboard);
  latest.current = keyboard;
  // As soon as it is shown: a card may be on the reader already, and no digit of it may be lost.
  useLayoutEffect(() => {
    const reader = new LineReader({
      key: (pressed) => latest.current.type(pressed),
      line: (text) => latest.current.line(text),
    });
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === " " || event.key === "Tab") return;
      if (event.key === "Escape") return latest.current.escape();
      // Who walks with the keyboard presses buttons by it; the Enter of a reader ends its line.
      const isIdle = !latest.current.isTyping && !reader.isBegun(event.timeStamp);
      if (event.key === "Enter" && isIdle && document.activeElement?.matches("button:focus-visible")) return;
      if (event.key.length === 1 || event.key === "Enter") event.preventDefault();
      reader.press(event.key, event.timeStamp);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}

/** A second sign-in changes nothing; what the trainer said is not overruled by a trainee. */
async function signIn(session: string, learner: string, method: Method): Promise<Answer> {
  let answer = idle();
  await written(async () => {
    const [said, rows] = await signedIn(session, learner, method);
    answer = said;
    return rows;
  });
  return answer;
}

async function signedIn(
  session: string,
  learner: string,
  method: Method,
): Promise<[Answer, EventRow[]]> {
  const view = viewNow(session);
  const card = view?.cards.find((each) => each.learner === learner);
  if (!view || !card) return [idle(), []];
  if (view.isClosed) return [{ kind: "warn", title: closedWord(view), sub: card.name }, []];
  const tail = card.last4 ? ` · ${t("desk_tail", { last4: card.last4 })}` : "";
  if (ATTENDED.has(card.status)) {
    const sub = t("desk_again", { time: timeAt(card.at) }) + tail;
    return [{ kind: "info", title: card.name, sub }, []];
  }
  const time = now(stateNow.clock);
  const status = signInStatus(view.session, time, isClockKnown(stateNow.clock));
  const rows = await mark(placeOf(view, stateNow), { card, status, source: "self", method });
  if (card.status) {
    const sub = t("desk_other", { status: t(card.status) });
    return [{ kind: "warn", title: card.name, sub }, rows];
  }
  const sub = t(status === "LATE" ? "desk_late" : "desk_done", { time: timeAt(time) }) + tail;
  const event = rows[0]?.event_id ?? "";
  return [{ kind: "good", title: card.name, sub, event }, rows];
}

const closedWord = (view: SessionView): string =>
  t(isCancelled(view) ? "desk_cancelled" : "desk_closed");

const BAND_ICONS = { good: "check", info: "check", warn: "alert", idle: "user" };

function Band(props: { answer: Answer; notMe: () => void; closed: string }) {
  const { kind, title, sub, event } = props.answer;
  return (
    <div class={`result result-${kind}`} role="status" id="result">
      <span class="result-disc">
        <Icon name={BAND_ICONS[kind]} />
      </span>
      <span class="result-text">
        <b>{(kind === "idle" && props.closed) || title}</b>
        <span>{sub}</span>
      </span>
      {event && (
        <button class="bar-btn" onClick={props.notMe}>
          <Icon name="undo" />
          {t("desk_not_me")}
        </button>
      )}
    </div>
  );
}

const GROUPS = [6, 8, 4];

/** Dots alone: who stands behind reads nothing. */
function Hidden({ length }: { length: number }) {
  let start = 0;
  return (
    <span class="typed-dots" aria-hidden="true">
      {GROUPS.map((size) => {
        const filled = Math.max(0, Math.min(size, length - start));
        start += size;
        return (
          <span>
            {"●".repeat(filled)}
            <i>{"_".repeat(size - filled)}</i>
          </span>
        );
      })}
    </span>
  );
}

function IdDoor(props: { digits: string; type: (key: string) => void; submit: () => void }) {
  const label = t("desk_id_typed", { n: props.digits.length });
  return (
    <section class="card stack">
      <h2 class="card-title">
        <span class="door-n">1</span>
        {t("desk_id")}
      </h2>
      <div class="typed" role="status" aria-label={label}>
        <Hidden length={props.digits.length} />
        <button aria-label={t("pin_erase")} onClick={() => props.type("Backspace")}>
          <Icon name="erase" />
        </button>
      </div>
      <div class="keys">
        {"123456789X0".split("").map((key) => (
          <button class="btn" key={key} onClick={() => props.type(key)}>
            {key}
          </button>
        ))}
        <button class="btn btn-main" onClick={props.submit}>
          {t("desk_sign_in")}
        </button>
      </div>
      <p class="cap">{t("desk_card_hint")}</p>
    </section>
  );
}
