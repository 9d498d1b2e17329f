// Hand-outs, returns and reports that are not sent yet: see shared/outbox.js. One act in a request, with its photo and its ink.

import { asSent, openOutbox } from "../shared/outbox.js";

const box = document.getElementById("outbox-desk") ?? document.getElementById("outbox"); // beside another on one page

export const { outbox, pending, keep, send, discard } = openOutbox({ box, name: "desk", acts: "acts", most: 1, pack, asText });

function pack([entry]) {
  const body = new FormData();
  body.append("act", JSON.stringify(asSent(entry)));
  for (const [name, { type, bytes }] of Object.entries(entry.files ?? {})) body.append(name, new Blob([bytes], { type }), name);
  return { body };
}

const wordOf = ({ sort }) => box.dataset[{ hand_out: "handOut", take_return: "takeReturn", report: "report" }[sort]];

// Labels and links in place of names.
function asText({ act }) {
  return `${new Date(act.made_at).toLocaleString(document.documentElement.lang)} · ${wordOf(act)} · ${act.tag ?? act.instrument} · ${act.id}`;
}

// What was refused stands here with its reason, until somebody threw it away.
function showRefused() {
  const list = box.querySelector(".refused");
  const refused = pending().filter((entry) => entry.refused);
  list.replaceChildren(...refused.map(lineOf));
  list.hidden = !refused.length;
}

function lineOf({ act, refused }) {
  const line = document.createElement("li");
  const why = typeof refused === "string" ? refused : box.dataset.unread;
  line.append(`${wordOf(act)} ${act.tag ?? ""}: ${why} `);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small";
  button.textContent = box.dataset.discard;
  button.addEventListener("click", () => confirm(box.dataset.sure) && discard(act.id));
  line.append(button);
  return line;
}

outbox.addEventListener("change", showRefused);
