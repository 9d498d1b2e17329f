// What was played and seen, and instruments not here or broken: two taps each, through the same outbox as the marks.
// What stands of a child is shown in its row, with a button that takes it back.

import { keepNote, outbox, pending } from "./outbox.js";

const form = document.getElementById("register");
if (form && document.getElementById("noted") && self.crypto?.randomUUID) start(form);

function start(form) {
  const { lesson } = form.dataset;
  const shape = document.getElementById("noted").content.firstElementChild;
  const done = new Set(); // acts of the outbox that this page shows
  const keyOf = ({ what, child, instrument, word }) => [what, child, instrument, word].map((part) => part || "-").join(" ");
  const noted = (key) => form.querySelector(`.noted[data-key="${CSS.escape(key)}"]`);
  const given = (value) => (value === "-" ? undefined : value);

  for (const piece of form.querySelectorAll("[name=piece]")) {
    const was = piece.nextElementSibling;
    const [section, taps] = was.value.split(" ");
    piece.dataset.section = section;
    piece.dataset.taps = taps;
    piece.removeAttribute("name"); // the form has nothing to say about it any more
    was.remove();
    piece.addEventListener("change", () => playPiece(piece));
  }

  function playPiece(piece) {
    const section = Number(given(piece.dataset.section)) || null;
    note({ what: "piece", section, word: piece.value, takes_back: piece.checked ? [] : piece.dataset.taps.split(",") });
  }

  form.addEventListener("change", ({ target }) => {
    const name = /^(instrument|seen)-/.exec(target.name)?.[1];
    if (!name) return;
    const child = form.querySelector(`[name=${name}-child]:checked`);
    if (name === "instrument") offer(child?.dataset.shape);
    const word = form.querySelector(`[name=${name}-word]:checked`);
    if (!child || !word) return;
    const [uid, instrument] = child.value.split(" ");
    child.checked = word.checked = false;
    if (name === "instrument") offer();
    if (name === "seen") note({ what: "seen", child: uid, word: word.value });
    else if (word.value === "-") note({ what: "not_here", child: uid });
    else note({ what: "broken", child: uid, instrument, word: word.value });
    child.focus({ preventScroll: true });
  });

  // Only what can be wrong with the instrument of the chosen child.
  function offer(shape) {
    for (const kinds of form.querySelectorAll("fieldset[data-shape]")) {
      kinds.hidden = shape !== undefined && kinds.dataset.shape !== shape;
    }
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[name=take_back]");
    if (!button) return;
    event.preventDefault();
    const [what, child, instrument, word, taps] = button.value.split(" ");
    note({ what, child, instrument: given(instrument), word: given(word), takes_back: taps.split(",") });
  });

  function note(said) {
    if (!said.takes_back?.length && said.child && noted(keyOf(said))) return; // it stands already
    const act = { id: crypto.randomUUID(), lesson, ...said };
    show(act);
    keepNote(act);
  }

  // Also after a reload, and after a tap in another tab.
  outbox.addEventListener("change", () => {
    for (const { act } of pending()) if (act.what && act.lesson === lesson) show(act);
  });

  function show(act) {
    if (done.has(act.id) || act.what === "closed") return;
    done.add(act.id);
    const isBack = act.takes_back?.length > 0;
    if (act.what === "piece") {
      const piece = form.querySelector(`#log-pieces input[value="${act.word}"]`);
      if (!piece) return;
      piece.checked = !isBack;
      piece.dataset.taps = isBack ? "-" : act.id;
      return;
    }
    const key = keyOf(act);
    const shown = noted(key);
    if (isBack) shown?.remove();
    else if (!shown) form.querySelector(`[data-child="${act.child}"] .noted-of`)?.append(lineOf(act, key));
  }

  function lineOf(act, key) {
    const line = shape.cloneNode(true);
    const words = wordsOf(act);
    line.dataset.key = key;
    line.dataset.waiting = "";
    line.firstElementChild.textContent = words;
    const button = line.querySelector("button");
    button.value = `${key} ${act.id}`;
    button.querySelector(".visually-hidden").append(words);
    return line;
  }

  function wordsOf({ what, word }) {
    const name = what === "seen" ? "seen" : "instrument";
    return form.querySelector(`[name=${name}-word][value="${word || "-"}"]`)?.labels[0].textContent.trim() ?? "";
  }

  outbox.addEventListener("receipt", (event) => {
    const { act } = event.detail.entry;
    const { stored, sentence } = event.detail.receipt;
    if (!act.what || act.what === "closed" || act.lesson !== lesson) return;
    if (stored) event.preventDefault();
    const line = act.child && noted(keyOf(act));
    if (line && stored) delete line.dataset.waiting;
    const aside = !stored && form.querySelector(`[data-child="${act.child}"] .aside`);
    if (!aside) return;
    event.preventDefault();
    aside.hidden = false;
    aside.textContent = `${form.dataset.aside} ${sentence}`;
    line?.remove();
  });
}
