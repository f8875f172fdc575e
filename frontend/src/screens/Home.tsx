import { checkAll } from "../ready";
import { draftOf } from "../drafts";
import { lockAll } from "../entering";
import { type Days, daysOf } from "../roster";
import type { SessionView } from "../session";
import { type State, listedSnapshot, set, today, view } from "../state";
import type { ClassSession } from "../types";
import { applyUpdate, hasOpenClass } from "../update";
import { upload } from "../uploading";
import { LANGUAGES, type Language, type Word, choose, language, t } from "../words";
import { writeMeta } from "../database";
import { Bar, Icon, Note, SyncBar, countsText, exportQueue, isReady, sessionLine, when } from "./parts";

export function Home({ state }: { state: State }) {
  return (
    <>
      <Bar title={t("app")} sub={state.device?.trainer ?? ""}>
        <button class="bar-btn" onClick={() => lockAll({ at: "home" })}>
          <Icon name="lock" />
          {t("home_lock")}
        </button>
      </Bar>
      <SyncBar state={state} />
      <main class="page">
        <Notices state={state} />
        <Classes state={state} />
        <ReadyLine state={state} />
        <Queue state={state} />
        <Languages />
      </main>
    </>
  );
}

function Notices({ state }: { state: State }) {
  const { flags, refused, counts, snapshot, hasUpdate } = state;
  return (
    <>
      {flags.mustEnrol && (
        <Note kind="bad">
          {t(flags.mustEnrol === "numbers" ? "home_numbers" : "home_must_enrol")}{" "}
          <button class="btn" onClick={() => set({ screen: { at: "enrol" } })}>
            {t("enrol_again")}
          </button>
        </Note>
      )}
      {snapshot && !listedSnapshot() && <Note kind="bad">{t("home_expired")}</Note>}
      {refused.length > 0 && (
        <Note kind="bad">{t("home_refused", { n: refused.length })}</Note>
      )}
      {counts.evidenceRefused > 0 && (
        <Note kind="warn">{t("home_pictures_refused", { n: counts.evidenceRefused })}</Note>
      )}
      {flags.mustUpdate && !hasUpdate && <Note kind="info">{t("home_update_app")}</Note>}
      {hasUpdate && <Update isClassOpen={hasOpenClass([...state.rows.values()].flat(), state.clock)} />}
    </>
  );
}

function Update({ isClassOpen }: { isClassOpen: boolean }) {
  return (
    <div class="note" id="update">
      <Icon name="download" />
      <div class="note-text">
        {t("home_update")} {isClassOpen && t("home_update_wait")}
      </div>
      {!isClassOpen && (
        <button class="btn" onClick={() => void applyUpdate()}>
          {t("home_update_now")}
        </button>
      )}
    </div>
  );
}

function Classes({ state }: { state: State }) {
  const snapshot = listedSnapshot();
  if (!snapshot) {
    const word = state.isUploading ? "fetching" : "fetch_failed";
    return <div class="card empty">{state.snapshot ? null : <p>{t(word)}</p>}</div>;
  }
  if (snapshot.sessions.length === 0) {
    return (
      <div class="card empty">
        <p>{t("home_none")}</p>
      </div>
    );
  }
  const days = daysOf(snapshot, today(), (id) => view(id)?.isClosed ?? false);
  return (
    <>
      <section class="stack" id="today">
        <h2>{t("home_today")}</h2>
        {days.today.length === 0 && <p class="quiet">{t("home_none_today")}</p>}
        {days.today.map((session) => (
          <ClassCard key={session.id} session={session} isMain />
        ))}
      </section>
      <Others days={days} />
    </>
  );
}

function Others({ days }: { days: Days }) {
  const groups: [Word, ClassSession[]][] = [
    ["home_open", days.open],
    ["home_ahead", days.ahead],
    ["home_done", days.done],
  ];
  return (
    <>
      {groups
        .filter(([, sessions]) => sessions.length > 0)
        .map(([word, sessions]) => (
          <section class="stack" key={word}>
            <h2>{t(word)}</h2>
            {sessions.map((session) => (
              <ClassCard key={session.id} session={session} isMain={word === "home_open"} />
            ))}
          </section>
        ))}
    </>
  );
}

function ClassCard({ session, isMain }: { session: ClassSession; isMain: boolean }) {
  const found = view(session.id);
  if (!found) return null;
  const open = () => set({ screen: { at: "roll", session: session.id } });
  return (
    <div class="card class-card" data-session={session.id}>
      <div class="class-text">
        <b>{session.title}</b>
        <span>{sessionLine(session)}</span>
        <span class="quiet">{progressOf(found)}</span>
      </div>
      <button class={isMain && !found.isClosed ? "btn btn-main" : "btn"} onClick={open}>
        {t(found.isClosed ? "home_see" : "home_call")}
        <Icon name="chevron-right" isDirected />
      </button>
    </div>
  );
}

function progressOf(found: SessionView): string {
  const { session, isClosed, headCount } = found;
  if (isClosed) return t("home_closed", { n: headCount ?? "—" });
  const isBegun = Object.keys(draftOf(session.id)).length > 0;
  return isBegun ? `${markedOf(found)} · ${t("home_begun")}` : markedOf(found);
}

function markedOf({ tally }: SessionView): string {
  if (tally.unmarked === tally.all) return t("home_people", { n: tally.all });
  return t("home_marked", { done: tally.all - tally.unmarked, all: tally.all });
}

function ReadyLine({ state }: { state: State }) {
  const ok = isReady(state);
  const n = (state.checks ?? []).filter((check) => !check.ok).length;
  const open = async (): Promise<void> => {
    set({ screen: { at: "ready" } });
    set({ checks: await checkAll() });
  };
  return (
    <button class={ok ? "card ready-line is-ok" : "card ready-line"} onClick={() => void open()}>
      <span class={ok ? "disc disc-good" : "disc disc-warn"}>
        <Icon name={ok ? "check" : "alert"} />
      </span>
      <span>
        <b>{t("home_ready")}</b>
        <span>{ok ? t("home_ready_ok") : t("home_ready_not", { n })}</span>
      </span>
      <Icon name="chevron-right" isDirected />
    </button>
  );
}

function Queue({ state }: { state: State }) {
  return (
    <section class="card stack" id="queue">
      <p>
        <b>{countsText(state)}</b>
        <span class="quiet"> · {t("sync_last_long", { when: when(state.sync.uploadedAt) })}</span>
      </p>
      {state.questioned.length > 0 && (
        <p class="quiet">{t("home_questioned", { n: state.questioned.length })}</p>
      )}
      <div class="pair">
        <button class="btn btn-big" onClick={() => void upload("button")}>
          <Icon name="upload" />
          {t(state.isUploading ? "uploading" : "upload")}
        </button>
        <button class="btn btn-big" onClick={() => void exportQueue()}>
          <Icon name="download" />
          {t("export")}
        </button>
      </div>
    </section>
  );
}

function Languages() {
  const take = async (chosen: Language): Promise<void> => {
    choose(chosen);
    await writeMeta("language", chosen);
    set({});
  };
  return (
    <div class="row languages">
      {(Object.keys(LANGUAGES) as Language[]).map((each) => (
        <button
          key={each}
          class="btn btn-text"
          aria-pressed={each === language()}
          onClick={() => void take(each)}
        >
          {LANGUAGES[each]}
        </button>
      ))}
    </div>
  );
}

