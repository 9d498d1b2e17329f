// What is wrong, said where there is no signal: it is on the disk of the phone before the page says so, and the page
// leads on when the server has it. Without this script the form is sent as it is.

import { keep, outbox, pending } from "./outbox.js";

const form = document.getElementById("report");
if (form && self.crypto?.randomUUID) start(form);

function start(form) {
  const noted = document.getElementById("noted");
  let act = null;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { submitter } = event;
    if (act || submitter?.name !== "kind") return;
    const { instrument, tag } = form.dataset;
    act = { id: crypto.randomUUID(), sort: "report", instrument, tag, kind: submitter.value, note: form.elements.note.value.trim() };
    submitter.closest("[popover]").hidePopover();
    noted.textContent = form.dataset.noted.replace("[kind]", submitter.dataset.words);
    await keep(act);
  });

  // Refused, with its reason above: something else may be wrong all the same.
  outbox.addEventListener("change", () => {
    if (!pending().some((entry) => entry.act.id === act?.id && entry.refused)) return;
    act = null;
    noted.textContent = "";
  });

  outbox.addEventListener("receipt", (event) => {
    const { entry, receipt } = event.detail;
    if (entry.act.id !== act?.id || !receipt.link) return;
    event.preventDefault();
    location.assign(receipt.link);
  });
}
