// The page itself without a network. The server puts VERSION and FILES before this, so that a change of any file is a new
// version: all of them together, or the ones before. What is asked of the city's doors is never kept here.
/* global VERSION, FILES */
const CACHE = `field-${VERSION}`;

self.addEventListener("install", (event) => {
  const fresh = FILES.map((url) => new Request(url, { cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fresh)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const others = caches.keys().then((keys) => Promise.all(keys.filter((k) => k.startsWith("field-") && k !== CACHE).map((k) => caches.delete(k))));
  event.waitUntil(others.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || !/^\/field(\/|$)/.test(url.pathname)) return;
  const key = FILES.includes(url.pathname) ? url.pathname : "/field/";
  event.respondWith(caches.open(CACHE).then(async (cache) => (await cache.match(key)) ?? fetch(event.request)));
});
