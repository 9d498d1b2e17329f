// Reads labels for any page that includes shared/parts/scanner.html: by the camera, by a hand scanner that types, by hand.
//
//   box.addEventListener("scan", (event) => { event.preventDefault(); …event.detail.text… });
//   tell(box, "right" | "again" | "wrong", "Violin 17 is here.");
//
// A page that does not prevent the default gets what it would have got without a script: the text in the field, and its
// form sent. A code is read by the browser itself where it can, else by the library that set-up fetched, else by the
// server. What came less than two seconds ago, or is still in front of the camera, is not told again.

const SAME = 2_000; // ms
const FAST = 60; // ms between two keys of a hand scanner; people are slower
const SHORTEST = 6; // a hand scanner types more than this
const PAUSE = { phone: 90, server: 400 }; // ms between two pictures
const WIDEST = 800; // px of a picture that is read

const SOUNDS = {
  right: [["sine", 880, 0, 0.08], ["sine", 1_320, 0.09, 0.12]],
  again: [["triangle", 520, 0, 0.09], ["triangle", 520, 0.16, 0.09]],
  wrong: [["square", 185, 0, 0.42]],
};
const SHAKES = { right: [40], again: [40, 80, 40], wrong: [250, 80, 250] };

let sound; // made at the first act of the person: before, a browser keeps it silent

export function tell(box, said, words) {
  const line = box.querySelector(".scanner-says");
  line.dataset.said = said;
  line.textContent = words;
  line.classList.remove("fresh");
  void line.offsetWidth; // the same answer twice is seen twice
  line.classList.add("fresh");
  navigator.vibrate?.(SHAKES[said] ?? []);
  beep(SOUNDS[said] ?? []);
}

function beep(tones) {
  try {
    sound ??= new AudioContext();
    sound.resume?.();
    for (const [type, pitch, start, length] of tones) {
      const tone = sound.createOscillator();
      const loudness = sound.createGain();
      tone.type = type;
      tone.frequency.value = pitch;
      loudness.gain.setValueAtTime(0.25, sound.currentTime + start);
      loudness.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + start + length);
      tone.connect(loudness).connect(sound.destination);
      tone.start(sound.currentTime + start);
      tone.stop(sound.currentTime + start + length);
    }
  } catch {
    // a phone without sound still shows and says it
  }
}

export function start(box) {
  const field = box.querySelector(".scanner-text");
  const button = box.querySelector("[data-camera]");
  const seen = new Map(); // text: when it was last in front of us

  function found(text, by) {
    const now = performance.now();
    const isSame = now - (seen.get(text) ?? -SAME) < SAME;
    seen.set(text, now);
    for (const [old, at] of seen) if (now - at > SAME) seen.delete(old);
    if (isSame || !text) return;
    const event = new CustomEvent("scan", { detail: { text, by }, bubbles: true, cancelable: true });
    if (!box.dispatchEvent(event)) return;
    field.value = text;
    field.form?.requestSubmit();
  }

  // In the field: Enter ends it, whoever typed.
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    const text = field.value.trim();
    field.value = "";
    field.focus();
    found(text, "keys");
  });

  // Anywhere else on the page: only what comes faster than people type.
  let typed = "";
  let last = 0;
  document.addEventListener("keydown", (event) => {
    if (event.target.closest?.("input, textarea, select, [contenteditable]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const now = performance.now();
    if (now - last > FAST) typed = "";
    last = now;
    if (event.key === "Enter") {
      if (typed.length >= SHORTEST) {
        event.preventDefault(); // a button that has the focus is not pressed by a scanner
        found(typed.trim(), "keys");
      }
      typed = "";
    } else if (event.key.length === 1) {
      typed += event.key;
      if (event.key === " " && typed.length > 1) event.preventDefault();
    }
  }, true);

  if (!navigator.mediaDevices?.getUserMedia) return;
  const camera = makeCamera(box, (text) => found(text, "camera"));
  button.hidden = false;
  button.addEventListener("click", () => {
    beep([]); // the sound may begin now
    camera.toggle();
  });
  document.addEventListener("visibilitychange", () => (document.hidden ? camera.pause() : camera.resume()));
  addEventListener("pagehide", () => camera.pause());
}

function makeCamera(box, found) {
  const view = box.querySelector(".scanner-view");
  const video = box.querySelector("video");
  const line = box.querySelector(".scanner-says");
  const button = box.querySelector("[data-camera] span");
  const words = box.dataset;
  let stream = null;
  let wanted = false;

  const say = (text) => {
    line.dataset.said = "";
    line.textContent = text;
  };

  async function open() {
    wanted = true;
    say(words.opening);
    try {
      const asked = { video: { facingMode: "environment", width: { ideal: 1_280 } }, audio: false };
      const got = await navigator.mediaDevices.getUserMedia(asked);
      if (!wanted) return got.getTracks().forEach((track) => track.stop());
      stream = got;
      video.srcObject = stream;
      await video.play();
    } catch (error) {
      wanted = false;
      stop();
      return say(error.name === "NotAllowedError" ? words.refused : words.missing);
    }
    view.hidden = false;
    button.textContent = words.close;
    say(words.aim);
    watch(stream).catch(() => {
      if (!stream) return;
      close();
      say(words.broken);
    });
  }

  function stop() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = video.srcObject = null;
    view.hidden = true;
    button.textContent = words.open;
  }

  function close() {
    wanted = false;
    stop();
    say("");
  }

  async function watch(of) {
    let readers = [browserReader, libraryReader, serverReader];
    let read = null;
    while (stream === of) {
      try {
        read ??= await readers[0](box);
        const text = await read(video);
        if (text && stream === of) found(text);
        box.dataset.reader = read.name;
      } catch (error) {
        readers = readers.slice(1); // this one does not work here
        read = null;
        if (!readers.length) throw error;
        continue;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE[read.name === "server" ? "server" : "phone"]));
    }
  }

  return {
    toggle: () => (wanted ? close() : open()),
    pause: () => stop(),
    resume: () => wanted && !stream && open(),
  };
}

