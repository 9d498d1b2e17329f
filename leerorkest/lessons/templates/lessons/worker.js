// Keeps the lesson pages of a teacher, and the pages of the desk, on the phone, for where there is no network: encrypted under a key that no script
// can read out, for fourteen days at most, until somebody signs out or another account opens a page here.
// Marks are none of its business: they wait in the outbox, and every post goes through untouched.

const DAYS_14 = 14 * 24 * 3_600_000;
const FRESH = 12 * 3_600_000; // a page that was fetched ahead today is not fetched ahead again
const PATIENCE = 4_000;
const MOST_FILES = 200;
const START = "{% url 'home:start' %}";
const WEEK = "{% url 'lessons:week' %}";
const DESK = "{% url 'depot:desk' %}";
const DEPOT = "{% url 'depot:instruments' %}";
const SIGN_OUT = "{% url 'account_logout' %}";
const FILES = "{{ files }}";
const REGISTER = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\/$/;
const AT_THE_DESK = /^(groups\/\d{1,9}\/|return\/)?$/;
const REPORT = /^instruments\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\/report\/$/;
const KEPT_HEADERS = ["Content-Type", "Content-Security-Policy", "Content-Language"];

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (origin !== self.location.origin) return;
  if (method === "POST" && pathname === SIGN_OUT) event.waitUntil(wipe());
  if (method !== "GET") return;
  if (pathname.startsWith(FILES)) event.respondWith(file(event.request));
  else if (mode === "navigate" && isKeptPage(pathname)) event.respondWith(page(event));
});

self.addEventListener("message", (event) => event.waitUntil(ahead(event.data)));

const isKeptPage = (path) =>
  path === START ||
  path === WEEK ||
  (path.startsWith(WEEK) && REGISTER.test(path.slice(WEEK.length))) ||
  (path.startsWith(DESK) && AT_THE_DESK.test(path.slice(DESK.length))) ||
  (path.startsWith(DEPOT) && REPORT.test(path.slice(DEPOT.length)));

// --- pages: the network first, what is kept after four seconds or without one ---

async function page(event) {
  const { url } = event.request;
  const network = fetch(event.request);
  const copy = network.then((answer) => answer.clone());
  event.waitUntil(copy.then((answer) => keep(url, answer)).catch(() => {}));
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  const first = await Promise.race([network, late]).catch(() => undefined);
  if (first && first.status < 500) return first;
  return (await kept(url).catch(() => undefined)) ?? network;
}

async function keep(url, answer) {
  if (!answer.ok || answer.redirected) return;
  const text = await answer.text();
  const account = / data-keep-for="([0-9a-f-]{36})"/.exec(text)?.[1];
  if (!account) return;
  const named = new Set(Array.from(text.matchAll(/ (?:src|href)="([^"#]+)/g), ([, path]) => path));
  for (const path of named) if (path.startsWith(FILES)) await file(new Request(path)).catch(() => {});
  const disk = await database();
  const all = await done(disk.transaction("pages").objectStore("pages").getAll());
  if (all.some((one) => one.account !== account)) await wipe();
  const key = await keyOf(disk);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const bytes = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode(text));
  const headers = KEPT_HEADERS.map((name) => [name, answer.headers.get(name)]).filter(([, value]) => value);
  const pages = disk.transaction("pages", "readwrite").objectStore("pages");
  for (const one of all) if (Date.now() - one.kept_at > DAYS_14) pages.delete(one.url);
  await done(pages.put({ url, account, kept_at: Date.now(), iv, bytes, headers }));
}

async function kept(url) {
  const disk = await database();
  const all = await done(disk.transaction("pages").objectStore("pages").getAll());
  const young = all.filter((one) => Date.now() - one.kept_at <= DAYS_14);
  if (young.length < all.length) {
    const pages = disk.transaction("pages", "readwrite").objectStore("pages");
    for (const one of all) if (!young.includes(one)) pages.delete(one.url);
  }
  const bare = (address) => address.split(/[?#]/)[0];
  const found = young.find((one) => one.url === url) ?? young.find((one) => bare(one.url) === url);
  if (!found) return undefined;
  const { iv, bytes, headers, kept_at } = found;
  const text = new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await keyOf(disk), bytes));
  return new Response(text.replace("<html ", `<html data-kept-at="${kept_at}" `), { headers });
}

// Where its reader goes next, and the modules that a page loaded without naming them.
async function ahead({ pages = [], files = [] }) {
  for (const url of files) await file(new Request(url)).catch(() => {});
  const disk = await database();
  const all = await done(disk.transaction("pages").objectStore("pages").getAll());
  const fresh = new Set(all.filter((one) => Date.now() - one.kept_at < FRESH).map((one) => one.url));
  for (const url of pages.filter((one) => !fresh.has(one))) {
    await keep(url, await fetch(url, { redirect: "manual" })).catch(() => {});
  }
}

// --- files: their names change with their content ---

async function file(request) {
  const cache = await caches.open("files");
  const found = await cache.match(request, { ignoreVary: true });
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) {
    const old = await cache.keys();
    for (const one of old.slice(0, Math.max(0, old.length - MOST_FILES))) await cache.delete(one);
    await cache.put(request, answer.clone());
  }
  return answer;
}

// --- the disk ---

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function database() {
  const request = indexedDB.open("pages", 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("pages", { keyPath: "url" });
    request.result.createObjectStore("key");
  };
  return done(request);
}

async function keyOf(disk) {
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const keys = disk.transaction("key", "readwrite").objectStore("key");
  const found = await done(keys.get("key"));
  if (found) return found;
  await done(keys.put(made, "key"));
  return made;
}

async function wipe() {
  const disk = await database();
  const both = disk.transaction(["pages", "key"], "readwrite");
  both.objectStore("pages").clear();
  await done(both.objectStore("key").clear());
}
