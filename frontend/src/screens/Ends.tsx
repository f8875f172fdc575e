/** Screens from which nothing goes on as usual. */
import { type State, set } from "../state";
import { t } from "../words";
import { Bar, Icon, SyncBar } from "./parts";

function End(props: { icon: string; title: string; why: string; children?: preact.ComponentChildren }) {
  return (
    <main class="page">
      <div class="empty card">
        <span class="disc disc-warn">
          <Icon name={props.icon} />
        </span>
        <h2>{props.title}</h2>
        <p>{props.why}</p>
        {props.children}
      </div>
    </main>
  );
}

export function Old() {
  return (
    <>
      <Bar title={t("app")} />
      <End icon="alert" title={t("old_title")} why={t("old_why")}>
        <a class="btn btn-main" href="/courses/today/">
          {t("old_go")}
        </a>
      </End>
    </>
  );
}

export function Broken({ isFull }: { isFull: boolean }) {
  const why = t(isFull ? "broken_full" : "broken_why");
  return (
    <>
      <Bar title={t("app")} />
      <End icon="alert" title={t("broken_title")} why={why}>
        <button class="btn btn-main" onClick={() => location.reload()}>
          {t("broken_go")}
        </button>
      </End>
    </>
  );
}

export function Wiped({ state }: { state: State }) {
  if (state.flags.wiping) {
    const { waiting, refused, evidence, evidenceRefused } = state.counts;
    const said = [t("wiping_why", { n: waiting + evidence })];
    const left = refused + evidenceRefused;
    if (left > 0) said.push(t("wiping_refused", { n: left }));
    return (
      <>
        <Bar title={t("app")} />
        <SyncBar state={state} />
        <End icon="lock" title={t("wiping_title")} why={said.join("")} />
      </>
    );
  }
  return (
    <>
      <Bar title={t("app")} />
      <End icon="lock" title={t("wiped_title")} why={t("wiped_why")}>
        <button class="btn btn-main" onClick={() => set({ screen: { at: "enrol" } })}>
          {t("enrol_again")}
        </button>
      </End>
    </>
  );
}
