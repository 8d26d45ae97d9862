// The inspector: tabs that load when they are opened, forms whose answer comes into their tab, running jobs, charts.
import { chartScript } from "../figures.mjs";
import { fragment, main, say, Unreachable } from "./asking.mjs";

const POLL_MS = 400;
const AGAIN_MS = 2000;

/** One after the other, with a breath between them: the page hears keys and clicks while they are drawn. */
async function drawCharts(root) {
  const places = [...root.querySelectorAll("[data-chart]")];
  if (!places.length) return;
  const { draw } = await chartScript(main().dataset.charts);
  for (const each of places) {
    await new Promise((done) => setTimeout(done));
    if (each.isConnected) draw(each);
  }
}

export function inspector(desk) {
  const pane = (tab) => document.getElementById(`wb-${tab}`);

  /** Who had the focus inside keeps it as far as may be: the same field, else what comes next, else the pane. */
  function put(place, html) {
    const focused = document.activeElement;
    const held = focused !== place && place.contains(focused);
    place.innerHTML = html;
    place.setAttribute("aria-busy", "false");
    if (held) {
      const field = focused.matches("input, select, textarea") && place.querySelector(`[name="${CSS.escape(focused.name)}"]`);
      (place.querySelector("[data-focus]") ?? (field || place.querySelector("button, a")) ?? place).focus();
    }
    drawCharts(place);
    follow(place);
    const radius = place.querySelector("[data-radius]");
    if (radius) document.getElementById("wb-radius").replaceChildren(radius.textContent);
  }

  /** How far it is; the button beside it stays, so that a click on it is never lost, nor the focus. */
  function moveOn(running, fresh) {
    running.querySelector("[role=status]").replaceChildren(...fresh.querySelector("[role=status]").childNodes);
    running.querySelector("progress").replaceWith(fresh.querySelector("progress"));
  }

  /** Ask again for what is still running, until the service says it is not or a form's answer has come instead. */
  function follow(place) {
    const running = place.querySelector("[data-poll]");
    if (!running) return;
    const address = running.dataset.poll;
    setTimeout(async function again() {
      if (!running.isConnected) return;
      try {
        const html = await fragment(address);
        if (!running.isConnected) return;
        const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-poll]");
        const asked = place.getAttribute("aria-busy") === "true";
        if (!asked && !fresh) return put(place, html);
        if (!asked) moveOn(running, fresh);
        setTimeout(again, POLL_MS);
      } catch (fault) {
        if (!(fault instanceof Unreachable)) throw fault;
        setTimeout(again, AGAIN_MS);
      }
    }, POLL_MS);
  }

  async function load(tab, address) {
    const place = pane(tab);
    place.setAttribute("aria-busy", "true");
    try {
      put(place, await fragment(address));
      place.dataset.loaded = "";
    } catch (fault) {
      if (!(fault instanceof Unreachable)) throw fault;
      place.setAttribute("aria-busy", "false");
      place.textContent = say("unreachable");
    }
  }

  async function open(tab, { fresh = false } = {}) {
    for (const link of document.querySelectorAll("#wb-tabs a")) {
      if (link.dataset.tab === tab) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    for (const each of document.querySelectorAll(".wb-pane")) each.hidden = each.id !== `wb-${tab}`;
    main().dataset.tab = tab;
    desk.moved();
    const changes = tab === "changes";
    if (changes) await desk.flush();
    if (tab !== "problems" && (fresh || changes || !("loaded" in pane(tab).dataset))) {
      await load(tab, `/workbench/${encodeURIComponent(main().dataset.draft)}/${tab}`);
    }
  }

  /** A form's answer comes into its tab; what was typed is saved first, so that it is asked about what stands here.
   *  A button that ends something says at once that it was heard, waits for nothing, and is heard once. */
  async function send(form, submitter) {
    const place = pane(form.dataset.into);
    const { doing } = submitter?.dataset ?? {};
    const said = submitter?.textContent;
    if (doing && said === doing) return;
    place.setAttribute("aria-busy", "true");
    if (doing) submitter.textContent = doing;
    else await desk.flush();
    const body = new URLSearchParams(new FormData(form, submitter));
    const given = form.method === "post" ? { method: "POST", body } : {};
    const address = new URL(form.action);
    if (form.method === "get") address.search = body.toString();
    address.pathname = address.pathname.replace("/workbench/live/", `/workbench/${encodeURIComponent(main().dataset.draft)}/`);
    try {
      put(place, await fragment(address, given));
      place.dataset.loaded = "";
    } catch (fault) {
      if (!(fault instanceof Unreachable)) throw fault;
      place.setAttribute("aria-busy", "false");
      if (doing) submitter.textContent = said;
      place.append(Object.assign(document.createElement("p"), { textContent: say("unreachable"), className: "warn" }));
    }
  }

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const link = event.target.closest("#wb-tabs a[data-tab]");
    const part = event.target.closest("a[data-into]");
    if (link) {
      event.preventDefault();
      open(link.dataset.tab);
    } else if (part) {
      event.preventDefault();
      load(part.dataset.into, part.href);
    }
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-into]")) return;
    event.preventDefault();
    send(event.target, event.submitter);
  });
  document.querySelectorAll(".wb-pane").forEach((each) => { drawCharts(each); follow(each); });
  return { open, load };
}
