import { useState } from "preact/hooks";
import { type Check, checkAll } from "../ready";
import { type State, set } from "../state";
import type { Word } from "../words";
import { t } from "../words";
import { Bar, Icon, SyncBar, isReady } from "./parts";

export function Ready({ state }: { state: State }) {
  const [isBusy, setBusy] = useState(false);
  const again = async (): Promise<void> => {
    setBusy(true);
    set({ checks: await checkAll() });
    setBusy(false);
  };
  const ok = isReady(state);
  return (
    <>
      <Bar title={t("ready_title")} back={() => set({ screen: { at: "home" } })} />
      <SyncBar state={state} />
      <div class={ok ? "band band-good" : "band ready-not"} id="ready">
        <span class="band-disc">
          <Icon name={ok ? "check" : "alert"} />
        </span>
        <div>
          <h2>{t(ok ? "ready_ok" : "ready_not")}</h2>
          <p>{t(ok ? "ready_ok_why" : "ready_not_why")}</p>
        </div>
      </div>
      <main class="page page-docked">
        <ul class="card checks">{(state.checks ?? []).map((check) => Line(check))}</ul>
      </main>
      <div class="dock">
        <button class="btn btn-main" aria-busy={isBusy} onClick={() => void again()}>
          <Icon name="refresh" />
          {t("ready_again")}
        </button>
      </div>
    </>
  );
}

function Line({ name, ok }: Check) {
  return (
    <li class={ok ? "check-line" : "check-line is-not"} data-check={name} data-ok={ok}>
      <span class={ok ? "disc disc-good" : "disc disc-bad"}>
        <Icon name={ok ? "check" : "cross"} />
      </span>
      <div>
        <b>{t(`ready_${name}`)}</b>
        {!ok && <p class="quiet">{t(`ready_${name}_do` as Word)}</p>}
      </div>
    </li>
  );
}
