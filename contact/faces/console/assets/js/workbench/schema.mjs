// Which keys may stand where the cursor is: the keys above it, walked through the generated JSON Schema.
// The keys are found by indentation, since a line that is just being written is not YAML yet.

const DASHES = /^(\s*)((?:-\s+)*)/;
const KEY = /^(\s*)((?:-\s+)*)["']?([\w.-]+)["']?\s*:(?:\s|$)/;

/** Keys of the braces and brackets that are open at the end of a text; 0 stands for a list. */
function openBrackets(text) {
  const stack = [];
  for (const found of text.matchAll(/"[^"]*"|'[^']*'|([\w.-]+)\s*:\s*([{[])|[{[\]}]/g)) {
    const [token, key, bracket] = found;
    if (token === "}" || token === "]") stack.pop();
    else if (key) stack.push(bracket === "[" ? [key, 0] : [key]);
    else if (token === "{") stack.push([]);
    else if (token === "[") stack.push([0]);
  }
  return stack.flat();
}

/** Names of the keys that lead to a position; 0 stands for a list. */
export function pathTo(state, pos) {
  const line = state.doc.lineAt(pos);
  const before = line.text.slice(0, pos - line.from);
  const [, spaces, dashes] = DASHES.exec(before);
  const path = openBrackets(before);
  let indent = spaces.length + dashes.length;
  let inItem = false;
  const items = (marks, column) => {
    for (const _ of marks.match(/-/g) ?? []) path.unshift(0);
    if (marks) { indent = column; inItem = true; }
  };
  items(dashes, spaces.length);
  for (let number = line.number - 1; number >= 1 && (indent > 0 || inItem); number -= 1) {
    const found = KEY.exec(state.doc.line(number).text);
    if (!found) continue;
    const [, lead, marks, key] = found;
    const column = lead.length + marks.length;
    if (column < indent || (inItem && !marks && column === indent)) {
      path.unshift(key);
      indent = column;
      inItem = false;
      items(marks, lead.length);
    } else if (marks && column === indent) items(marks, lead.length);
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
