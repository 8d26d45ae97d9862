// Which keys may stand where the cursor is: the keys above it, walked through the generated JSON Schema.
import { syntaxTree } from "@codemirror/language";

/** Names of the keys that lead to a position; 0 stands for a list. */
export function pathTo(state, pos) {
  const path = [];
  let node = syntaxTree(state).resolveInner(pos, -1);
  const column = pos - state.doc.lineAt(pos).from;
  for (; node; node = node.parent) {
    if (node.name === "Pair") {
      const key = node.getChild("Key");
      const start = key && key.from - state.doc.lineAt(key.from).from;
      const inFlow = node.parent?.name === "FlowMapping";
      if (key && key.to < pos && (inFlow || start < column)) path.unshift(state.sliceDoc(key.from, key.to).replace(/["']/g, ""));
    } else if (node.name === "Item") path.unshift(0);
  }
  return path;
}

function deref(schema, root) {
  let found = schema;
  while (found?.$ref) found = found.$ref.split("/").slice(1).reduce((there, part) => there?.[part], root);
  return found;
}

/** The schemas a schema may be: itself and its alternatives. */
function choices(schema, root) {
  const found = deref(schema, root);
  if (!found || typeof found !== "object") return [];
  const more = [...(found.anyOf ?? []), ...(found.oneOf ?? []), ...(found.allOf ?? [])];
  return [found, ...more.flatMap((each) => choices(each, root))];
}

function step(schemas, part, root) {
  return schemas.flatMap((schema) => {
    const next = part === 0 ? schema.items : schema.properties?.[part] ?? schema.additionalProperties;
    return next && next !== true ? choices(next, root) : [];
  });
}

/** Keys with what they mean, for the mapping at a position. */
export function keysAt(state, pos, root) {
  if (!root) return [];
  let schemas = choices(root, root);
  for (const part of pathTo(state, pos)) schemas = step(schemas, part, root);
  const keys = new Map();
  for (const schema of schemas) {
    for (const [key, of] of Object.entries(schema.properties ?? {})) {
      if (!keys.has(key)) keys.set(key, deref(of, root)?.description ?? of.description ?? "");
    }
  }
  return [...keys];
}
