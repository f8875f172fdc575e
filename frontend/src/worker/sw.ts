/**
 * Keeps this app's files and nothing else: the API is never cached, and IndexedDB is never touched.
 * All files of a version are fetched whole, checked by their hash, or the version is not installed.
 */
export {};
declare const self: ServiceWorkerGlobalScope;

const SHELL = "/attendance/";
const PREFIX = "attendance-";
const CACHE = `${PREFIX}${__VERSION__}`;
const KEPT = new Set(__FILES__.map((file) => file.url));

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  await Promise.all(
    __FILES__.map(async ({ url, integrity }) => {
      const answer = await fetch(url, { cache: "no-cache", credentials: "omit", integrity });
      if (!answer.ok || answer.redirected) throw new Error(`${answer.status} for ${url}`);
      await cache.put(url, answer);
    }),
  );
}

async function forgetOthers(): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(names.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function kept(url: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(url, { ignoreVary: true, ignoreSearch: true })) ?? fetch(url);
}

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(forgetOthers()));
self.addEventListener("message", (event) => {
  if (event.data === "SKIP_WAITING") void self.skipWaiting();
});
self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (origin !== location.origin || event.request.method !== "GET") return;
  if (event.request.mode === "navigate") event.respondWith(kept(SHELL));
  else if (KEPT.has(pathname)) event.respondWith(kept(pathname));
});
