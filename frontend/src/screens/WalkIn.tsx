import { useState } from "preact/hooks";
import { byIdNumber } from "../desk";
import { rememberName } from "../entering";
import { isIdNumber, normalised } from "../idnumber";
import { dataKey } from "../lock";
import { addWalkIn } from "../marks";
import { rosterOf } from "../roster";
import type { SessionView } from "../session";
import { type State, goOn, set, written } from "../state";
import type { Status, WalkInPerson } from "../types";
import { type Word, t } from "../words";
import { Bar, Note, SyncBar, placeOf, sessionLine } from "./parts";

interface Props {
  state: State;
  view: SessionView;
}
type Field = "name" | "id_number" | "phone" | "village";
/** What is wrong, told where it is. */
interface Fault {
  field: Field;
  why: string;
}

const FIELDS: { name: Field; label: Word; hint?: Word; mode: "text" | "tel" }[] = [
  { name: "name", label: "walk_name", mode: "text" },
  { name: "id_number", label: "walk_id", hint: "walk_id_hint", mode: "text" },
  { name: "phone", label: "walk_phone", mode: "tel" },
  { name: "village", label: "walk_village", mode: "text" },
];
const CAME: Status[] = ["PRESENT", "LATE"];

export function WalkIn({ state, view }: Props) {
  const { session } = view;
  const [typed, setTyped] = useState({ name: "", id_number: "", phone: "", village: "" });
  const [status, setStatus] = useState<Status>("PRESENT");
  const [fault, setFault] = useState<Fault | null>(null);
  const [isBusy, setBusy] = useState(false);
  const back = () => set({ screen: { at: "roll", session: session.id } });

  const add = async (): Promise<void> => {
    const person = cleaned(typed, state.strangerCode);
    const wrong = faultOf(person) ?? (await listedAs(person, state, view));
    setFault(wrong);
    if (wrong) return document.getElementById(`walk-${wrong.field}`)?.focus();
    await store(person, status, state, view);
    const toast = { text: t("walk_done", { name: person.name }) };
    goOn("walk_in", { screen: { at: "roll", session: session.id }, toast });
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    void add().finally(() => setBusy(false));
  };
  return (
    <>
      <Bar title={t("walk_title")} sub={`${session.title} · ${sessionLine(session, false)}`} back={back} />
      <SyncBar state={state} />
      <main class="page narrow">
        <form class="card fields" onSubmit={submit}>
          <p class="quiet">{t("walk_why")}</p>
          {state.strangerCode && <Note kind="info">{t("walk_qr")}</Note>}
          {FIELDS.map(({ name, label, hint, mode }) => (
            <label class="field" key={name}>
              <span class="label">{t(label)}</span>
              {hint && <span class="hint">{t(hint)}</span>}
              {fault?.field === name && <Note kind="bad">{fault.why}</Note>}
              <input
                id={`walk-${name}`}
                name={name}
                aria-invalid={fault?.field === name}
                inputMode={mode}
                autoComplete="off"
                maxLength={60}
                value={typed[name]}
                onInput={(event) => setTyped({ ...typed, [name]: event.currentTarget.value })}
              />
            </label>
          ))}
          <div class="pair">
            {CAME.map((each) => (
              <button
                key={each}
                type="button"
                class="btn choice"
                aria-pressed={each === status}
                onClick={() => setStatus(each)}
              >
                {t(each)}
              </button>
            ))}
          </div>
          <button class="btn btn-main btn-wide" aria-busy={isBusy}>
            {t("walk_go")}
          </button>
        </form>
      </main>
    </>
  );
}

function cleaned(typed: Record<Field, string>, qr: string): WalkInPerson {
  return {
    name: typed.name.trim(),
    id_number: normalised(typed.id_number),
    phone: typed.phone.replace(/\s/g, ""),
    village: typed.village.trim(),
    qr,
  };
}

function faultOf({ name, id_number, phone }: WalkInPerson): Fault | null {
  if (!name) return { field: "name", why: t("walk_no_name") };
  if (id_number && !isIdNumber(id_number)) return { field: "id_number", why: t("walk_bad_id") };
  const isPhone = phone === "" || /^1[3-9]\d{9}$/.test(phone);
  return isPhone ? null : { field: "phone", why: t("walk_bad_phone") };
}

/** Somebody who is on the list is not added a second time. */
async function listedAs(
  person: WalkInPerson,
  state: State,
  view: SessionView,
): Promise<Fault | null> {
  if (!person.id_number || !state.snapshot) return null;
  const roster = rosterOf(state.snapshot, view.session.id);
  const found = await byIdNumber(view.session, roster, person.id_number);
  if (found.is !== "found") return null;
  const name = roster.find((row) => row.learner === found.learner)?.name ?? "";
  return { field: "id_number", why: t("walk_known", { name }) };
}

async function store(
  person: WalkInPerson,
  status: Status,
  state: State,
  view: SessionView,
): Promise<void> {
  const { name, village, id_number } = person;
  const key = dataKey();
  await written(async () => {
    const rows = await addWalkIn(placeOf(view, state), person, status, key);
    // Locked meanwhile: they are stored, and named to the office alone.
    const said = { name, village, last4: id_number.slice(-4) };
    if (key && key === dataKey()) for (const row of rows) rememberName(row.event_id, said);
    return rows;
  });
  set({ strangerCode: "" });
}