// --- three ways to read a picture; each throws where it cannot work ---

async function browserReader() {
  const formats = (await self.BarcodeDetector?.getSupportedFormats?.()) ?? [];
  if (!formats.includes("qr_code")) throw new Error("no reader in this browser");
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  return async function browser(video) {
    return (await detector.detect(video))[0]?.rawValue ?? "";
  };
}

async function libraryReader(box) {
  const { module, wasm } = box.dataset;
  if (!module) throw new Error("the library was not fetched at set-up");
  const { prepareZXingModule, readBarcodes } = await import(module);
  // By itself the library would ask somebody else's server for this file.
  await prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
  const canvas = document.createElement("canvas");
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  return async function library(video) {
    if (!draw(video, canvas, brush)) return "";
    const picture = brush.getImageData(0, 0, canvas.width, canvas.height);
    const codes = await readBarcodes(picture, { formats: ["QRCode"], maxNumberOfSymbols: 1 });
    return codes[0]?.text ?? "";
  };
}

async function serverReader(box) {
  const { address } = box.dataset;
  const key = document.querySelector("input[name=csrfmiddlewaretoken]")?.value;
  const canvas = document.createElement("canvas");
  const brush = canvas.getContext("2d");
  let lost = 0; // pictures one after another that met no network
  return async function server(video) {
    if (!draw(video, canvas, brush)) return "";
    const body = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.7));
    const headers = { "Content-Type": "image/jpeg", "X-CSRFToken": key };
    const how = { method: "POST", headers, body, redirect: "error", signal: AbortSignal.timeout(8_000) };
    const answer = await fetch(address, how).catch(() => null);
    lost = answer ? 0 : lost + 1;
    if (lost > 2) throw new Error("no network");
    if (answer && !answer.ok && ![413, 429, 502, 503, 504].includes(answer.status)) throw new Error(`answer ${answer.status}`);
    return answer?.ok ? (await answer.json()).text : "";
  };
}

// The middle of what the camera sees, no larger than is needed to read a label at arm's length.
function draw(video, canvas, brush) {
  const { videoWidth: width, videoHeight: height } = video;
  if (!width) return false;
  const side = Math.min(width, height * 1.4);
  const scale = Math.min(1, WIDEST / side);
  canvas.width = Math.round(side * scale);
  canvas.height = Math.round(height * scale);
  brush.drawImage(video, (width - side) / 2, 0, side, height, 0, 0, canvas.width, canvas.height);
  return true;
}

for (const box of document.querySelectorAll("[data-scanner]")) start(box);
