/**
 * The way back if a service worker ever goes wrong: served in its place (LMS_TABLET_WORKER=0), it
 * removes itself and the kept files. Marks are in IndexedDB, which it never touches.
 */
export {};
declare const self: ServiceWorkerGlobalScope;

async function leave(): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.startsWith("attendance-"));
  await Promise.all(names.map((name) => caches.delete(name)));
  await self.registration.unregister();
  for (const client of await self.clients.matchAll({ type: "window" })) {
    void client.navigate(client.url);
  }
}

self.addEventListener("install", () => void self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(leave()));
