// Keys act in two steps: a letter or digit stages, Enter (the browser's own, on the focused button) commits.

const editable = "input:not([type=radio], [type=checkbox], [type=button], [type=submit]), textarea, select, [contenteditable]";

/** Whether this key press is meant for a text, an input method, the browser or a held-down key, not for us. */
export function notForUs(event) {
  return (
    event.defaultPrevented || event.isComposing || event.keyCode === 229 || event.repeat ||
    event.ctrlKey || event.altKey || event.metaKey ||
    document.documentElement.dataset.keys === "off" ||
    (event.target instanceof Element && event.target.closest(editable) !== null)
  );
}

function usable(element) {
  return !element.matches(":disabled") && element.closest("[hidden]") === null;
}

/** The radio is chosen; focus goes to what Enter should press, or to the choice that belongs to it. */
function stage(radio) {
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  const form = radio.form;
  const scope = radio.value === "do_not_contact" ? form.querySelector("[name=do_not_contact]:checked") : null;
  (scope ?? form.querySelector("#commit")).focus();
}

function act(element) {
  if (element.matches("input[type=radio]")) stage(element);
  else if (element.matches("textarea")) element.focus();
  else element.click();
}

function step(by) {
  const steps = [...document.querySelectorAll("[data-steps] > li")];
  const now = steps.findIndex((each) => each.hasAttribute("aria-current"));
  const next = steps[Math.min(steps.length - 1, Math.max(0, now + by))];
  if (!next || now < 0) return;
  steps[now].removeAttribute("aria-current");
  next.setAttribute("aria-current", "step");
  next.scrollIntoView({ block: "nearest" });
}

/** The table of the chart that has the focus, else of the first one in view, opens or closes. */
function showData() {
  const figures = [...document.querySelectorAll("figure:has(summary)")];
  const inView = (figure) => figure.getBoundingClientRect().bottom > 120;
  const figure = figures.find((each) => each.contains(document.activeElement)) ?? figures.find(inView);
  const summary = figure?.querySelector("summary");
  summary?.focus();
  summary?.click();
}

function leave(target) {
  if (target instanceof Element && target.matches("textarea")) {
    const staged = target.form.querySelector("[name=result]:checked");
    (staged ? target.form.querySelector("#commit") : document.querySelector("[data-focus]"))?.focus();
    return;
  }
  const staged = document.querySelector(".outcomes [name=result]:checked");
  if (!staged) return;
  staged.checked = false;
  document.querySelector("[data-focus]")?.focus();
}

export function listenForKeys(root) {
  root.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape" && !document.querySelector(":popover-open")) return leave(event.target);
    if (event.key === "Enter" && event.ctrlKey && event.target.matches?.("#note")) {
      event.preventDefault();
      event.target.form.requestSubmit(event.target.form.querySelector("#commit"));
      return;
    }
    if (notForUs(event)) return;
    const key = event.key.toLowerCase();
    if (key === "j") return step(1);
    if (key === "k") return step(-1);
    if (key === "d" && root.querySelector("main.report")) return showData();
    const element = [...root.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key && usable(each));
    if (!element) return;
    event.preventDefault();
    act(element);
  });
}
