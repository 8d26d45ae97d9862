// How the workbench talks to the service: JSON there and back, with the page's form token; parts of the page come as HTML.

const PATIENCE_MS = 10000;

/** The service could not be reached, or could not answer. */
export class Unreachable extends Error {}

export const main = () => document.getElementById("main");
const place = () => `/workbench/${encodeURIComponent(main().dataset.draft)}`;

/** A sentence of the page in the reader's language, with its places filled. */
export function say(name, values = {}) {
  const text = JSON.parse(main().dataset.words)[name];
  return text.replace(/%\((\w+)\)s/g, (_, key) => values[key] ?? "");
}

/** The time on this person's clock. */
export const clock = () =>
  new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

async function answered(address, given, patience) {
  let response;
  try {
    response = await fetch(address, {
      credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(patience), ...given,
    });
  } catch (fault) {
    throw new Unreachable(String(fault));
  }
  if (response.status >= 500) throw new Unreachable(`${response.status}`);
  if (response.status === 401) { location.reload(); }
  return response;
}

/** What an answer holds; a connection that ends amid it is one that could not be reached. */
const read = (reading) => reading.catch((fault) => { throw new Unreachable(String(fault)); });

/** POST to a verb of the draft; the answer's parts are put in their places, its status is added. */
export async function send(verb, body, patience = PATIENCE_MS) {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const form_token = main().dataset.token;
  const response = await answered(
    verb.startsWith("/") ? verb : `${place()}/${verb}`,
    { method: "POST", headers, body: JSON.stringify({ form_token, ...body }) }, patience,
  );
  const told = response.headers.get("Content-Type")?.startsWith("application/json") ? await read(response.json()) : {};
  show(told.parts);
  return { ...told, status: response.status };
}

/** GET from the draft, as JSON. */
export async function get(verb, patience = PATIENCE_MS) {
  const response = await answered(`${place()}/${verb}`, { headers: { Accept: "application/json" } }, patience);
  return response.ok ? read(response.json()) : null;
}

/** GET a part of a page as HTML; what is no success is HTML too, and says why. */
export async function fragment(address, given = {}) {
  const response = await answered(address, { headers: { "HX-Request": "true", Accept: "text/html" }, ...given }, 60000);
  return read(response.text());
}

/** Put parts that the service drew into their places, by id. */
export function show(parts) {
  for (const [id, html] of Object.entries(parts ?? {})) {
    const there = document.getElementById(id);
    if (there) there.innerHTML = html;
  }
}
