// Parts of the desk: the glass to sign on, the photo, the terms in one language at a time.

const LONGEST = 1_600; // px of a photo that is sent
const LEAST_INK = 24; // px of line that make a signature

export async function fileOf(blob) {
  return { type: blob.type, bytes: await blob.arrayBuffer() };
}

const blobOf = (canvas, type) => new Promise((resolve) => canvas.toBlob(resolve, type, 0.82));

export function makeGlass(box, changed = () => {}) {
  const canvas = box.querySelector("canvas");
  const pen = canvas.getContext("2d");
  let length = 0;
  let last = null;

  function clear() {
    const { width, height } = canvas.getBoundingClientRect();
    const scale = Math.min(2, self.devicePixelRatio || 1);
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    pen.scale(scale, scale);
    pen.lineWidth = 3;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = "#1d1b19";
    length = 0;
    changed();
  }

  const place = ({ clientX, clientY }) => {
    const { left, top } = canvas.getBoundingClientRect();
    return [clientX - left, clientY - top];
  };

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    for (const point of event.getCoalescedEvents?.() ?? [event]) {
      const next = place(point);
      pen.beginPath();
      pen.moveTo(...last);
      pen.lineTo(...next);
      pen.stroke();
      length += Math.hypot(next[0] - last[0], next[1] - last[1]);
      last = next;
    }
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => ((last = null), changed()));
  box.querySelector("[data-clear]").addEventListener("click", clear);

  return { clear, hasInk: () => length > LEAST_INK, blob: () => blobOf(canvas, "image/png") };
}

// `scanner`: its camera, when it is open, takes the photo too.
export function makePhoto(box, scanner) {
  const [view, video, taken, field] = [".photo-view", "video", ".photo-taken", "input"].map((what) => box.querySelector(what));
  const camera = scanner.querySelector("video");
  let blob = null;

  function shown(found) {
    blob = found;
    if (taken.src) URL.revokeObjectURL(taken.src);
    taken.hidden = !found;
    if (found) taken.src = URL.createObjectURL(found);
    else taken.removeAttribute("src");
  }

  async function drawn(source, width, height) {
    const canvas = document.createElement("canvas");
    const scale = Math.min(1, LONGEST / Math.max(width, height));
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height);
    return blobOf(canvas, "image/jpeg");
  }

  field.addEventListener("change", async () => {
    const [file] = field.files;
    if (!file) return;
    try {
      const picture = await createImageBitmap(file);
      shown(await drawn(picture, picture.width, picture.height));
    } catch {
      shown(file); // the server says what is wrong with it
    }
    box.dispatchEvent(new Event("taken"));
  });

  return {
    open() {
      video.srcObject = camera.srcObject;
      view.hidden = !video.srcObject;
      field.closest(".field").hidden = !view.hidden;
      if (video.srcObject) video.play().catch(() => {});
    },
    close() {
      video.srcObject = null;
    },
    isLive: () => Boolean(video.srcObject),
    async take() {
      if (!video.videoWidth) await new Promise((resolve) => video.addEventListener("loadeddata", resolve, { once: true }));
      shown(await drawn(video, video.videoWidth, video.videoHeight));
    },
    ask: () => field.click(),
    clear() {
      field.value = "";
      shown(null);
    },
    blob: () => blob,
  };
}

export function oneLanguageAtATime(place) {
  const choice = place.querySelector("select[name=language]");
  const show = () => {
    for (const text of place.querySelectorAll("[data-language]")) text.hidden = text.dataset.language !== choice.value;
  };
  choice?.addEventListener("change", show);
  if (choice) show();
}

// --- tags: the same rules as depot/rules.py ---

const LETTERS = "23456789ABCDEFGHJKMNPQRSTWXYZ";
const VALUES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"; // ISO 7064, mod 37-2

export const readTag = (text) => text.split("/i/").at(-1).split("?")[0].replace(/^[/\s]+|[/\s]+$/g, "").replace(/[\s-]/g, "").toUpperCase();

export const readable = (tag) => (tag.length === 8 ? `${tag.slice(0, 4)}-${tag.slice(4)}` : tag);

export function isSound(tag) {
  if (tag.length !== 8 || ![...tag].every((letter) => LETTERS.includes(letter))) return false;
  const total = [...tag.slice(0, 7)].reduce((sum, letter) => ((sum + VALUES.indexOf(letter)) * 2) % 37, 0);
  return VALUES[(((1 - total) % 37) + 37) % 37] === tag[7];
}
