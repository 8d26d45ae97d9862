// The editor over a file as it was typed: what is saved is what stands here, to the byte.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import {
  bracketMatching, codeFolding, foldGutter, foldKeymap, HighlightStyle, indentUnit, syntaxHighlighting,
} from "@codemirror/language";
import { lintGutter } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import {
  drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { completing, hovering } from "./completing.mjs";
import { examplesGutter } from "./examples.mjs";
import { highlightedLine } from "./places.mjs";

const colours = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], class: "y-key" },
  { tag: [tags.string, tags.special(tags.string)], class: "y-text" },
  { tag: tags.comment, class: "y-comment" },
  { tag: [tags.punctuation, tags.separator, tags.bracket, tags.squareBracket, tags.brace], class: "y-mark" },
  { tag: [tags.labelName, tags.typeName, tags.keyword, tags.meta], class: "y-word" },
]);

/** Which line ends the file has; one that mixes them keeps its carriage returns as characters. */
export function lineEnd(text) {
  const all = text.match(/\r\n|\r|\n/g) ?? [];
  return all.length && all.every((each) => each === "\r\n") ? "\r\n" : "\n";
}

/** A state of the editor over a file; `changed` is told of every edit. */
export function stateOf(text, { path, readOnly, words, changed }) {
  const end = lineEnd(text);
  return EditorState.create({
    doc: text,
    extensions: [
      EditorState.lineSeparator.of(end),
      EditorView.clipboardInputFilter.of((pasted) => pasted.replace(/\r\n?|\n/g, end)),
      lineNumbers(), highlightActiveLineGutter(), highlightSpecialChars(), history(), foldGutter(), codeFolding(),
      drawSelection(), bracketMatching(), closeBrackets(), highlightActiveLine(), highlightSelectionMatches(),
      search({ top: true }), lintGutter(), examplesGutter(), highlightedLine(),
      indentUnit.of("  "), yaml(), syntaxHighlighting(colours),
      autocompletion({ override: [completing], activateOnTypingDelay: 100, icons: false }), hovering,
      EditorState.readOnly.of(readOnly),
      EditorView.cspNonce.of(document.getElementById("wb-editor").dataset.nonce),
      EditorView.contentAttributes.of({ "aria-label": words.label.replace("%(path)s", path), spellcheck: "false", tabindex: "0" }),
      keymap.of([
        ...closeBracketsKeymap, ...defaultKeymap.filter((each) => each.key !== "Mod-Enter"), ...searchKeymap,
        ...historyKeymap, ...foldKeymap, ...completionKeymap, indentWithTab,
      ]),
      EditorView.updateListener.of((update) => { if (update.docChanged) changed(); }),
    ],
  });
}

/** The whole text, with the line ends it came with. */
export const textOf = (state) => state.sliceDoc();
