/** Start: what is stored decides which screen comes first. */
import { render } from "preact";
import { readMeta } from "./database";
import { StorageLost } from "./database";
import { firstScreen, heardNews, lock, watchIdle } from "./entering";
import { said } from "./cases";
import { checkAll, isSupported } from "./ready";
import { App } from "./screens/App";
import { onChange, onNews, reload, set, state } from "./state";
import { APP_VERSION } from "./sync";
import { register } from "./update";
import { othersTold, watchNetwork } from "./uploading";
import { choose } from "./words";

/** For whoever stands before a tablet with a cable, and for tests. */
Object.assign(window, { attendance: { version: APP_VERSION, said } });

async function start(): Promise<void> {
  choose(await readMeta("language"));
  await reload();
  set({ screen: await firstScreen() });
  watchIdle();
  watchNetwork();
  await register(newVersion);
  await navigator.serviceWorker.ready;
  set({ checks: await checkAll() });
}

const newVersion = (): void => set({ hasUpdate: true });

/** Only what the storage says; whoever sees the screen needs no second report of it. */
function broken(event: PromiseRejectionEvent): void {
  const error: unknown = event.reason;
  const isFull = error instanceof DOMException && error.name === "QuotaExceededError";
  if (!(error instanceof StorageLost) && !isFull) return;
  event.preventDefault();
  set({ screen: { at: "broken", isFull } });
}

function main(): void {
  const root = document.getElementById("app");
  if (!root) return;
  onChange(() => render(<App state={state} />, root));
  addEventListener("unhandledrejection", broken);
  if (!isSupported()) return set({ screen: { at: "old" } });
  onNews((what) => (what === "locked" ? lock() : void heardNews().then(othersTold)));
  void start();
}

main();
