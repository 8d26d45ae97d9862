// A draft is saved by itself a moment after the last key, and never publishes anything. What somebody else wrote
// meanwhile is not overwritten: the page says so, and what was typed stays in the editor.
import { clock, main, say, send, Unreachable } from "./asking.mjs";

const DELAY_MS = 800;
const AGAIN_MS = 3000;

export function saver(desk) {
  let timer = 0;
  let running = Promise.resolve();
  let unsaved = false;

  function tell(name, values) {
    document.getElementById("wb-saved").textContent = name ? say(name, values) : "";
  }

  function soon() {
    unsaved = true;
    main().classList.add("unsaved");
    tell("unsaved");
    clearTimeout(timer);
    timer = setTimeout(now, DELAY_MS);
  }

  function now() {
    clearTimeout(timer);
    running = running.then(save);
    return running;
  }

  async function save() {
    if (!unsaved) return;
    const { path, text, hash } = desk.open();
    unsaved = false;
    try {
      await desk.haveDraft();
      const kept = await send("file", { path, text, seen_hash: hash });
      if (kept.status === 409) {
        main().classList.add("clash");
        return tell("clash");
      }
      if (kept.status === 413) return tell("too_large");
      if (kept.status !== 200) throw new Unreachable(String(kept.status));
      main().classList.remove("clash");
      desk.saved(path, kept);
      main().classList.toggle("unsaved", unsaved);
      tell(unsaved ? "unsaved" : "saved", { clock: clock() });
    } catch (fault) {
      if (!(fault instanceof Unreachable)) throw fault;
      unsaved = true;
      tell("unsavable");
      timer = setTimeout(now, AGAIN_MS);
    }
    return undefined;
  }

  addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
  return { soon, now };
}
