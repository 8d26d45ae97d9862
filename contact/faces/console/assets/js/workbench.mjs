// The workbench's script: an editor in place of the plain form, checked and saved as one types. Without it the form works.
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { clock, get, main, say, send, Unreachable } from "./workbench/asking.mjs";
import { checker } from "./workbench/checking.mjs";
import { conditionField } from "./workbench/condition.mjs";
import { knownWords } from "./workbench/completing.mjs";
import { stateOf, textOf } from "./workbench/editor.mjs";
import { inspector } from "./workbench/inspector.mjs";
import { listenForKeys } from "./workbench/keys.mjs";
import { goTo, placeOf } from "./workbench/places.mjs";
import { saver } from "./workbench/saving.mjs";
import { resizable } from "./workbench/split.mjs";

class Desk {
  constructor(holder) {
    // Styles are mounted with the first state, so it must know the nonce already.
    const state = EditorState.create({ extensions: EditorView.cspNonce.of(holder.dataset.nonce) });
    this.view = new EditorView({ parent: holder, state });
    this.path = main().dataset.file;
    this.files = new Map();
    this.checker = checker(this);
    this.saver = saver(this);
    this.inspector = inspector(this);
  }

  /** The open file as it stands in the editor, and the hash under which it was last read or stored. */
  open() {
    return { path: this.path, text: textOf(this.view.state), hash: this.files.get(this.path)?.hash ?? null };
  }

  async show(path, line = 0, column = 1, focus = true) {
    if (path !== this.path || !this.files.has(path)) {
      await this.flush();
      if (this.files.has(this.path)) this.files.get(this.path).state = this.view.state;
      if (!this.files.has(path)) {
        const found = await get(`text?path=${encodeURIComponent(path)}`);
        if (!found) return;
        const state = stateOf(found.text, {
          path, readOnly: "readonly" in main().dataset, words: { label: say("label") },
          changed: () => { this.checker.soon(); this.saver.soon(); },
        });
        this.files.set(path, { state, hash: found.hash });
      }
      this.path = path;
      main().dataset.file = path;
      this.view.setState(this.files.get(path).state);
      this.#named();
      this.#listed();
      this.moved();
      this.checker.redraw();
    }
    if (line) goTo(this.view, line, column, focus);
    else if (focus) this.view.focus();
  }

  #named() {
    const { hash } = this.files.get(this.path);
    document.getElementById("wb-path").textContent = this.path;
    document.getElementById("wb-hash").textContent = (hash ?? "").slice(0, 12);
    document.getElementById("wb-hash").title = hash ?? "";
    const all = this.checker.problems();
    for (const count of document.querySelectorAll("#wb-files [data-problems]")) {
      const found = all.filter((each) => each.path === count.dataset.problems);
      count.textContent = found.length || "";
      count.classList.toggle("warn", found.every((each) => each.severity === "warning"));
    }
    for (const link of document.querySelectorAll("#wb-files a[data-file]")) {
      if (link.dataset.file === this.path) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  /** The list shows where the open file stands; the page itself is not moved. */
  #listed() {
    const whole = document.querySelector(".wb-files");
    const list = whole.scrollHeight > whole.clientHeight ? whole : document.getElementById("wb-files");
    const there = list.querySelector("a[aria-current]")?.getBoundingClientRect();
    const frame = list.getBoundingClientRect();
    if (there && (there.top < frame.top || there.bottom > frame.bottom)) {
      list.scrollTop += there.top - frame.top - frame.height / 2;
    }
  }

  /** The address follows, so that loading the page again shows the same file and tab. */
  moved() {
    const query = new URLSearchParams({ file: this.path, tab: main().dataset.tab });
    history.replaceState(null, "", `/workbench/${encodeURIComponent(main().dataset.draft)}?${query}`);
    for (const field of document.querySelectorAll("input[name=file]")) field.value = this.path;
  }

  /** The live version is not written to: the first edit begins a draft on it. */
  async haveDraft() {
    if (main().dataset.draft !== "live") return;
    const begun = await send("/workbench/drafts", {});
    if (!begun.draft) throw new Unreachable(String(begun.status));
    main().dataset.draft = begun.draft;
    this.moved();
  }

  /** A file was stored; what it was checked with may be older than what may be published now. */
  saved(path, kept) {
    this.files.get(path).hash = kept.hash;
    this.blocked = kept.blocked;
    this.#named();
    this.publishable();
    this.checker.afterSave();
  }

