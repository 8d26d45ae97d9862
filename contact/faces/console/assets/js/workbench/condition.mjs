// A field for one condition, checked as one types by the check of the playbook's conditions, with the fields to choose from.
import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, keymap, tooltips } from "@codemirror/view";
import { send, Unreachable } from "./asking.mjs";
import { fieldsOnly, hovering } from "./completing.mjs";
import { rangeOf } from "./places.mjs";

const DELAY_MS = 150;

export function conditionField(area) {
  const list = document.getElementById("sel-problems");
  let timer = 0;
  let asked = 0;

  async function check() {
    const mine = ++asked;
    try {
      const { problems = [] } = await send("/selection/check", { condition: view.state.doc.toString() });
      if (mine !== asked) return;
      const shown = problems.map((each) => ({ ...rangeOf(view.state, each.line, each.column), severity: each.severity, message: each.message }));
      view.dispatch(setDiagnostics(view.state, shown));
      list.replaceChildren(...problems.map((each) => Object.assign(document.createElement("li"), { textContent: each.text })));
    } catch (fault) {
      if (!(fault instanceof Unreachable)) throw fault;
    }
  }

  const holder = document.createElement("div");
  holder.className = "sel-editor";
  const state = EditorState.create({
    doc: area.value,
    extensions: [
      EditorView.cspNonce.of(area.dataset.nonce), history(), drawSelection(), EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": area.dataset.label, spellcheck: "false" }),
      tooltips({ parent: document.body }),
      autocompletion({ override: [fieldsOnly], icons: false }), hovering,
      keymap.of([
        { key: "Mod-Enter", run: () => { area.form.requestSubmit(); return true; } },
        ...completionKeymap, ...defaultKeymap, ...historyKeymap,
      ]),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        area.value = update.state.doc.toString();
        clearTimeout(timer);
        timer = setTimeout(check, DELAY_MS);
      }),
    ],
  });
  const view = new EditorView({ parent: holder, state });
  area.before(holder);
  area.hidden = true;
  document.querySelector(`label[for=${area.id}]`).addEventListener("click", () => view.focus());
}
