// Keeps the page in the browser and gives it from there, whether the server answers or not. VERSION and SHELL stand
// before this text as the server sends it: another version is another text, which the browser installs by itself.

const NAME = `tome-offline-desk-${VERSION}`;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(NAME).then((kept) => kept.addAll(SHELL.map((path) => new Request(path, { cache: "reload" })))).then(() => self.skipWaiting())
  );
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("tome-offline-desk-") && name !== NAME;
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name)))).then(() => self.clients.claim())
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin || !SHELL.includes(url.pathname)) return;
  event.respondWith(caches.open(NAME).then((kept) => kept.match(url.pathname)).then((found) => found || fetch(event.request)));
});
