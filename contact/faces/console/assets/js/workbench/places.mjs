// Places as the service writes them, `file:line:column` from 1, and where they are in the editor.
import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView } from "@codemirror/view";

const TOKEN = /^(?:"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|[^\s,{}[\]#]+)/;

/** `policies/x.yaml:12:7` as its three parts; null where it is no place. */
export function placeOf(text) {
  const found = /^(.+?):(\d+)(?::(\d+))?$/.exec(text ?? "");
  return found && { path: found[1], line: +found[2], column: +(found[3] ?? 1) };
}

/** Where a line and column stand in the document, and where the word there ends. */
export function rangeOf(state, line, column) {
  if (line < 1) {
    const first = state.doc.line(1);
    return { from: first.from, to: first.to };
  }
  const there = state.doc.line(Math.min(line, state.doc.lines));
  // The service counts characters as people do; the editor counts a rare character as two.
  const before = [...there.text].slice(0, Math.max(0, column - 1)).join("").length;
  const from = Math.min(there.from + before, there.to);
  const word = TOKEN.exec(there.text.slice(from - there.from))?.[0].length ?? 0;
  const to = Math.min(there.to, from + Math.max(1, word));
  return to > from ? { from, to } : { from: Math.max(there.from, from - 1), to };
}

const light = StateEffect.define();
const lit = Decoration.line({ class: "cm-lit" });

/** One line that something else on the page speaks of. */
export function highlightedLine() {
  return StateField.define({
    create: () => Decoration.none,
    update(marks, transaction) {
      let next = marks.map(transaction.changes);
      for (const effect of transaction.effects) {
        if (effect.is(light)) next = effect.value === null ? Decoration.none : Decoration.set([lit.range(effect.value)]);
      }
      return transaction.docChanged ? Decoration.none : next;
    },
    provide: (field) => EditorView.decorations.from(field),
  });
}

/** Show a place: scroll there, put the cursor on it, light its line. */
export function goTo(view, line, column, focus = true) {
  const { from } = rangeOf(view.state, line, column);
  const start = view.state.doc.lineAt(from).from;
  view.dispatch({
    selection: { anchor: from }, effects: [light.of(start), EditorView.scrollIntoView(from, { y: "center" })],
  });
  if (focus) view.focus();
}
