// A live page asks once a second with an entity tag, stops while nobody looks, and says how old its data is.
import htmx from "htmx.org";

const EVERY_MS = 1000;
const STALE_MS = 15000;
let tag = null;
let asOf = 0;
let answered = Date.now();

function showAge() {
  const place = document.querySelector("[data-age]");
  if (!place) return;
  const stale = Date.now() - answered > STALE_MS;
  place.classList.toggle("danger", stale);
  place.classList.toggle("warn", !stale && Date.now() - answered > STALE_MS / 3);
  const text = place.querySelector("[data-age-text]");
  const seconds = Math.max(0, Math.round((Date.now() - answered) / 1000));
  text.textContent = stale ? place.dataset.stale : text.dataset.pattern.replace("%(seconds)s", seconds);
  document.getElementById("main")?.classList.toggle("stale", stale);
}

async function ask(address) {
  const headers = { "HX-Request": "true", Accept: "text/html" };
  if (tag) headers["If-None-Match"] = tag;
  const response = await fetch(address, { headers, credentials: "same-origin", cache: "no-store" });
  if (response.status === 401 || response.status === 403) return location.reload();
  if (response.status !== 200 && response.status !== 304) return undefined;
  answered = Date.now();
  asOf = response.headers.get("X-As-Of") ?? asOf;
  if (response.status === 304) return undefined;
  tag = response.headers.get("ETag");
  const main = document.getElementById("main");
  const text = await response.text();
  await htmx.swap({ text, target: main, sourceElement: main, swap: "outerMorph", live: true });
  return undefined;
}

export function liveParts(root) {
  const address = root.querySelector("[data-live]")?.dataset.live;
  if (!address) return;
  let under_way = false;
  setInterval(async () => {
    showAge();
    if (document.hidden || under_way) return;
    under_way = true;
    try {
      await ask(address);
    } catch {
      // The age in the corner says it: nothing came, and the next second asks again.
    } finally {
      under_way = false;
    }
  }, EVERY_MS);
}
