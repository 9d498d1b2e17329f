// The marks that are not sent yet, of everybody who marks on this phone. A mark is on the disk of the phone before
// any page shows it as noted, and it leaves when the receipt of the server names exactly this mark. Never a name:
// ids and a state. Only the account that made a mark sends it.

const MOST_MARKS = 100;
const LONGEST_WAIT = 30_000; // ms
const PATIENCE = 3_000; // before the page speaks of something that is usually over at once
const ALL = "outbox"; // the database, the lock and the channel that the tabs share
const REFUSED_AS_A_WHOLE = [400, 413, 415];

const box = document.getElementById("outbox");
const { account, address } = box.dataset;
const tabs = "BroadcastChannel" in self ? new BroadcastChannel(ALL) : null;

let opening; // the database, or the promise of it
let isForgetful = false; // the browser keeps nothing for us: the marks live as long as this page
let memory = []; // marks that the disk refused
const page = { device: self.crypto?.randomUUID?.(), count: 0 }; // whose marks they are

let waiting = []; // of this account, oldest first, as last read
let others = 0; // of other accounts on this phone
let key = document.querySelector("input[name=csrfmiddlewaretoken]")?.value;
let door = ""; // why the server does not let us in: "signedOut" or "otherAccount"
let size = MOST_MARKS;
let wait = 1_000;
let timer = 0;
let isSending = false;
let hasFailed = false;
const aside = [];

// "change": what waits is another list. "receipt": the server has a mark; who shows it elsewhere prevents the default.
export const outbox = new EventTarget();

export const pending = () => waiting;

export async function keep({ id, lesson, child, state, corrects }) {
  const made_at = new Date().toISOString().replace("Z", "+00:00"); // written as the server writes it, for the hash
  const mark = { id, lesson, child, state, corrects: [...new Set(corrects)].sort(), made_at };
  try {
    const { device } = await database();
    await within("readwrite", (marks) => marks.add({ account, mark: { ...mark, device } }));
    navigator.storage?.persist?.().catch(() => {});
  } catch {
    isForgetful = true;
    memory.push({ account, number: ++page.count, mark: { ...mark, device: page.device }, isLoose: true });
  }
  tabs?.postMessage({});
  await read();
  send();
}

export async function send() {
  if (isSending) return;
  isSending = true;
  clearTimeout(timer);
  const patience = setTimeout(show, PATIENCE);
  try {
    await alone(async () => {
      while (await sendSome());
    });
    wait = 1_000;
    hasFailed = false;
  } catch {
    wait = Math.min(wait * 2, LONGEST_WAIT);
    hasFailed = true;
  }
  clearTimeout(patience);
  isSending = false;
  await read();
  if (waiting.some(isSendable)) timer = setTimeout(send, wait);
}

// --- the disk ---

function database() {
  opening ??= new Promise((resolve, reject) => {
    setTimeout(reject, PATIENCE);
    const request = indexedDB.open(ALL, 1);
    request.onupgradeneeded = () => {
      // The numbers of the marks and the name of the phone live and die together: no number is used twice under a name.
      request.result.createObjectStore("marks", { keyPath: "number", autoIncrement: true });
      request.result.createObjectStore("phone").add(crypto.randomUUID(), "device");
    };
    request.onerror = reject;
    request.onsuccess = () => {
      const disk = request.result;
      const forget = () => (opening = undefined);
      disk.onclose = forget;
      disk.onversionchange = () => (forget(), disk.close());
      const name = disk.transaction("phone").objectStore("phone").get("device");
      name.onsuccess = () => resolve({ disk, device: name.result });
      name.onerror = reject;
    };
  });
  return opening;
}

