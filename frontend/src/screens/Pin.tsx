import { useEffect, useRef, useState } from "preact/hooks";
import { choosePin, isWeak, tryPin } from "../entering";
import { PIN_LENGTH } from "../lock";
import { type State, set } from "../state";
import { upload } from "../uploading";
import { t } from "../words";
import { Bar, Icon, Note, SyncBar } from "./parts";

interface PadProps {
  title: string;
  why: string;
  fault: string;
  isBusy: boolean;
  done: (pin: string) => void;
}

function PinPad({ title, why, fault, isBusy, done }: PadProps) {
  const [pin, setPin] = useState("");
  const press = (digit: string): void => {
    if (isBusy) return;
    const longer = pin + digit;
    setPin(longer.length < PIN_LENGTH ? longer : "");
    if (longer.length === PIN_LENGTH) done(longer);
  };
  const erase = (): void => setPin(pin.slice(0, -1));
  useDigits(press, erase);
  return (
    <div class="card stack pin">
      <h2>{title}</h2>
      <p class="quiet">{why}</p>
      {fault && <Note kind="bad">{fault}</Note>}
      <p class="pin-dots" role="status" aria-label={`${pin.length} / ${PIN_LENGTH}`}>
        {Array.from({ length: PIN_LENGTH }, (_, i) => (
          <span class={i < pin.length || isBusy ? "pin-dot is-set" : "pin-dot"} />
        ))}
      </p>
      <div class="keys" aria-busy={isBusy}>
        {"123456789".split("").map((digit) => (
          <button class="btn" type="button" onClick={() => press(digit)}>
            {digit}
          </button>
        ))}
        <span />
        <button class="btn" type="button" onClick={() => press("0")}>
          0
        </button>
        <button class="btn" type="button" aria-label={t("pin_erase")} onClick={erase}>
          <Icon name="erase" />
        </button>
      </div>
    </div>
  );
}

function useDigits(press: (digit: string) => void, erase: () => void): void {
  const latest = useRef({ press, erase });
  latest.current = { press, erase };
  useEffect(() => {
    const typed = (event: KeyboardEvent): void => {
      if (/^\d$/.test(event.key)) latest.current.press(event.key);
      else if (event.key === "Backspace") latest.current.erase();
    };
    addEventListener("keydown", typed);
    return () => removeEventListener("keydown", typed);
  }, []);
}

export function SetPin() {
  const [first, setFirst] = useState("");
  const [fault, setFault] = useState("");
  const [isBusy, setBusy] = useState(false);
  const choose = (pin: string): void => {
    setFault(isWeak(pin) ? t("pin_weak") : "");
    if (!isWeak(pin)) setFirst(pin);
  };
  const repeat = (pin: string): void => {
    if (pin === first) {
      setBusy(true);
      void choosePin(pin).then(() => upload("told"));
    } else {
      setFirst("");
      setFault(t("pin_differs"));
    }
  };
  return (
    <>
      <Bar title={t("app")} />
      <main class="page narrow">
        <PinPad
          key={first ? "repeat" : "choose"}
          title={t(first ? "pin_repeat_title" : "pin_set_title")}
          why={t("pin_set_why")}
          fault={fault}
          isBusy={isBusy}
          done={first ? repeat : choose}
        />
      </main>
    </>
  );
}

export function Unlock({ state }: { state: State }) {
  const [left, setLeft] = useState<number | null>(state.flags.keyGone ? 0 : null);
  const [isBusy, setBusy] = useState(false);
  const open = async (pin: string): Promise<void> => {
    setBusy(true);
    try {
      setLeft(await tryPin(pin));
    } finally {
      setBusy(false);
    }
    void upload("told");
  };
  return (
    <>
      <Bar title={t("app")} />
      <SyncBar state={state} />
      <main class="page narrow">
        {left === 0 ? (
          <Gone />
        ) : (
          <>
            <PinPad
              title={t("pin_title")}
              why={t("pin_why")}
              fault={left === null ? "" : t("pin_wrong", { n: left })}
              isBusy={isBusy}
              done={(pin) => void open(pin)}
            />
            <button class="btn btn-text" onClick={() => set({ screen: { at: "enrol" } })}>
              {t("pin_forgot")}
            </button>
          </>
        )}
      </main>
    </>
  );
}

function Gone() {
  return (
    <div class="card stack">
      <h2>{t("pin_gone_title")}</h2>
      <p>{t("pin_gone_why")}</p>
      <button class="btn btn-main" onClick={() => set({ screen: { at: "enrol" } })}>
        {t("enrol_again")}
      </button>
    </div>
  );
}
