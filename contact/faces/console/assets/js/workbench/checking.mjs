// The check as one types: the service's own, of the whole text, 60 ms after the last key, one at a time: what is typed
// meanwhile is asked about when the answer has come, and an answer about an older text is not drawn over a newer one.
// What is wrong comes first; where nothing is, examples and warnings follow as soon as the keys rest. The last result
// stays, dimmed, until the next one is there; and where the service cannot be reached, the page says since when.
import { setDiagnostics } from "@codemirror/lint";
import { clock, main, say, send, Unreachable } from "./asking.mjs";
import { showExamples } from "./examples.mjs";
import { rangeOf } from "./places.mjs";

const DELAY_MS = 60;
const REST_MS = 200;
const AGAIN_MS = 3000;

/** Whether something is wrong with the texts themselves, so that no example was run. */
const unsound = (found) => !found.examples.length && found.problems.some((each) => each.severity !== "warning");

export function checker(desk) {
  let timer = 0;
  let asked = 0;
  let running = 0;
  let saved = false;
  let last = null;
  let edition = 0;
  let waiting = false;

  function soon(delay = DELAY_MS) {
    clearTimeout(timer);
    waiting = false;
    if (delay) edition += 1;
    main().classList.add("checking");
    timer = setTimeout(delay ? first : now, delay);
  }

  /** What is wrong; and where nothing is, the rest of the check a little later. */
  function first() {
    waiting = running > 0;
    if (!waiting) ask({ first: "problems" });
  }

  const now = () => ask({});

  /** A draft was stored: what is asked already is not lost over it, and is asked once more when it has come. */
  function afterSave() {
    saved = running > 0;
    if (!saved) soon(0);
  }

  async function ask(part) {
    clearTimeout(timer);
    const mine = ++asked;
    const typed = edition;
    const { path, text } = desk.open();
    main().classList.add("checking");
    running += 1;
    try {
      const found = await send("check", { path, text, ...part });
      if (mine !== asked || typed !== edition) return;
      if (found.status !== 200) throw new Unreachable(String(found.status));
      if (!found.problems) {
        mended(path);
        saved = false;
        timer = setTimeout(now, REST_MS);
        return;
      }
      last = found;
      main().classList.remove("checking", "unchecked");
      main().dataset.checked = clock();
      draw(path);
      desk.checked(found);
      if (saved) soon(0);
      saved = false;
    } catch (fault) {
      if (!(fault instanceof Unreachable)) throw fault;
      if (mine !== asked) return;
      main().classList.remove("checking");
      main().classList.add("unchecked");
      document.getElementById("wb-unchecked").textContent = say("unchecked", { clock: main().dataset.checked });
      desk.unreachable();
      timer = setTimeout(now, AGAIN_MS);
    } finally {
      running -= 1;
      if (waiting) first();
    }
  }

  /** Errors end at once where they are gone; what is listed of them stays, dimmed, until the examples have run. */
  function mended(path) {
    if (!last || !unsound(last)) return;
    last = { ...last, problems: [] };
    draw(path);
  }

  function draw(path) {
    const { view } = desk;
    const diagnostics = last.problems.filter((each) => each.path === path).map((each) => ({
      ...rangeOf(view.state, each.line, each.column), severity: each.severity, source: each.code,
      message: each.hint ? `${each.message} (${each.hint})` : each.message,
    }));
    view.dispatch(setDiagnostics(view.state, diagnostics));
    main().classList.toggle("unrun", unsound(last));
    if (!unsound(last)) showExamples(view, path, last.examples);
  }

  /** Draw the last result over the file that has been opened. */
  const redraw = () => { if (last) draw(desk.open().path); };
  return { soon, now, afterSave, redraw, problems: () => last?.problems ?? [] };
}
