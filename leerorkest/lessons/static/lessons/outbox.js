// The marks that are not sent yet: see shared/outbox.js.

import { openOutbox } from "../shared/outbox.js";

const box = document.getElementById("outbox");

const opened = openOutbox({ box, name: "outbox", acts: "marks", most: 100, asText });

export const { outbox, pending, send } = opened;

export function keep({ id, lesson, child, state, corrects }) {
  return opened.keep({ id, lesson, child, state, corrects: [...new Set(corrects)].sort() });
}

// Links in place of names: whoever may see the lesson and the child opens them, nobody else.
function asText({ act }) {
  const place = new URL("../", new URL(box.dataset.address, location.href));
  const when = new Date(act.made_at).toLocaleString(document.documentElement.lang);
  const state = box.dataset[act.state];
  return `${when} · ${state} · ${new URL(`children/${act.child}/`, place)} · ${new URL(`${act.lesson}/`, place)}`;
}
