// Acts that the server does not hold yet, of everybody who works on this phone: marks, hand-outs, scans. An act is on
// the disk of the phone before any page shows it as noted, and it leaves when the receipt of the server names exactly
// this act. Never a name: ids, choices, and the files that belong to them. Only the account that made an act sends it.
//
//   const { outbox, pending, keep, send, discard, device } = openOutbox({ box, name, acts, most, pack, asText });
//
// box     the element that says what waits, with its words in data-*: see lessons/parts/outbox.html
// name    the database, the lock and the channel that the tabs share;   acts   its store, and how the server calls them
// most    acts in one request;   pack   a batch of entries → {body, headers}; without it: JSON
// asText  an entry → the line that "copy as text" gives
//
// The server answers {"receipts": [{id, hash, stored, sentence, refused}]}. hash: SHA-256 of the act as it was sent, as
// JSON with sorted keys. refused: it will never take this act as it is; it stays here, shown, until somebody discards it.

const LONGEST_WAIT = 30_000; // ms
const PATIENCE = 3_000; // before the page speaks of something that is usually over at once
const REFUSED_AS_A_WHOLE = [400, 413, 415];

const key = { now: document.querySelector("input[name=csrfmiddlewaretoken]")?.value };

export function openOutbox({ box, name, acts, most, pack, asText }) {
  const { account, address } = box.dataset;
  const tabs = "BroadcastChannel" in self ? new BroadcastChannel(name) : null;

  let opening; // the database, or the promise of it
  let isForgetful = false; // the browser keeps nothing for us: the acts live as long as this page
  let memory = []; // acts that the disk refused
  const page = { device: self.crypto?.randomUUID?.(), count: 0 }; // whose acts they are

  let waiting = []; // of this account, oldest first, as last read
  let others = 0; // of other accounts on this phone
  let door = ""; // why the server does not let us in: "signedOut" or "otherAccount"
  let size = most;
  let wait = 1_000;
  let timer = 0;
  let isSending = false;
  let hasFailed = false;
  const aside = [];

  // "change": what waits is another list. "receipt": the server has an act; who shows it elsewhere prevents the default.
  const outbox = new EventTarget();

  const pending = () => waiting;

  async function keep(made, files) {
    const made_at = new Date().toISOString().replace("Z", "+00:00"); // written as the server writes it, for the hash
    const act = { ...made, made_at };
    try {
      const { device } = await database();
      await within("readwrite", (all) => all.add({ account, ...(files && { files }), act: { ...act, device } }));
      navigator.storage?.persist?.().catch(() => {});
    } catch {
      isForgetful = true;
      memory.push({ account, files, number: ++page.count, act: { ...act, device: page.device }, isLoose: true });
    }
    tabs?.postMessage({});
    await read();
    send();
  }

  async function send() {
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

  // The name under which this phone sends its acts.
  const device = () => database().then((opened) => opened.device, () => page.device);

  // Only what somebody looked at and decided against.
  async function discard(id) {
    await remove(waiting.filter(({ act }) => act.id === id));
    tabs?.postMessage({});
    await read();
  }

  // --- the disk ---

  function database() {
    opening ??= new Promise((resolve, reject) => {
      setTimeout(reject, PATIENCE);
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => {
        // The numbers of the acts and the name of the phone live and die together: no number is used twice under a name.
        request.result.createObjectStore(acts, { keyPath: "number", autoIncrement: true });
        request.result.createObjectStore("phone").add(crypto.randomUUID(), "device");
      };
      request.onerror = reject;
      request.onsuccess = () => {
        const disk = request.result;
        const forget = () => (opening = undefined);
        disk.onclose = forget;
        disk.onversionchange = () => (forget(), disk.close());
        const called = disk.transaction("phone").objectStore("phone").get("device");
        called.onsuccess = () => resolve({ disk, device: called.result });
        called.onerror = reject;
      };
    });
    return opening;
  }

  async function within(mode, work) {
    const { disk } = await database();
    return new Promise((resolve, reject) => {
      const transaction = disk.transaction(acts, mode, { durability: "strict" });
      const request = work(transaction.objectStore(acts));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  async function read() {
    let kept = [];
    try {
      kept = await within("readonly", (all) => all.getAll());
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
    if (numbers.length) await within("readwrite", (all) => void numbers.forEach((number) => all.delete(number)));
  }

  // --- the way to the server ---

  const isSendable = (entry) => !entry.refused;
  const asJson = (batch) => ({
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ [acts]: batch.map(asSent) }),
  });

  // One tab at a time. Where there is no lock, the server tells doubles apart by their ids.
  const alone = (work) => (navigator.locks ? navigator.locks.request(name, work) : work());

  async function sendSome() {
    const batch = (await read()).filter(isSendable).slice(0, size);
    if (!batch.length) return false;
    let answer = await post(batch);
    if (isShut(answer) && (await askForKey())) answer = await post(batch);
    if (REFUSED_AS_A_WHOLE.includes(answer.status)) return refusedAsAWhole(batch, answer.status);
    if (!answer.ok) throw new Error(`answer ${answer.status}`);
    const { receipts } = await answer.json();
    const settled = [];
    const refused = [];
    for (const entry of batch) {
      const receipt = receipts.find(({ id }) => id === entry.act.id);
      if (!receipt || receipt.hash !== (await hashOf(asSent(entry)))) continue;
      (receipt.refused ? refused : settled).push({ entry, receipt });
    }
    if (!settled.length && !refused.length) throw new Error("no receipt for any of these acts");
    for (const { entry, receipt } of refused) await refuse(entry, receipt.sentence);
    await remove(settled.map(({ entry }) => entry));
    tabs?.postMessage({ settled: settled.map(({ entry, receipt }) => ({ entry: { ...entry, files: {} }, receipt })) });
    settled.forEach(tell);
    door = "";
    size = most;
    return true;
  }

  const patiently = (ms) => ({ redirect: "manual", signal: AbortSignal.timeout(ms) });

  function post(batch) {
    const { body, headers = {} } = (pack ?? asJson)(batch);
    const isHeavy = batch.some(({ files }) => Object.keys(files ?? {}).length);
    return fetch(address, {
      ...patiently(isHeavy ? 60_000 : 15_000),
      method: "POST",
      headers: { ...headers, "X-CSRFToken": key.now, "X-Account": account },
      body,
    });
  }

  const isShut = (answer) => answer.type === "opaqueredirect" || [401, 403].includes(answer.status);

  // Signing in again, in this tab or another, makes a new key; it may also be somebody else who signed in.
  async function askForKey() {
    const answer = await fetch(address, patiently(15_000));
    if (isShut(answer)) door = "signedOut";
    if (!answer.ok) return false;
    const now = await answer.json();
    door = now.account === account ? "" : "otherAccount";
    key.now = now.token;
    return !door;
  }

  // Nothing is dropped: what the server cannot read even by itself stays here, and is shown until somebody copied it.
  async function refusedAsAWhole(batch, status) {
    if (batch.length > 1) {
      size = Math.ceil(batch.length / 2);
      return true;
    }
    await refuse(batch[0], status);
    return true;
  }

  async function refuse(entry, why) {
    entry.refused = why;
    if (!entry.isLoose) await within("readwrite", (all) => all.put(entry));
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
    const oldest = Math.min(...waiting.map(({ act }) => Date.parse(act.made_at)));
    const dead = waiting.filter((entry) => entry.refused).length;
    const isLate = count > 0 && (hasFailed || door || dead || Date.now() - oldest > PATIENCE);
    const lines = [];
    const { keptAt } = document.documentElement.dataset;
    if (keptAt && words.kept) lines.push(words.kept.replace("[age]", age(Number(keptAt))));
    if (isLate) lines.push(counted(words.one, words.many, count), words.oldest.replace("[age]", age(oldest)));
    if (isLate && door) lines.push(words[door]);
    if (dead) lines.push(counted(words.deadOne, words.deadMany, dead));
    if (memory.length) lines.push(words.loose);
    else if (isForgetful && document.getElementById(words.needs)) lines.push(words.forgetful);
    if (others) lines.push(words.others.replace("[n]", others));
    for (const sentence of aside) lines.push(`${words.aside} ${sentence}`);
    const status = box.querySelector("[role=status]");
    const text = lines.join(" ");
    if (status.textContent !== text) status.textContent = text;
    box.querySelector("a").hidden = !(isLate && door);
    for (const button of box.querySelectorAll("button")) button.hidden = !isLate;
    box.hidden = !lines.length;
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
    box.querySelector("button[data-copy]")?.addEventListener("click", copy);
    box.querySelector("button[data-retry]")?.addEventListener("click", send);
    setInterval(show, LONGEST_WAIT); // the oldest gets older
    keepPages(box.dataset).catch(() => {}); // without a worker everything but the pages themselves survives
  }

  return { outbox, pending, keep, send, discard, device };
}

export const asSent = ({ act, number }) => ({ ...act, device_sequence: number });

export async function hashOf(act) {
  const bytes = new TextEncoder().encode(JSON.stringify(act, Object.keys(act).sort()));
  return hashOfBytes(bytes);
}

export async function hashOfBytes(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const counted = (one, many, count) => (count === 1 ? one : many.replace("[n]", count));

function age(since) {
  const minutes = Math.max(0, Math.floor((Date.now() - since) / 60_000));
  const [number, unit] =
    minutes < 60 ? [minutes, "minute"] : minutes < 2_880 ? [Math.floor(minutes / 60), "hour"] : [Math.floor(minutes / 1_440), "day"];
  return new Intl.RelativeTimeFormat([document.documentElement.lang, "nl"], { numeric: "auto" }).format(-number, unit);
}

// The worker keeps this page and those that it leads to, with the files they need.
async function keepPages({ keepFor, worker, start }) {
  if (!keepFor || !navigator.serviceWorker) return;
  const script = { createScriptURL: () => worker };
  const policy = self.trustedTypes?.createPolicy("worker", script) ?? script;
  await navigator.serviceWorker.register(policy.createScriptURL(""), { scope: start, updateViaCache: "none" });
  const { active } = await navigator.serviceWorker.ready;
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const files = loaded.filter((url) => url.startsWith(new URL(import.meta.url).origin) && url.includes("/static/"));
  const links = [...document.querySelectorAll("a[data-ahead]")].map(({ href }) => href);
  active.postMessage({ pages: [location.href.split("#")[0], ...links], files });
}
