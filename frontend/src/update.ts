/** The service worker, and newer versions of this app: never under an open class. */
import { type ClockState, now } from "./clock";
import { everything } from "./store";
import type { EventRow } from "./types";

const WORKER = "/attendance/sw.js";
const HOURLY_MS = 3_600_000;
const CLASS_MS = 12 * HOURLY_MS;

let registration: ServiceWorkerRegistration | null = null;

/** `found` is called when a newer version waits. */
export async function register(found: () => void): Promise<void> {
  const container = navigator.serviceWorker;
  const hadOne = container.controller !== null;
  container.addEventListener("controllerchange", () => {
    if (hadOne || isAccepted) location.reload();
  });
  registration = await container.register(WORKER, { scope: "/attendance/", updateViaCache: "none" });
  registration.addEventListener("updatefound", () => watch(found));
  if (registration.waiting && hadOne) found();
  setInterval(lookForUpdate, HOURLY_MS);
  lookForUpdate();
}

export const lookForUpdate = (): void => void registration?.update().catch(() => undefined);

let isAccepted = false;

function watch(found: () => void): void {
  const coming = registration?.installing;
  coming?.addEventListener("statechange", () => {
    if (coming.state === "installed" && navigator.serviceWorker.controller) found();
  });
}

/** A class with marks of the last hours and no close: known without the PIN. */
export async function isClassOpen(): Promise<boolean> {
  const { rows, clock } = await everything();
  return hasOpenClass(rows, clock);
}

/** Hours by the server's clock, as the marks are: the tablet's own may be years off. */
export function hasOpenClass(all: EventRow[], clock: ClockState): boolean {
  const since = now(clock) - CLASS_MS;
  const rows = all.filter((row) => row.body.t_ms >= since);
  const closed = new Set(rows.filter((r) => r.body.kind === "close").map((r) => r.session_id));
  return rows.some((row) => !closed.has(row.session_id));
}

export async function applyUpdate(): Promise<boolean> {
  if (await isClassOpen()) return false;
  isAccepted = true;
  registration?.waiting?.postMessage("SKIP_WAITING");
  return true;
}
