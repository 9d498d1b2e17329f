// The desk on a phone: one question at a time, a few taps for each child. What is done is in the outbox of the phone
// before the page says so. Without this script the same form asks everything at once.

import { hashOfBytes } from "../shared/outbox.js";
import { tell } from "../shared/scanner.js";
import { keep, outbox, pending } from "./outbox.js";
import { fileOf, isSound, makeGlass, makePhoto, oneLanguageAtATime, readable, readTag } from "./parts.js";

const PATIENCE = 5_000; // ms for a look at the server

const form = document.getElementById("desk");
if (form && self.crypto?.randomUUID) start(form);

function start(form) {
  const words = form.dataset;
  const isReturn = words.sort === "take_return";
  const known = JSON.parse(words.known);
  const steps = [...form.querySelectorAll("[data-step]")].map((part) => part.dataset.step);
  const part = (step) => form.querySelector(`[data-step="${step}"]`);
  const scanner = form.querySelector("[data-scanner]");
  const field = form.querySelector(".scanner-text");
  const on = document.querySelector("[data-go=on]");
  const buttons = Object.fromEntries([...form.querySelectorAll("[data-go]")].map((button) => [button.dataset.go, button]));
  const soFar = form.querySelector(".so-far");
  const done = document.getElementById("done");
  const glassBox = form.querySelector("[data-glass]");
  const glass = glassBox && makeGlass(glassBox);
  const photo = makePhoto(form.querySelector("[data-photo]"), scanner);
  let at = "";
  let row = null; // the instrument in hand
  let isBusy = false;

  oneLanguageAtATime(form);
  form.noValidate = true;
  field.required = false;
  go("instrument");

  // --- from step to step ---

  function go(step) {
    at = words.at = step;
    photo.close();
    if (step === "picture") photo.open();
    if (step === "sign") glass?.clear();
    on.textContent = step === "terms" ? words.agreed : step === "sign" ? words.signed : step === "picture" ? pictureWord() : words.next;
    on.hidden = step === "child";
    for (const [name, button] of Object.entries(buttons)) {
      button.hidden = !{ back: step !== "instrument", without: step === "picture", paper: step === "sign" }[name];
    }
    soFar.textContent = row ? [row.name, nameOf(chosenChild()), step === "instrument" ? "" : row.holder].filter(Boolean).join(" → ") : "";
    if (step === "instrument") field.focus({ preventScroll: true });
    form.scrollIntoView({ block: "start" });
  }

  const pictureWord = () => (photo.blob() ? words.keep : words.take);
  const next = () => go(steps[steps.indexOf(at) + 1]);
  const chosenChild = () => form.querySelector("input[name=child]:checked")?.value ?? "";
  const lineOf = (child) => form.querySelector(`[data-child="${child}"]`);
  const nameOf = (child) => (child && lineOf(child)?.querySelector(".name").textContent) || "";

  scanner.addEventListener("scan", (event) => {
    event.preventDefault();
    if (at === "instrument") found(event.detail.text);
  });

  form.addEventListener("change", ({ target }) => {
    if (target.name === "child") next();
  });

  form.querySelector("[data-photo]").addEventListener("taken", () => at === "picture" && next());

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isBusy) return;
    advance();
  });

  buttons.back?.addEventListener("click", () => go(steps[steps.indexOf(at) - 1]));
  buttons.without?.addEventListener("click", () => (photo.clear(), next()));
  buttons.paper?.addEventListener("click", () => finish("paper"));

  async function advance() {
    if (at === "instrument") return field.value.trim() ? found(field.value) : field.focus();
    if (at === "terms") return next();
    if (at === "picture") {
      if (photo.isLive() && !photo.blob()) await photo.take();
      return photo.blob() ? next() : photo.ask();
    }
    if (isReturn) return form.querySelector("input[name=outcome]:checked") ? finish() : say(words.noOutcome);
    if (glass.hasInk()) return finish("glass");
    return say(words.noInk);
  }

  const say = (text) => (soFar.textContent = text);

  // --- what was scanned ---

  async function found(text) {
    const tag = readTag(text);
    const numbered = known.filter(({ number }) => number && number === text.trim());
    const seen = known.find((one) => one.tag === tag) ?? (numbered.length === 1 ? numbered[0] : null);
    const answer = seen && !isReturn ? seen : await look(text, tag);
    const why = answer.sentence || answer.retired || (isReturn ? answer.free : answer.lent);
    if (why) return tell(scanner, "wrong", why);
    const waits = pending().some(({ act, refused }) => act.tag === answer.tag && act.sort === words.sort && !refused);
    if (waits || answer.isOut) {
      return tell(scanner, "again", words.again.replace("[name]", answer.name));
    }
    row = answer;
    field.value = "";
    tell(scanner, "right", answer.isUnseen ? words.unseen.replace("[tag]", readable(tag)) : answer.name);
    showWhatGoesAlong();
    showBefore();
    return next();
  }

  async function look(text, tag) {
    try {
      const address = `${words.look}?${new URLSearchParams({ tag: text.trim() })}`;
      const answer = await fetch(address, { redirect: "error", signal: AbortSignal.timeout(PATIENCE) });
      if (answer.ok) return await answer.json();
    } catch {
      // no signal: what the label itself says is enough
    }
    if (!isSound(tag)) return { sentence: words.mistyped.replace("[tag]", text.trim().slice(0, 20)) };
    return { tag, name: readable(tag), isUnseen: true };
  }

  function showWhatGoesAlong() {
    const listed = (isReturn ? row.went_out : null) ?? row.along; // nothing: nobody could look it up
    for (const box of form.querySelectorAll("input[name=accessories]")) {
      box.closest("label").hidden = Boolean(listed) && !listed.includes(box.value);
      box.checked = !isReturn && Boolean(listed?.includes(box.value));
    }
    form.querySelector("input[name=accessories]").closest("fieldset").hidden = listed?.length === 0;
  }

  function showBefore() {
    const before = form.querySelector(".before");
    if (!before) return;
    before.hidden = !row.picture && !row.condition;
    const image = before.querySelector("img");
    image.hidden = !row.picture;
    if (row.picture) image.src = row.picture;
    before.querySelector("figcaption").textContent = row.condition ? words.was.replace("[condition]", row.condition) : "";
  }

  // --- done ---

  async function finish(signedOn) {
    isBusy = true;
    try {
      const act = { id: crypto.randomUUID(), sort: words.sort, tag: row.tag, condition: valueOf("condition") };
      act.accessories = [...form.querySelectorAll("input[name=accessories]:checked")].map(({ value }) => value);
      if (isReturn) {
        Object.assign(act, { outcome: valueOf("outcome"), note: form.elements.note.value.trim() });
        if (act.outcome === "reserve") act.reservation = form.elements.reservation?.value ?? "";
      } else {
        const { version, language } = form.elements;
        Object.assign(act, { group: Number(words.group), child: chosenChild(), version: Number(version.value) });
        Object.assign(act, { language: language.value, signed_on: signedOn });
      }
      const files = {};
      const blobs = { picture: photo.blob(), ink: signedOn === "glass" ? await glass.blob() : null };
      for (const [name, blob] of Object.entries(blobs)) {
        if (!blob) continue;
        files[name] = await fileOf(blob);
        act[`${name}_sha256`] = await hashOfBytes(files[name].bytes);
      }
      const line = note(act);
      row.isOut = true;
      await keep(act, Object.keys(files).length ? files : undefined);
      tell(scanner, "right", line);
      clear();
      go("instrument");
      soFar.textContent = counted();
    } finally {
      isBusy = false;
    }
  }

  const valueOf = (name) => form.querySelector(`input[name=${name}]:checked`)?.value ?? "";

  function note(act) {
    const outcome = isReturn ? form.querySelector("input[name=outcome]:checked").closest("label").textContent.trim() : "";
    const text = words.done.replace("[child]", nameOf(act.child)).replace("[name]", row.name).replace("[outcome]", outcome);
    const known = lineOf(act.child)?.querySelector(".has");
    if (known) known.textContent = row.name;
    lineOf(act.child)?.toggleAttribute("data-done", true);
    show(act, text);
    return text;
  }

  function show(act, text) {
    const line = document.createElement("li");
    line.className = "row";
    line.dataset.act = act.id;
    const what = document.createElement("span");
    what.textContent = text;
    const state = document.createElement("span");
    state.className = "soft small";
    state.textContent = done.dataset.waiting;
    line.append(what, state);
    done.prepend(line);
    done.closest("section").hidden = false;
  }

  const counted = () => {
    const children = form.querySelectorAll("[data-child]");
    if (!children.length) return "";
    return words.count.replace("[n]", form.querySelectorAll("[data-done]").length).replace("[all]", children.length);
  };

  function clear() {
    row = null;
    photo.clear();
    for (const input of form.querySelectorAll("input[name=child], input[name=outcome]")) input.checked = false;
    const [good] = form.querySelectorAll("input[name=condition]");
    good.checked = true;
    if (form.elements.note) form.elements.note.value = "";
  }

  outbox.addEventListener("receipt", (event) => {
    const { entry, receipt } = event.detail;
    const line = done.querySelector(`[data-act="${entry.act.id}"]`);
    if (!line) return;
    event.preventDefault();
    const link = document.createElement("a");
    link.href = receipt.link;
    link.textContent = done.dataset.link;
    line.lastElementChild.replaceWith(link);
  });

  outbox.addEventListener("change", () => {
    for (const { act } of pending()) {
      if (act.sort !== words.sort || done.querySelector(`[data-act="${act.id}"]`)) continue;
      const was = known.find(({ tag }) => tag === act.tag)?.name ?? readable(act.tag); // after a reload
      show(act, [was, nameOf(act.child)].filter(Boolean).join(" → "));
      lineOf(act.child)?.toggleAttribute("data-done", true);
    }
  });
}
