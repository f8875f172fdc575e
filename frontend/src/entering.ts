/** Coming in: enrolling, the PIN, locking, and the roster that the PIN opens. */
import { Refusal, Unreached, post } from "./api";
import { STRICT, WALK_INS, changeMeta, readMeta, withDatabase } from "./database";
import { dropOthers, loadBegun, plannedIn } from "./drafts";
import { dataKey, encrypted, forgetKey, hold, opens, setPin, unlock } from "./lock";
import { now } from "./clock";
import { isPersisted, isStandalone } from "./ready";
import { applied } from "./roster";
import { type WalkInName } from "./session";
import { NOTHING_OPEN, type Screen, reload, set, state, tellOthers } from "./state";
import { enrolAs, hear } from "./store";
import { APP_VERSION } from "./sync";
import type { Device, SealKey, Snapshot } from "./types";
import { t } from "./words";

let comeBackTo: Screen = { at: "home" };

const CODE = /^[2-9A-HJ-NP-Z]{8}$/;

/** What was typed, or the text of the office's QR code. */
export function codeIn(text: string): string {
  let code = text;
  try {
    code = (JSON.parse(text) as { code?: string }).code ?? "";
  } catch {
    // It was typed.
  }
  const plain = code.toUpperCase().replace(/[^0-9A-Z]/g, "");
  return CODE.test(plain) ? `${plain.slice(0, 4)}-${plain.slice(4)}` : "";
}

interface Enrolled {
  device_id: string;
  token: string;
  server_time: number;
  seal_key: SealKey;
  wrap_iter: number;
  trainer: string;
}

/** "" when it worked, else what to say. */
export async function enrol(code: string, label: string): Promise<string> {
  const request = {
    code,
    label,
    standalone: isStandalone(),
    persisted: await isPersisted(true),
    app_version: APP_VERSION,
  };
  try {
    const { body, took } = await post("enrol", JSON.stringify(request));
    await keep(body as Enrolled, took);
    return "";
  } catch (error) {
    return whyNot(error);
  }
}

async function keep(answer: Enrolled, took: number): Promise<void> {
  const { device_id, token, seal_key, wrap_iter, trainer } = answer;
  const device: Device = { device_id, token, seal_key, wrap_iter, trainer };
  await enrolAs(device);
  await hear(answer.server_time, took);
  hold(null);
  await reload();
  tellOthers();
  set({ screen: { at: "set_pin" }, ...NOTHING_OPEN });
}

function whyNot(error: unknown): string {
  if (error instanceof Refusal) {
    if (error.status === 410) return t("enrol_used");
    return t("enrol_refused", { message: error.said || error.code });
  }
  if (error instanceof Unreached) {
    return error.why === "busy" ? t("enrol_busy") : t("enrol_offline");
  }
  throw error;
}

export function isWeak(pin: string): boolean {
  const steps = [...pin].slice(1).map((digit, i) => Number(digit) - Number(pin[i]));
  return steps.every((step) => step === steps[0]) && Math.abs(steps[0] ?? 9) <= 1;
}

export async function choosePin(pin: string): Promise<void> {
  if (!state.device) return;
  hold(await setPin(pin, state.device.wrap_iter));
  set({ screen: { at: "home" } });
}

/** null: open; else how many tries are left. */
export async function tryPin(pin: string): Promise<number | null> {
  const answer = await unlock(pin);
  if ("left" in answer) return answer.left;
  hold(answer.key);
  await openVault();
  set({ screen: comeBackTo });
  comeBackTo = { at: "home" };
  return null;
}

/** By hand: in every tab. Five minutes without a hand lock one alone, as another may be in use. */
export function lockAll(backTo: Screen): void {
  lock(backTo);
  tellOthers("locked");
}

/** Forgets what the PIN protects; the same screen comes back after it. */
export function lock(backTo: Screen = state.screen): void {
  if (!dataKey()) return;
  hold(null);
  comeBackTo = backTo;
  set({ screen: { at: "unlock" }, ...NOTHING_OPEN, strangerCode: "", toast: null });
}