  /** A check came back: the files' marks, and whether this may be published. */
  checked(found) {
    this.blocked = found.blocked;
    this.#named();
    this.publishable();
  }

  unreachable() { this.publishable(); }

  /** Nothing may be published that was not checked as it stands. */
  publishable() {
    const button = document.getElementById("wb-publish");
    const reason = document.getElementById("wb-blocked");
    if (!button) return;
    const unchecked = main().classList.contains("unchecked");
    const why = unchecked ? say("unchecked", { clock: main().dataset.checked }) : this.blocked;
    if (why === undefined) return;
    button.disabled = why !== "";
    reason.textContent = why;
  }

  flush() { return this.saver.now(); }
  save() { return this.saver.now(); }
  check() { return this.checker.now(); }

  /** The next problem after the cursor, in this file or the next one. */
  step(by) {
    const all = this.checker.problems();
    if (!all.length) return undefined;
    const { head } = this.view.state.selection.main;
    const line = this.view.state.doc.lineAt(head);
    const here = [this.path, line.number, head - line.from + 1];
    const order = (one, two) => (one[0] < two[0] ? -1 : one[0] > two[0] ? 1 : one[1] - two[1] || one[2] - two[2]);
    const places = all.map((each) => [each.path, each.line, each.column]).sort(order);
    const next = by > 0
      ? places.find((each) => order(each, here) > 0) ?? places[0]
      : places.findLast((each) => order(each, here) < 0) ?? places.at(-1);
    return this.show(next[0], Math.max(1, next[1]), next[2]);
  }

  /** Where the word under the cursor is declared. */
  async toDefinition() {
    const { state } = this.view;
    const { head } = state.selection.main;
    const line = state.doc.lineAt(head);
    const found = [...line.text.matchAll(/[\w.-]+/g)]
      .find((each) => head >= line.from + each.index && head <= line.from + each.index + each[0].length);
    const known = found && (await knownWords());
    const place = placeOf(known?.places[found[0]]);
    if (place) await this.show(place.path, place.line, place.column);
  }
}

function listenForPlaces(desk) {
  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const file = event.target.closest("a[data-file]");
    const link = event.target.closest("[data-place]");
    const place = placeOf(link?.dataset.place);
    if (file) {
      event.preventDefault();
      desk.show(file.dataset.file);
    } else if (place) {
      if (!link.hash) event.preventDefault();
      desk.show(place.path, place.line, place.column, !link.hash);
    }
  });
  document.addEventListener("pointerdown", (event) => {
    for (const sheet of document.querySelectorAll(".wb-more[open]")) {
      if (!sheet.contains(event.target)) sheet.open = false;
    }
  });
  const find = document.getElementById("wb-find");
  find.addEventListener("input", () => {
    for (const item of document.querySelectorAll("#wb-files li:has(> a[data-file])")) {
      item.hidden = !item.firstElementChild.dataset.file.includes(find.value);
    }
  });
  find.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    document.querySelector("#wb-files li:not([hidden]) > a[data-file]")?.click();
  });
  // A full page comes after these forms: what was typed is stored before it is left.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-flush]") || "flushed" in form.dataset) return;
    event.preventDefault();
    await desk.flush();
    // A form that is still being submitted ignores being submitted again, so this submission ends first.
    await new Promise((done) => setTimeout(done));
    form.action = form.action.replace("/workbench/live/", `/workbench/${encodeURIComponent(main().dataset.draft)}/`);
    form.dataset.flushed = "";
    form.requestSubmit(event.submitter);
  });
}

async function begin() {
  const condition = document.getElementById("sel-condition");
  if (condition) conditionField(condition);
  resizable();
  const holder = document.getElementById("wb-editor");
  if (!holder || !main().dataset.file) return;
  main().dataset.checked = clock();
  const desk = new Desk(holder);
  const line = +(new URLSearchParams(location.search).get("line") ?? 0);
  listenForKeys(desk);
  listenForPlaces(desk);
  await desk.show(desk.path, line, 1, false);
  if (!desk.files.has(desk.path)) return;
  document.getElementById("wb-form").hidden = true;
  holder.hidden = false;
  desk.view.requestMeasure();
  main().classList.add("scripted");
  desk.checker.soon(0);
  knownWords();
}

begin();
