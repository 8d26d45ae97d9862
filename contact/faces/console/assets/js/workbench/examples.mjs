// Examples in the margin: how each one of this file came out, at the line where it stands.
import { RangeSet, RangeSetBuilder, StateEffect, StateField } from "@codemirror/state";
import { gutter, GutterMarker } from "@codemirror/view";
import { say } from "./asking.mjs";
import { placeOf } from "./places.mjs";

const came = StateEffect.define();

class Outcome extends GutterMarker {
  constructor(example) { super(); this.example = example; }
  eq(other) { return other.example.id === this.example.id && other.example.passed === this.example.passed; }
  toDOM() {
    const mark = document.createElement("span");
    mark.textContent = this.example.passed ? "✓" : "✗";
    mark.className = this.example.passed ? "ok" : "danger";
    mark.title = `${this.example.name}: ${say(this.example.passed ? "passes" : "fails")}`;
    return mark;
  }
}

const outcomes = StateField.define({
  create: () => RangeSet.empty,
  update(marks, transaction) {
    for (const effect of transaction.effects) if (effect.is(came)) return effect.value;
    return marks.map(transaction.changes);
  },
});

export function examplesGutter() {
  return [outcomes, gutter({
    class: "cm-examples",
    markers: (view) => view.state.field(outcomes),
    domEventHandlers: {
      click(view, line) {
        view.state.field(outcomes).between(line.from, line.from, (_from, _to, marker) => {
          document.getElementById(`example-${marker.example.id}`)?.scrollIntoView({ block: "nearest" });
          document.getElementById(`example-${marker.example.id}`)?.setAttribute("open", "");
        });
        return true;
      },
    },
  })];
}

/** Draw how the examples of this file came out. */
export function showExamples(view, path, examples) {
  const builder = new RangeSetBuilder();
  const here = examples.map((each) => ({ ...each, at: placeOf(each.place) }))
    .filter((each) => each.at?.path === path && each.at.line >= 1 && each.at.line <= view.state.doc.lines)
    .sort((one, two) => one.at.line - two.at.line);
  for (const each of here) {
    const { from } = view.state.doc.line(each.at.line);
    builder.add(from, from, new Outcome(each));
  }
  view.dispatch({ effects: came.of(builder.finish()) });
}
