// Every tap becomes a mark that is sent at once, and sent again until the server holds it.
// Without this script the same form works: its one button sends what changed.

const LONGEST_WAIT = 30_000;
const MOST_MARKS = 100;
const form = document.getElementById("register");
if (form && crypto.randomUUID) start(form);

function start(form) {
  const status = document.getElementById("sending");
  const device = deviceOf();
  const waiting = []; // oldest first; a mark leaves when the server said what became of it
  let isSending = false;
  let isClosing = null; // the button that was pressed while marks were still on their way
  let isSignedOut = false;
  let hasSent = false;
  let wait = 1000;
  let timer = 0;

  form.addEventListener("change", ({ target }) => {
    if (target.type !== "radio") return;
    const row = target.closest("[data-child]");
    const was = row.querySelector("input[type=hidden]");
    const seen = row.dataset.seen ?? was.value.split(" ")[2];
    const mark = {
      id: crypto.randomUUID(),
      device: device.id,
      device_sequence: device.next(),
      lesson: form.dataset.lesson,
      child: row.dataset.child,
      state: target.value,
      corrects: seen === "-" ? [] : seen.split(","),
      made_at: new Date().toISOString(),
    };
    row.dataset.seen = mark.id;
    row.dataset.waiting = mark.id;
    waiting.push(mark);
    show();
    send();
  });

  form.addEventListener("submit", (event) => {
    if (!waiting.length) return;
    event.preventDefault();
    isClosing = event.submitter;
    isClosing?.setAttribute("aria-busy", "true");
    show();
    send();
  });

  addEventListener("beforeunload", (event) => {
    if (waiting.length) event.preventDefault();
  });
  addEventListener("online", send);
  addEventListener("pageshow", send);
  document.addEventListener("visibilitychange", send);

  async function send() {
    if (isSending || !waiting.length) return;
    isSending = true;
    clearTimeout(timer);
    const batch = waiting.slice(0, MOST_MARKS);
    try {
      const answer = await fetch(form.dataset.marks, {
        method: "POST",
        redirect: "manual", // a signed-out session answers with the way to the sign-in page
        headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
        body: JSON.stringify({ marks: batch }),
        signal: AbortSignal.timeout(15_000),
      });
      isSignedOut = answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403;
      if (!answer.ok) throw new Error(`answer ${answer.status}`);
      const { receipts } = await answer.json();
      for (const receipt of receipts) settle(receipt);
      hasSent = true;
      wait = 1000;
    } catch {
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
    isSending = false;
    show();
    if (waiting.length) timer = setTimeout(send, wait);
    else if (isClosing) form.requestSubmit(isClosing);
  }

  function settle(receipt) {
    const place = waiting.findIndex((mark) => mark.id === receipt.id);
    if (place < 0) return;
    const [mark] = waiting.splice(place, 1);
    const row = form.querySelector(`[data-child="${mark.child}"]`);
    if (row.dataset.waiting === mark.id) delete row.dataset.waiting;
    // The form now stands on what the server holds: pressing its button does not send this mark once more.
    row.querySelector("input[type=hidden]").value = `${crypto.randomUUID()} ${mark.state} ${mark.id}`;
    const aside = row.querySelector(".aside");
    aside.hidden = receipt.stored;
    aside.textContent = receipt.stored ? "" : `${form.dataset.aside} ${receipt.sentence}`;
    if (receipt.stored) row.querySelector(".differ")?.remove();
  }

  function show() {
    const { sent, one, many, closing, signedOut } = form.dataset;
    const count = waiting.length;
    const parts = count ? [count === 1 ? one : many.replace("[n]", count)] : hasSent ? [sent] : [];
    if (count && isClosing) parts.push(closing);
    if (count && isSignedOut) parts.push(signedOut);
    status.textContent = parts.join(" ");
    status.toggleAttribute("data-waiting", count > 0);
  }
}

// The phone keeps one name for itself and counts its marks, so that the server can tell their order.
function deviceOf() {
  const made = { id: crypto.randomUUID(), count: 0 };
  try {
    made.id = localStorage.getItem("device") ?? made.id;
    localStorage.setItem("device", made.id);
    return {
      id: made.id,
      next() {
        const number = Number(localStorage.getItem("device-sequence") ?? 0) + 1;
        localStorage.setItem("device-sequence", number);
        return number;
      },
    };
  } catch {
    return { id: made.id, next: () => ++made.count }; // no storage: a device of this page only
  }
}
