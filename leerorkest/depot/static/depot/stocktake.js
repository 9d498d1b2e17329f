// A phone in a stocktake. Each scan is on the disk of the phone before it is answered, and leaves when the server has it.
// The answer comes at once, also without a signal, from the list that was frozen when the stocktake opened; when the
// server knows more (scanned by another phone, misplaced, retired), it is told after.

import { openOutbox } from "../shared/outbox.js";
import { tell } from "../shared/scanner.js";

const EVERY = 15_000; // ms between two times that a phone says it is here
const SHOWN = 5;
const SAID = { here: "right", again: "again" }; // everything else is wrong
const SIGNS = { right: "✓", again: "2", wrong: "×" };
const VALUES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"; // ISO 7064 mod 37-2, as in rules.py

const form = document.getElementById("stocktake");
const key = () => document.querySelector("input[name=csrfmiddlewaretoken]").value;
if (form && self.crypto?.randomUUID) start(form);

function start(form) {
  const { stocktake, expected: list, phone } = form.dataset;
  const words = form.dataset;
  const scanner = form.querySelector("[data-scanner]");
  const opened = openOutbox({ box: document.getElementById("outbox"), name: "stocktake", acts: "scans", most: 50, asText });
  const { outbox, pending, keep, device } = opened;
  const told = new Map(); // id of a scan: what this phone said by itself
  const mine = new Set(); // tags that were scanned here, on this page
  let tags = null; // tag → [name, why out]
  let timer = 0;
  let phones = []; // as last heard

  fetch(list, { signal: AbortSignal.timeout(30_000) })
    .then((answer) => answer.json())
    .then((answer) => (tags = answer.tags))
    .catch(() => {}); // without it only the server answers

  scanner.addEventListener("scan", (event) => {
    event.preventDefault();
    note(event.detail.text.replace(/[^\x20-\x7e]/g, "").slice(0, 200));
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault(); // a phone's own "done" key
    const field = scanner.querySelector(".scanner-text");
    if (field.value.trim()) note(field.value.trim());
    field.value = "";
  });

  async function note(text) {
    const tag = tagIn(text);
    const said = look(tag);
    const id = crypto.randomUUID();
    told.set(id, said.outcome);
    if (said.outcome === "here" || said.outcome === "out") mine.add(tag);
    await keep({ id, stocktake, text });
    if (!told.has(id)) return; // the server was faster
    answer(said.said, said.words, id);
    later(500);
  }

  // What this phone can say by itself; without an outcome the server says it.
  function look(tag) {
    if (isDamaged(tag)) return { outcome: "damaged", said: "wrong", words: fill(words.damaged, { name: readable(tag) }) };
    const known = tags?.[tag];
    if (known && mine.has(tag)) return { outcome: "again", said: "again", words: fill(words.again, { name: known[0] }) };
    if (known && known[1]) return { outcome: "out", said: "wrong", words: fill(words.out, { name: known[0] }) };
    if (known) return { outcome: "here", said: "right", words: fill(words.here, { name: known[0] }) };
    if (tags && !navigator.onLine) return { said: "wrong", words: fill(words.waits, { name: readable(tag) }) };
    return { said: "", words: words.looks };
  }

  function answer(said, sentence, id) {
    tell(scanner, said, sentence);
    if (!said) return;
    const old = document.querySelector(`#latest-list [data-scan="${id}"]`);
    const line = old ?? document.createElement("li");
    line.className = "row";
    line.dataset.scan = id;
    line.replaceChildren(sign(SIGNS[said]), inWords(sentence));
    const latest = document.getElementById("latest-list");
    if (!old) latest.prepend(line);
    while (latest.children.length > SHOWN) latest.lastChild.remove();
    document.getElementById("latest-box").hidden = false;
  }

  outbox.addEventListener("receipt", (event) => {
    const { entry, receipt } = event.detail;
    if (entry.act.stocktake !== stocktake) return;
    if (receipt.stored) event.preventDefault(); // it is told here
    const before = told.get(entry.act.id);
    told.delete(entry.act.id);
    if (receipt.stored && before === receipt.outcome) return later(500);
    // Late: a stocktake that was finished meanwhile.
    answer(receipt.stored ? SAID[receipt.outcome] ?? "wrong" : "wrong", receipt.sentence, entry.act.id);
    later(500);
  });
  outbox.addEventListener("change", async () => {
    later(1_000);
    const me = await device();
    const own = phones.find((each) => each.device === me);
    if (own) putPhones([{ ...own, pending: held(), waits: held() > 0 }]); // also while nobody hears it
  });

  // --- what this phone says to the others ---

  function later(ms) {
    clearTimeout(timer);
    timer = setTimeout(announce, ms);
  }

  const held = () => pending().filter(({ act }) => act.stocktake === stocktake).length;

  async function announce({ leaves = false } = {}) {
    clearTimeout(timer);
    const body = new URLSearchParams({ device: await device(), pending: held(), ...(leaves && { leaves: "on" }) });
    try {
      const headers = { "X-CSRFToken": key() };
      const how = leaves ? { keepalive: true } : { signal: AbortSignal.timeout(10_000) };
      const reply = await fetch(phone, { method: "POST", headers, body, redirect: "error", ...how });
      if (reply.ok && !leaves) show(await reply.json());
    } catch {
      // without a signal nothing is said; the others see that this phone is silent
    }
    if (!leaves && !document.hidden) timer = setTimeout(announce, EVERY);
  }

  function show({ here, expected, aside, finished, ...others }) {
    phones = others.phones;
    const label = document.getElementById("so-far-words");
    label.textContent = fill(label.dataset.words, { here, expected, aside });
    document.getElementById("so-far").value = here;
    putPhones(phones);
    if (finished) {
      tell(scanner, "", words.over);
      if (!held()) location.assign(words.results);
    }
  }

  function putPhones(phones) {
    const list = document.getElementById("phones");
    for (const each of phones) {
      const line = list.querySelector(`[data-device="${each.device}"]`);
      const text = each.pending ? words.holds : each.waits ? words.silent : words.ready;
      if (!each.written_off) put(list, line, each, fill(text, { name: each.name, n: each.pending }));
    }
  }

  function put(list, line, { device: name, waits }, sentence) {
    if (line && line.dataset.said === sentence) return;
    const row = document.createElement("li");
    row.className = "row";
    row.dataset.device = name;
    row.dataset.said = sentence;
    row.append(sign(waits ? "…" : "✓"), inWords(sentence));
    const link = line?.querySelector("a");
    if (waits) row.append(link ?? Object.assign(document.createElement("a"), { href: `phones/${name}/`, textContent: list.dataset.writeOff }));
    if (line) line.replaceWith(row);
    else list.append(row);
    list.querySelector(".soft:not(.small)")?.remove();
  }

  document.addEventListener("visibilitychange", () => announce());
  addEventListener("pagehide", () => announce({ leaves: !held() }));
  announce();

  function asText({ act }) {
    return `${new Date(act.made_at).toLocaleString(document.documentElement.lang)} · ${act.text}`;
  }
}

function sign(textContent) {
  const made = Object.assign(document.createElement("span"), { className: "face", textContent });
  made.setAttribute("aria-hidden", "true");
  return made;
}

const inWords = (textContent) => Object.assign(document.createElement("div"), { textContent });
const fill = (text, values) => text.replace(/\[(\w+)\]/g, (all, name) => values[name] ?? all);
const readable = (tag) => (tag.length === 8 ? `${tag.slice(0, 4)}-${tag.slice(4)}` : tag.slice(0, 40));
const tagIn = (text) => text.split("/i/").at(-1).split("?")[0].replace(/[\s\-/]/g, "").toUpperCase();

function isDamaged(tag) {
  if (!/^[0-9A-Z]{8}$/.test(tag)) return false;
  let total = 0;
  for (const letter of tag.slice(0, 7)) total = ((total + VALUES.indexOf(letter)) * 2) % 37;
  return VALUES[(38 - total) % 37] !== tag[7];
}
