// The marks that are not sent yet: see shared/outbox.js.

import { openOutbox } from "../shared/outbox.js";

const box = document.getElementById("outbox");

const opened = openOutbox({ box, name: "outbox", acts: "marks", most: 100, asText });

export const { outbox, pending, send } = opened;

let writing = 0; // acts on their way to the disk

export const isWriting = () => writing > 0;

export const keep = ({ id, lesson, child, state, corrects }) =>
  write({ id, lesson, child, state, corrects: [...new Set(corrects)].sort() });

export const keepNote = ({ id, lesson, what, section = null, child = null, instrument = null, word = "", takes_back = [] }) =>
  write({ id, lesson, what, section, child, instrument, word, takes_back: [...new Set(takes_back)].sort() });

async function write(act) {
  writing += 1;
  await opened.keep(act);
  writing -= 1;
  outbox.dispatchEvent(new Event("change"));
}

// Links in place of names: whoever may see the lesson and the child opens them, nobody else.
function asText({ act }) {
  const place = new URL("../", new URL(box.dataset.address, location.href));
  const when = new Date(act.made_at).toLocaleString(document.documentElement.lang);
  const says = box.dataset[act.state] ?? [act.takes_back.length ? "−" : "+", act.what, act.word].join(" ").trim();
  const child = act.child ? [new URL(`children/${act.child}/`, place)] : [];
  return [when, says, ...child, new URL(`${act.lesson}/`, place)].join(" · ");
}