async function within(mode, work) {
  const { disk } = await database();
  return new Promise((resolve, reject) => {
    const transaction = disk.transaction("marks", mode, { durability: "strict" });
    const request = work(transaction.objectStore("marks"));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

async function read() {
  let kept = [];
  try {
    kept = await within("readonly", (marks) => marks.getAll());
  } catch {
    isForgetful = true;
  }
  const own = (entry) => entry.account === account;
  waiting = [...kept.filter(own), ...memory];
  others = kept.length - kept.filter(own).length;
  show();
  outbox.dispatchEvent(new Event("change"));
  return waiting;
}

async function remove(entries) {
  memory = memory.filter((entry) => !entries.includes(entry));
  const numbers = entries.filter((entry) => !entry.isLoose).map((entry) => entry.number);
  if (numbers.length) await within("readwrite", (marks) => void numbers.forEach((number) => marks.delete(number)));
}

// --- the way to the server ---

const isSendable = (entry) => !entry.refused;
const asSent = ({ mark, number }) => ({ ...mark, device_sequence: number });

// One tab at a time. Where there is no lock, the server tells doubles apart by their ids.
const alone = (work) => (navigator.locks ? navigator.locks.request(ALL, work) : work());

async function sendSome() {
  const batch = (await read()).filter(isSendable).slice(0, size);
  if (!batch.length) return false;
  let answer = await post(batch);
  if (isShut(answer) && (await askForKey())) answer = await post(batch);
  if (REFUSED_AS_A_WHOLE.includes(answer.status)) return refused(batch, answer.status);
  if (!answer.ok) throw new Error(`answer ${answer.status}`);
  const { receipts } = await answer.json();
  const settled = [];
  for (const entry of batch) {
    const receipt = receipts.find(({ id }) => id === entry.mark.id);
    if (receipt && receipt.hash === (await hashOf(asSent(entry)))) settled.push({ entry, receipt });
  }
  if (!settled.length) throw new Error("no receipt for any of these marks");
  await remove(settled.map(({ entry }) => entry));
  tabs?.postMessage({ settled });
  settled.forEach(tell);
  door = "";
  size = MOST_MARKS;
  return true;
}

const within15s = () => ({ redirect: "manual", signal: AbortSignal.timeout(15_000) });

function post(batch) {
  return fetch(address, {
    ...within15s(),
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": key, "X-Account": account },
    body: JSON.stringify({ marks: batch.map(asSent) }),
  });
}

const isShut = (answer) => answer.type === "opaqueredirect" || [401, 403].includes(answer.status);

// Signing in again, in this tab or another, makes a new key; it may also be somebody else who signed in.
async function askForKey() {
  const answer = await fetch(address, within15s());
  if (isShut(answer)) door = "signedOut";
  if (!answer.ok) return false;
  const now = await answer.json();
  door = now.account === account ? "" : "otherAccount";
  key = now.token;
  return !door;
}

// Nothing is dropped: what the server cannot read even by itself stays here, and is shown until somebody copied it.
async function refused(batch, status) {
  if (batch.length > 1) {
    size = Math.ceil(batch.length / 2);
    return true;
  }
  const [entry] = batch;
  entry.refused = status;
  if (!entry.isLoose) await within("readwrite", (marks) => marks.put(entry));
  return true;
}

async function hashOf(mark) {
  const text = JSON.stringify(mark, Object.keys(mark).sort());
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// --- what the page says ---

function tell({ entry, receipt }) {
  if (entry.account !== account) return;
  const isShown = !outbox.dispatchEvent(new CustomEvent("receipt", { detail: { entry, receipt }, cancelable: true }));
  if (!receipt.stored && !isShown) aside.push(receipt.sentence);
}

function show() {
  const words = box.dataset;
  const count = waiting.length;
  const oldest = Math.min(...waiting.map(({ mark }) => Date.parse(mark.made_at)));
  const dead = waiting.filter((entry) => entry.refused).length;
  const isLate = count > 0 && (hasFailed || door || Date.now() - oldest > PATIENCE);
  const lines = [];
  const { keptAt } = document.documentElement.dataset;
  if (keptAt) lines.push(words.kept.replace("[age]", age(Number(keptAt))));
  if (isLate) lines.push(counted(words.one, words.many, count), words.oldest.replace("[age]", age(oldest)));
  if (isLate && door) lines.push(words[door]);
  if (dead) lines.push(counted(words.deadOne, words.deadMany, dead));
  if (memory.length) lines.push(words.loose);
  else if (isForgetful && document.getElementById("register")) lines.push(words.forgetful);
  if (others) lines.push(words.others.replace("[n]", others));
  for (const sentence of aside) lines.push(`${words.aside} ${sentence}`);
  const status = box.querySelector("[role=status]");
  const text = lines.join(" ");
  if (status.textContent !== text) status.textContent = text;
  box.querySelector("a").hidden = !(isLate && door);
  box.querySelector("button").hidden = !isLate;
  box.hidden = !lines.length;
}

const counted = (one, many, count) => (count === 1 ? one : many.replace("[n]", count));

function age(since) {
  const minutes = Math.max(0, Math.floor((Date.now() - since) / 60_000));
  const [number, unit] =
    minutes < 60 ? [minutes, "minute"] : minutes < 2_880 ? [Math.floor(minutes / 60), "hour"] : [Math.floor(minutes / 1_440), "day"];
  return new Intl.RelativeTimeFormat([document.documentElement.lang, "nl"], { numeric: "auto" }).format(-number, unit);
}

// Links in place of names: whoever may see the lesson and the child opens them, nobody else.
function asText({ mark }) {
  const place = new URL("../", new URL(address, location.href));
  const when = new Date(mark.made_at).toLocaleString(document.documentElement.lang);
  const state = box.dataset[mark.state];
  return `${when} · ${state} · ${new URL(`children/${mark.child}/`, place)} · ${new URL(`${mark.lesson}/`, place)}`;
}

async function copy() {
  const field = box.querySelector("textarea");
  field.value = waiting.map(asText).join("\n");
  field.hidden = false;
  field.focus();
  field.select();
  await navigator.clipboard?.writeText(field.value).catch(() => {}); // else it stands there, selected
}

function warnBeforeSigningOut(event) {
  if (!waiting.length || event.target.getAttribute("action") !== box.dataset.signOut) return;
  const { one, many, stay, loose } = box.dataset;
  const sentences = [counted(one, many, waiting.length), memory.length ? loose : stay];
  if (!confirm(sentences.join("\n"))) event.preventDefault();
}

// --- the pages ---

// The worker keeps this page and the lessons that it leads to, with the files they need.
async function keepPages() {
  const { keepFor, worker, start } = box.dataset;
  if (!keepFor || !navigator.serviceWorker) return;
  const script = { createScriptURL: () => worker };
  const policy = self.trustedTypes?.createPolicy("worker", script) ?? script;
  await navigator.serviceWorker.register(policy.createScriptURL(""), { scope: start, updateViaCache: "none" });
  const { active } = await navigator.serviceWorker.ready;
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const files = loaded.filter((name) => name.startsWith(new URL(import.meta.url).origin) && name.includes("/static/"));
  const links = [...document.querySelectorAll("a[data-ahead]")].map(({ href }) => href);
  active.postMessage({ pages: [location.href.split("#")[0], ...links], files });
}

// --- when ---

if (self.crypto?.randomUUID) {
  tabs?.addEventListener("message", ({ data }) => {
    data.settled?.forEach(tell);
    read();
  });
  addEventListener("online", send);
  addEventListener("pageshow", send);
  document.addEventListener("visibilitychange", send);
  document.addEventListener("submit", warnBeforeSigningOut);
  addEventListener("beforeunload", (event) => memory.length && event.preventDefault());
  box.querySelector("button").addEventListener("click", copy);
  setInterval(show, LONGEST_WAIT); // the oldest gets older
  keepPages().catch(() => {}); // without a worker everything but the pages themselves survives
}
