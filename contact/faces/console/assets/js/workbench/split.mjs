// How wide the inspector is: by pointer, or by the arrow keys on the line between it and the editor.
import { main } from "./asking.mjs";

const LEAST = 320;
const MOST = 900;
const STEP = 40;

export function resizable() {
  const line = document.getElementById("wb-split");
  if (!line) return;

  function set(width) {
    const kept = Math.round(Math.min(MOST, innerWidth - 600, Math.max(LEAST, width)));
    main().style.setProperty("--inspector", `${kept}px`);
    line.setAttribute("aria-valuenow", kept);
  }

  line.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
    if (!by) return;
    event.preventDefault();
    set(+line.getAttribute("aria-valuenow") + by);
  });
  line.addEventListener("pointerdown", (event) => {
    line.setPointerCapture(event.pointerId);
    const move = (now) => set(innerWidth - 12 - now.clientX);
    line.addEventListener("pointermove", move);
    line.addEventListener("pointerup", () => line.removeEventListener("pointermove", move), { once: true });
  });
}
