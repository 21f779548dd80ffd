// The service worker of the steward's page. The server puts KEPT above this: the page, the shell
// that stands for it, the files that they need, and a version of all that.

const NAME = KEPT.caches + KEPT.version;

async function fill() {
  const cache = await caches.open(NAME);
  await cache.addAll([...KEPT.files, KEPT.shell].map((url) => new Request(url, { cache: "reload" })));
}

async function clear() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(KEPT.caches) && name !== NAME);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

// What is kept is given without asking the network: on a bad one, asking takes minutes.
async function answer(request, key) {
  const cache = await caches.open(NAME);
  const kept = await cache.match(key, { ignoreSearch: true });
  return kept ?? fetch(request);
}

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(fill());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(clear());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === KEPT.page) {
    event.respondWith(answer(request, KEPT.shell));
    return;
  }
  const files = KEPT.files.map((file) => file.split("?")[0]);
  if (files.includes(url.pathname)) event.respondWith(answer(request, url.pathname));
});
