// One signature for a whole handover. Without this script it is signed on paper.

import { makeGlass, oneLanguageAtATime } from "./parts.js";

const form = document.getElementById("sign");
if (form) start(form);

function start(form) {
  const signed = document.querySelector("[data-glass-only]");
  const said = form.querySelector("[role=status]");
  let ink = null;
  const glass = makeGlass(form.querySelector("[data-glass]"), async () => {
    ink = glass.hasInk() ? await glass.blob() : null;
  });
  glass.clear();
  signed.hidden = false;
  oneLanguageAtATime(form);
  form.addEventListener("submit", (event) => {
    form.dataset.way = event.submitter === signed ? "glass" : "paper";
    if (event.submitter !== signed || ink) return;
    event.preventDefault();
    said.textContent = form.dataset.noInk;
  });
  form.addEventListener("formdata", ({ formData }) => {
    formData.delete("ink");
    if (form.dataset.way === "glass" && ink) formData.set("ink", ink, "ink.png");
  });
}
