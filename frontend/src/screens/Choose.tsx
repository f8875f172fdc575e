import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { canTakeBack } from "../marks";
import type { Card } from "../session";
import type { Status } from "../types";
import { t } from "../words";
import { Icon, STATUSES, iconOf } from "./parts";

interface Props {
  card: Card;
  say: (status: Status) => void;
  undo: () => void;
  leave: () => void;
}

/** Five answers in place, below the card they are about. */
export function Choose({ card, say, undo, leave }: Props) {
  const panel = usePanel(leave);
  const chosen = card.status || "PRESENT";
  return (
    <div class="choose" id="choose" ref={panel} role="group" aria-label={t("roll_choose", { name: card.name })}>
      <div class="row spread">
        <b>{t("roll_choose", { name: card.name })}</b>
        <span class="row">
          {card.status && canTakeBack(card) && (
            <button class="btn btn-text" onClick={undo}>
              {t("roll_take_back")}
            </button>
          )}
          <button class="btn btn-text" onClick={leave}>
            {t("close_panel")}
          </button>
        </span>
      </div>
      <div class="choose-row">
        {STATUSES.map((status) => (
          <button
            key={status}
            class={status === chosen ? "btn btn-main" : "btn"}
            data-status={status}
            onClick={() => say(status)}
          >
            {(status === "PRESENT" || status === "LATE") && <Icon name={iconOf(status)} />}
            {t(status)}
          </button>
        ))}
      </div>
    </div>
  );
}

/** Comes into sight, takes the focus and gives it back to what opened it; Escape closes. */
function usePanel(leave: () => void) {
  const panel = useRef<HTMLDivElement>(null);
  const latest = useRef(leave);
  latest.current = leave;
  useLayoutEffect(() => {
    const opener = document.activeElement;
    const shown = panel.current;
    shown?.scrollIntoView({ block: "nearest" });
    shown?.querySelector<HTMLElement>(".btn-main")?.focus({ preventScroll: true });
    return () => {
      const isHere = shown?.contains(document.activeElement) ?? false;
      if (isHere && opener instanceof HTMLElement) opener.focus({ preventScroll: true });
    };
  }, []);
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.key === "Escape") latest.current();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  return panel;
}
