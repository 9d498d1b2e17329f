// Every tap becomes a mark in the outbox of the phone, which sends it at once and again until the server holds it.
// Without this script the same form works: its one button sends what changed.

import { isWriting, keep, keepNote, outbox, pending, send } from "./outbox.js";

const form = document.getElementById("register");
if (form && self.crypto?.randomUUID) start(form);

function start(form) {
  const status = document.getElementById("sending");
  let isClosing = null; // the button that was pressed while marks were still on their way
  let closing = ""; // the id of the act that closes the register
  let taps = 0; // on their way to the disk
  let hasSent = false;
  const isBusy = () => taps > 0 || isWriting();
  const isHere = ({ act }) => act.lesson === form.dataset.lesson;
  const here = () => pending().filter((entry) => isHere(entry) && !entry.refused && entry.act.what !== "closed");
  const isToClose = () => pending().some((entry) => isHere(entry) && !entry.refused && entry.act.what === "closed");
  const isAnyHere = () => pending().some(({ act }) => act.lesson === form.dataset.lesson);
  const rowOf = (mark) => mark.lesson === form.dataset.lesson && form.querySelector(`[data-child="${mark.child}"]`);

  form.addEventListener("change", async ({ target }) => {
    const row = target.type === "radio" && target.closest("[data-child]");
    if (!row) return; // a choice of the log
    const shown = row.dataset.seen ?? row.querySelector("input[type=hidden]").value.split(" ")[2];
    const id = crypto.randomUUID();
    row.dataset.seen = id;
    row.dataset.waiting = "";
    taps += 1;
    show();
    await keep({
      id,
      lesson: form.dataset.lesson,
      child: row.dataset.child,
      state: target.value,
      corrects: shown === "-" ? [] : shown.split(","),
    });
    taps -= 1;
    show();
  });

  form.addEventListener("submit", async (event) => {
    const isDead = pending().some((entry) => isHere(entry) && entry.refused); // the form itself carries what that says
    if (event.submitter?.name !== "keep" && !isDead) {
      event.preventDefault(); // closing is an act like the others: it waits its turn, and outlives this page
      if (closing || isToClose()) return send();
      closing = crypto.randomUUID();
      while (isBusy()) await new Promise((resolve) => setTimeout(resolve, 20)); // the marks stand before it
      const section = Number(form.elements.section.value);
      await keepNote({ id: closing, lesson: form.dataset.lesson, what: "closed", section });
      return show();
    }
    if (!isBusy() && !here().length) return;
    event.preventDefault();
    isClosing = event.submitter;
    isClosing?.setAttribute("aria-busy", "true");
    show();
    send();
  });

  outbox.addEventListener("change", show);
  outbox.addEventListener("receipt", (event) => {
    const { entry, receipt } = event.detail;
    if (entry.act.lesson === form.dataset.lesson) hasSent = true;
    if (entry.act.what === "closed" && isHere(entry)) {
      event.preventDefault();
      if (receipt.stored) location.assign(form.dataset.week);
      else status.textContent = `${form.dataset.aside} ${receipt.sentence}`;
      return;
    }
    const row = !entry.act.what && rowOf(entry.act); // what else was noted: log.js
    if (!row) return;
    event.preventDefault();
    // The form now stands on what the server holds: pressing its button does not send this mark once more.
    row.querySelector("input[type=hidden]").value = `${crypto.randomUUID()} ${entry.act.state} ${entry.act.id}`;
    const aside = row.querySelector(".aside");
    aside.hidden = receipt.stored;
    aside.textContent = receipt.stored ? "" : `${form.dataset.aside} ${receipt.sentence}`;
    if (receipt.stored) row.querySelector(".differ")?.remove();
  });

  function show() {
    const { sent, one, many, closing: toClose } = form.dataset;
    const marks = here().map(({ act }) => act);
    const newest = new Map(marks.filter(({ what }) => !what).map((mark) => [mark.child, mark]));
    for (const row of taps ? [] : form.querySelectorAll("[data-child]")) {
      const mark = newest.get(row.dataset.child);
      if (!mark) {
        delete row.dataset.waiting;
        continue;
      }
      // Also after a reload, and after a tap in another tab.
      row.querySelector(`input[value="${mark.state}"]`).checked = true;
      row.dataset.seen = row.dataset.waiting = mark.id;
    }
    const count = marks.length;
    const parts = count ? [count === 1 ? one : many.replace("[n]", count)] : hasSent && !isBusy() && !isAnyHere() ? [sent] : [];
    if (isClosing || isToClose()) parts.push(toClose);
    const text = parts.join(" ");
    if (status.textContent !== text) status.textContent = text;
    status.toggleAttribute("data-waiting", count > 0 || isToClose());
    if (!count && !isBusy() && isClosing) {
      const button = isClosing;
      isClosing = null;
      form.requestSubmit(button);
    }
  }
}
