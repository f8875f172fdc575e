import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { confirms } from "../desk";
import { type Card, letterOf, lettersOf } from "../session";
import { t } from "../words";
import { Icon, Letters, Note } from "./parts";

interface Asked {
  card: Card;
  typed: string;
  isWrong: boolean;
}

interface Props {
  cards: Card[];
  asked: Asked | null;
  ask: (card: Card | null) => void;
  type: (key: string) => void;
  confirmed: (card: Card) => void;
  wrong: () => void;
}

/** The third door. It looks the same for those who came and those who did not. */
export function NameDoor(props: Props) {
  const named = props.cards.filter((card) => card.name !== "");
  const letters = lettersOf(named);
  const [chosen, setChosen] = useState("");
  const letter = letters.includes(chosen) ? chosen : (letters[0] ?? "");
  const shown = named.filter((card) => letterOf(card) === letter);
  const isAsked = props.asked !== null;
  const wasAsked = useRef(false);
  useEffect(() => {
    // Back to the letters: a ring round a name would say who came before.
    if (wasAsked.current && !isAsked) focusOn("#names .letters [aria-pressed=true]");
    wasAsked.current = isAsked;
  }, [isAsked]);
  return (
    <section class="card stack" id="names">
      <h2 class="card-title">
        <span class="door-n">3</span>
        {t("desk_name")} <span class="cap">{t("desk_name_hint")}</span>
      </h2>
      {props.asked ? (
        <LastFour {...props} asked={props.asked} />
      ) : (
        <>
          <Letters letters={letters} chosen={letter} choose={setChosen} />
          <div class="names">
            {shown.map((card) => (
              <button class="btn" key={card.learner} onClick={() => props.ask(card)}>
                {card.name}
              </button>
            ))}
          </div>
        </>
      )}
    </section>
  );
}

function focusOn(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.focus({ preventScroll: true });
}

function LastFour({ asked, ask, type, confirmed, wrong }: Props & { asked: Asked }) {
  const { card, typed, isWrong } = asked;
  useLayoutEffect(() => focusOn("#last-four .btn"), []);
  if (typed.length === 4) {
    // The answer belongs to the next turn of the page, not to this drawing.
    queueMicrotask(() => (confirms(card, typed) ? confirmed(card) : wrong()));
  }
  return (
    <div class="stack last-four" id="last-four">
      <div class="row spread">
        <b>{t("desk_last4", { name: card.name })}</b>
        <button class="btn" onClick={() => ask(null)}>
          {t("cancel")}
        </button>
      </div>
      {card.last4 === "" && <Note kind="warn">{t("desk_last4_none")}</Note>}
      {isWrong && <Note kind="warn">{t("desk_last4_wrong")}</Note>}
      <p class="pin-dots">
        {[0, 1, 2, 3].map((i) => (
          <span key={i} class={i < typed.length ? "pin-dot is-set" : "pin-dot"} />
        ))}
      </p>
      <div class="keys keys-wide">
        {"1234567890X".split("").map((key) => (
          <button class="btn" key={key} onClick={() => type(key)}>
            {key}
          </button>
        ))}
        <button class="btn" aria-label={t("pin_erase")} onClick={() => type("Backspace")}>
          <Icon name="erase" />
        </button>
      </div>
    </div>
  );
}
