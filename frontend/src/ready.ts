/** May this tablet be taken where there is no signal? Every line says what to do if not. */
import type { ClockState } from "./clock";
import { readMeta, withDatabase } from "./database";
import { DECODER } from "./scanner";

export type CheckName =
  | "worker"
  | "roster"
  | "persisted"
  | "installed"
  | "decoder"
  | "space"
  | "clock"
  | "writing";

export interface Check {
  name: CheckName;
  ok: boolean;
}

const DAY_MS = 24 * 3_600_000;
const CLOCK_MS = 2 * 60_000;
const LEAST_SPACE = 50 * 1024 * 1024;

const isApple = (): boolean =>
  /iPad|iPhone|iPod/.test(navigator.userAgent) ||
  (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);

export const isStandalone = (): boolean =>
  (navigator as { standalone?: boolean }).standalone === true ||
  matchMedia("(display-mode: standalone)").matches;

/** On an iPad the home-screen app and Safari keep their data apart: only the app will do. */
export const mustInstall = (): boolean => isApple() && !isStandalone();

export async function isPersisted(ask: boolean): Promise<boolean> {
  const storage = navigator.storage as StorageManager | undefined;
  if (!storage?.persisted) return false;
  return (await storage.persisted()) || (ask && (await storage.persist()));
}

const CHECKS: Record<CheckName, () => boolean | Promise<boolean>> = {
  worker: () => navigator.serviceWorker.controller !== null,
  roster: async () => {
    // It goes with the PIN, and with the enrolment under which it came.
    const isHere = await withDatabase((db) => db.getKey("vault", "snapshot"));
    const at = isHere ? ((await readMeta("sync"))?.snapshotAt ?? 0) : 0;
    const skew = (await readMeta("clock"))?.skew_ms ?? 0;
    return Date.now() + skew - at < DAY_MS;
  },
  persisted: () => isPersisted(true),
  installed: () => !mustInstall(),
  decoder: async () => (await caches.match(DECODER)) !== undefined,
  space: async () => {
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    return quota - usage >= LEAST_SPACE;
  },
  clock: async () => isNear(await readMeta("clock")),
  writing: writesAndReads,
};

const isNear = (clock: ClockState | undefined): boolean =>
  clock?.skew_ms !== undefined && clock.skew_ms !== null && Math.abs(clock.skew_ms) <= CLOCK_MS;

async function writesAndReads(): Promise<boolean> {
  const probe = Date.now();
  await withDatabase(async (db) => {
    const tx = db.transaction("meta", "readwrite", { durability: "strict" });
    await tx.store.put(probe, "probe");
    await tx.done;
  });
  return (await readMeta("probe")) === probe;
}

export async function checkAll(): Promise<Check[]> {
  const names = Object.keys(CHECKS) as CheckName[];
  return Promise.all(
    names.map(async (name) => {
      try {
        return { name, ok: await CHECKS[name]() };
      } catch {
        return { name, ok: false };
      }
    }),
  );
}

/** What no page of ours can do without. */
export function isSupported(): boolean {
  return (
    isSecureContext &&
    "serviceWorker" in navigator &&
    "locks" in navigator &&
    "indexedDB" in window &&
    "subtle" in crypto &&
    "timeout" in AbortSignal
  );
}
