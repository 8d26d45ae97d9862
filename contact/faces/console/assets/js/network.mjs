// A form that was sent is sent again, with the same idempotency key, until the service has answered it.
// Nothing is thrown away meanwhile: the form stays as it is, and the page warns before it is closed.

const AGAIN_MS = 3000;
const QUIET_MS = 300;
const LONG_MS = 5000;
let unanswered = null;
let timer = 0;

const banner = () => document.getElementById("banner");

function tell(name) {
  const place = banner();
  if (!place) return;
  place.hidden = !name;
  place.textContent = name ? place.dataset[name] : "";
}

function again(form, submitter, wait = AGAIN_MS) {
  unanswered = { form, submitter };
  clearTimeout(timer);
  timer = setTimeout(resend, wait);
}

function resend() {
  if (!unanswered?.form.isConnected) return forget();
  unanswered.form.requestSubmit(unanswered.submitter?.isConnected ? unanswered.submitter : undefined);
}

function forget() {
  unanswered = null;
  clearTimeout(timer);
}

/** Something staged or noted on the desk that no answer has taken over yet. */
function unsaved() {
  const form = document.querySelector("form[data-keep]");
  if (unanswered) return true;
  return Boolean(form && (form.elements.note?.value || form.querySelector("[name=result]:checked")));
}

/** A new session needs its own form token: take it from a fresh page and send the same form once more. */
async function renew(form, submitter) {
  const answer = await fetch("/customers", { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[name=form_token]");
  if (!fresh) return tell("out");
  form.elements.form_token.value = fresh.value;
  form.requestSubmit(submitter?.isConnected ? submitter : undefined);
  return undefined;
}

export function keepPromises(root) {
  let quiet = 0;
  let long = 0;
  root.addEventListener("htmx:before:request", (event) => {
    if (event.detail.ctx.live) return;
    clearTimeout(quiet);
    clearTimeout(long);
    quiet = setTimeout(() => {
      document.getElementById("main")?.setAttribute("aria-busy", "true");
      if (!unanswered) tell("slow");
    }, QUIET_MS);
    long = setTimeout(() => { if (!unanswered) tell("slower"); }, LONG_MS);
  });
  root.addEventListener("htmx:finally:request", () => {
    clearTimeout(quiet);
    clearTimeout(long);
    document.getElementById("main")?.setAttribute("aria-busy", "false");
  });
  root.addEventListener("htmx:before:response", (event) => {
    const { ctx } = event.detail;
    if (ctx.response.status === 401 && ctx.sourceElement.matches("[data-keep]")) {
      forget();
      tell("out");
      event.preventDefault();
    } else if (ctx.response.status === 403 && ctx.sourceElement.matches("[data-keep]:not([data-renewed])")) {
      ctx.sourceElement.dataset.renewed = "";
      forget();
      renew(ctx.sourceElement, ctx.request.submitter).catch(() => tell("out"));
      event.preventDefault();
    } else if (ctx.response.status >= 500) {
      tell("fault");
      again(ctx.sourceElement, ctx.request.submitter);
      event.preventDefault();
    }
  });
  root.addEventListener("htmx:after:swap", () => { forget(); tell(null); });
  root.addEventListener("htmx:error", (event) => {
    const ctx = event.detail.ctx;
    if (!ctx || ctx.response) return;
    tell("lost");
    again(ctx.sourceElement, ctx.request.submitter);
  });
  addEventListener("online", () => { if (unanswered) again(unanswered.form, unanswered.submitter, 0); });
  addEventListener("beforeunload", (event) => { if (unsaved()) event.preventDefault(); });
  // A plain submit (Enter three times) while the first is on its way is dropped by hx-sync; the key is the same anyway.
}
