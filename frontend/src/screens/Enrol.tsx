import { useState } from "preact/hooks";
import { codeIn, enrol } from "../entering";
import { mustInstall } from "../ready";
import { type State, set } from "../state";
import { t } from "../words";
import { Camera } from "./Camera";
import { Bar, Icon, Note, SyncBar } from "./parts";

export function Enrol({ state }: { state: State }) {
  const back = state.device ? () => set({ screen: { at: "unlock" } }) : undefined;
  return (
    <>
      <Bar title={t("enrol_title")} {...(back ? { back } : {})} />
      {state.device && <SyncBar state={state} />}
      <main class="page narrow">
        {mustInstall() ? (
          <div class="card stack">
            <h2 class="card-title">{t("install_title")}</h2>
            <p>{t("install_why")}</p>
          </div>
        ) : (
          <EnrolForm waiting={state.counts.waiting} />
        )}
      </main>
    </>
  );
}

function EnrolForm({ waiting }: { waiting: number }) {
  const [typed, setTyped] = useState("");
  const [label, setLabel] = useState("");
  const [fault, setFault] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [isScanning, setScanning] = useState(false);

  const send = async (code: string): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    setFault("");
    try {
      setFault(await enrol(code, label.trim()));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const code = codeIn(typed);
    if (code) void send(code);
    else setFault(t("enrol_bad_code"));
  };
  const scanned = (text: string): void => {
    const code = codeIn(text);
    if (!code) return;
    setScanning(false);
    setTyped(code);
    void send(code);
  };

  return (
    <form class="card fields" onSubmit={submit}>
      <p class="quiet">{t("enrol_why")}</p>
      {waiting > 0 && <Note kind="info">{t("enrol_keeps", { n: waiting })}</Note>}
      {fault && <Note kind="bad">{fault}</Note>}
      <label class="field">
        <span class="label">{t("enrol_label")}</span>
        <span class="hint">{t("enrol_label_hint")}</span>
        <input
          name="label"
          maxLength={40}
          required
          value={label}
          onInput={(event) => setLabel(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        <span class="label">{t("enrol_code")}</span>
        <span class="hint">{t("enrol_code_hint")}</span>
        <input
          name="code"
          class="mono"
          autoComplete="off"
          autoCapitalize="characters"
          spellcheck={false}
          maxLength={12}
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      {isScanning && <Camera found={scanned} hint={t("enrol_scan")} />}
      <div class="row spread">
        <button class="btn" type="button" onClick={() => setScanning(!isScanning)}>
          <Icon name="qr" />
          {t(isScanning ? "enrol_scan_stop" : "enrol_scan")}
        </button>
        <button class="btn btn-main" aria-busy={isBusy}>
          {t(isBusy ? "enrol_going" : "enrol_go")}
        </button>
      </div>
    </form>
  );
}