async function openVault(): Promise<void> {
  const opened = dataKey();
  if (!opened) return;
  const [kept, keys, values] = await withDatabase((db) => {
    const vault = db.transaction("vault").store;
    return Promise.all([vault.get("snapshot"), vault.getAllKeys(WALK_INS), vault.getAll(WALK_INS)]);
  });
  const names = new Map<string, WalkInName>();
  for (const [i, name] of keys.entries()) {
    const value = values[i];
    const said = value && (await opens<WalkInName>(opened, value));
    if (said) names.set(name.slice("walkin:".length), said);
  }
  const snapshot = kept ? await opens<Snapshot>(opened, kept) : null;
  // Locked meanwhile, or enrolled anew: then this is nobody's to see.
  if (dataKey() !== opened) return;
  set({ snapshot: newer(state.snapshot, snapshot), names: merged(names) });
  await loadBegun();
}

/** One may have come, or a name been given, while the vault was being opened. */
const newer = (ours: Snapshot | null, kept: Snapshot | null): Snapshot | null =>
  ours && (!kept || ours.server_time > kept.server_time) ? ours : kept;
const merged = (names: Map<string, WalkInName>): Map<string, WalkInName> =>
  new Map([...names, ...state.names]);

/** Which screen comes first, by what is stored. */
export async function firstScreen(): Promise<Screen> {
  const { device, flags } = state;
  if (flags.wiped || flags.wiping) return { at: "wiped" };
  if (!device) return { at: "enrol" };
  const isLocked = flags.keyGone || (await readMeta("lock")) !== undefined;
  return { at: isLocked ? "unlock" : "set_pin" };
}

/** Another tab stored something: marks, newer lists, or another name for this tablet. */
export async function heardNews(): Promise<void> {
  const before = state.device?.device_id;
  await reload();
  const { device, flags } = state;
  if (device?.device_id === before && !flags.wiping && !flags.wiped) return openVault();
  hold(null);
  comeBackTo = { at: "home" };
  set({ screen: await firstScreen(), ...NOTHING_OPEN, strangerCode: "" });
}

export async function takeSnapshot(fresh: Snapshot | null): Promise<void> {
  const key = dataKey();
  if (!key) return;
  if (!fresh) return renew(key);
  await keepSnapshot(applied(state.snapshot, fresh), key);
}

const RENEWED_MS = 3_600_000;

/** Nothing changed, but we were seen: the lists are good for as long again. */
async function renew(key: CryptoKey): Promise<void> {
  const { snapshot, clock } = state;
  if (!snapshot) return;
  const heard_at = now(clock);
  if (heard_at - snapshot.server_time < RENEWED_MS) return;
  const expires_at = heard_at + (snapshot.expires_at - snapshot.server_time);
  await keepSnapshot({ ...snapshot, server_time: heard_at, expires_at }, key);
}

async function keepSnapshot(snapshot: Snapshot, under: CryptoKey): Promise<void> {
  const value = await encrypted(under, snapshot);
  const seal_key = snapshot.seal_key;
  const device = await withDatabase(async (db) => {
    const tx = db.transaction(["vault", "meta"], "readwrite", STRICT);
    const meta = tx.objectStore("meta");
    const own = (await meta.get("device")) as Device | undefined;
    const isOurs = own !== undefined && own.device_id === state.device?.device_id;
    if (isOurs) {
      await tx.objectStore("vault").put(value, "snapshot");
      await dropOthers(tx.objectStore("vault"), plannedIn(snapshot));
      await meta.put({ ...own, seal_key }, "device");
    }
    await tx.done;
    return isOurs ? { ...own, seal_key } : null;
  });
  // Enrolled anew meanwhile: these lists are another trainer's, perhaps.
  if (!device) return;
  await changeMeta("sync", { snapshotVersion: snapshot.version, expiresAt: snapshot.expires_at });
  if (dataKey() !== under) return;
  set({ snapshot, device });
  await loadBegun();
}

export function rememberName(event: string, name: WalkInName): void {
  set({ names: new Map(state.names).set(event, name) });
}

/** Reported lost: the lists go at once, the marks when they are up. */
export async function dropLists(): Promise<void> {
  hold(null);
  await forgetKey();
  set({ ...NOTHING_OPEN });
}

// --- five minutes without a hand -----------------------------------------------------------------
const IDLE_MS = 5 * 60_000;

let touchedAt = Date.now();
export const touched = (): void => void (touchedAt = Date.now());

export function watchIdle(): void {
  touched();
  const look = () => {
    if (Math.abs(Date.now() - touchedAt) >= IDLE_MS) lock();
  };
  for (const name of ["pointerdown", "keydown"]) addEventListener(name, touched, { capture: true });
  document.addEventListener("visibilitychange", look);
  setInterval(look, 5000);
}
