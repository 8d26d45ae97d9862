// Completion and hover: keys by the generated schema, fields of the library with how they are spread on today's base.
import { syntaxTree } from "@codemirror/language";
import { hoverTooltip } from "@codemirror/view";
import { get, main } from "./asking.mjs";
import { keysAt } from "./schema.mjs";

let words = null;
const spreads = new Map();

/** The words of this playbook, asked once. */
export async function knownWords() {
  words ??= get("words").catch(() => null);
  const found = await words;
  if (!found) words = null;
  return found;
}

function spread(field) {
  if (!spreads.has(field)) spreads.set(field, get(`spread/${encodeURIComponent(field)}`).catch(() => null));
  return spreads.get(field);
}

/** What is known of a field, drawn by the service; its title and meaning at once, its spread when it has come. */
function card(field) {
  const box = document.createElement("div");
  box.className = "wb-field";
  box.append(Object.assign(document.createElement("strong"), { textContent: field.title || field.name }));
  const facts = [field.type, field.unit].filter(Boolean).join(" · ");
  box.append(Object.assign(document.createElement("div"), { textContent: facts, className: "by" }));
  if (field.meaning) box.append(Object.assign(document.createElement("div"), { textContent: field.meaning }));
  const more = document.createElement("div");
  box.append(more);
  spread(field.name).then((found) => { if (found) more.innerHTML = found.html; });
  return box;
}

/** The schema of the open file: of its folder, or of the file itself where it stands alone. */
const schemaOf = (schemas) => {
  const path = main().dataset.file ?? "";
  return schemas[path.split("/")[0]] ?? schemas[path.replace(/\.yaml$/, "")];
};

const fieldOptions = (known) =>
  known.fields.map((each) => ({ label: each.name, detail: each.title, type: "variable", info: () => card(each) }));

/** Completion where only a condition is written. */
export async function fieldsOnly(context) {
  const known = await knownWords();
  const word = context.matchBefore(/\w*/);
  if (!known || (!context.explicit && (!word || word.from === word.to))) return null;
  return { from: word.from, options: fieldOptions(known), validFor: /^\w*$/ };
}

export async function completing(context) {
  const known = await knownWords();
  if (!known) return null;
  const word = context.matchBefore(/[\w.-]*/);
  if (!context.explicit && (!word || word.from === word.to)) return null;
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, word.from - line.from);
  const isKey = /^\s*(?:- )*$/.test(before) || /[{,]\s*$/.test(before);
  const options = isKey
    ? keysAt(context.state, word.from, schemaOf(known.schemas)).map(([label, about]) => ({ label, type: "property", apply: `${label}: `, info: about || undefined }))
    : [];
  if (!isKey || options.length === 0) {
    options.push(...fieldOptions(known));
    options.push(...known.names.map(([label, kind]) => ({ label, detail: kind, type: "constant" })));
  }
  return options.length ? { from: word.from, options, validFor: /^[\w.-]*$/ } : null;
}

export const hovering = hoverTooltip(async (view, pos) => {
  const known = await knownWords();
  const line = view.state.doc.lineAt(pos);
  if (!known || syntaxTree(view.state).resolveInner(pos).name === "Comment") return null;
  for (const found of line.text.matchAll(/[A-Za-z_]\w*/g)) {
    const from = line.from + found.index;
    const field = pos >= from && pos <= from + found[0].length && known.fields.find((each) => each.name === found[0]);
    if (field) return { pos: from, end: from + found[0].length, create: () => ({ dom: card(field) }) };
  }
  return null;
}, { hoverTime: 250 });
