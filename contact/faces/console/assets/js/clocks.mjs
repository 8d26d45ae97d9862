// How long the desk has been in its state, counted here: nothing on the server hangs on this clock.

let state = "";
let since = Date.now();

function tick() {
  const main = document.getElementById("main");
  const now = `${main?.className} ${main?.dataset.url}`;
  if (now !== state) {
    state = now;
    since = Date.now();
  }
  const seconds = Math.floor((Date.now() - since) / 1000);
  const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  for (const place of document.querySelectorAll("[data-clock]")) place.textContent = text;
}

export function runClocks(root) {
  if (!root.querySelector("[data-clock]")) return;
  tick();
  setInterval(tick, 1000);
}
