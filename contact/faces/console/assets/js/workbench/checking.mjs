// The check as one types: the service's own, of the whole text, 150 ms after the last key. The last result stays,
// dimmed, until the next one is there; and where the service cannot be reached, the page says since when.
import { setDiagnostics } from "@codemirror/lint";
import { clock, main, say, send, Unreachable } from "./asking.mjs";
import { showExamples } from "./examples.mjs";
import { rangeOf } from "./places.mjs";

const DELAY_MS = 150;
const AGAIN_MS = 3000;

export function checker(desk) {
  let timer = 0;
  let asked = 0;
  let last = null;

  function soon(delay = DELAY_MS) {
    clearTimeout(timer);
    main().classList.add("checking");
    timer = setTimeout(now, delay);
  }

  async function now() {
    clearTimeout(timer);
    const mine = ++asked;
    const { path, text } = desk.open();
    main().classList.add("checking");
    try {
      const found = await send("check", { path, text });
      if (mine !== asked) return;
      if (found.status !== 200) throw new Unreachable(String(found.status));
      last = found;
      main().classList.remove("checking", "unchecked");
      main().dataset.checked = clock();
      draw(path);
      desk.checked(found);
    } catch (fault) {
      if (!(fault instanceof Unreachable)) throw fault;
      if (mine !== asked) return;
      main().classList.remove("checking");
      main().classList.add("unchecked");
      document.getElementById("wb-unchecked").textContent = say("unchecked", { clock: main().dataset.checked });
      desk.unreachable();
      timer = setTimeout(now, AGAIN_MS);
    }
  }

  function draw(path) {
    const { view } = desk;
    const diagnostics = last.problems.filter((each) => each.path === path).map((each) => ({
      ...rangeOf(view.state, each.line, each.column), severity: each.severity, source: each.code,
      message: each.hint ? `${each.message} (${each.hint})` : each.message,
    }));
    view.dispatch(setDiagnostics(view.state, diagnostics));
    showExamples(view, path, last.examples);
  }

  /** Draw the last result over the file that has been opened. */
  const redraw = () => { if (last) draw(desk.open().path); };
  return { soon, now, redraw, problems: () => last?.problems ?? [] };
}
