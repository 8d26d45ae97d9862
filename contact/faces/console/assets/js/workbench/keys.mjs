// The workbench's keys: combinations that the browser does not own, none of which publishes anything.

export function listenForKeys(desk) {
  const field = () => document.querySelector("#wb-explain [name=customer]");
  const acts = {
    "Ctrl+s": () => desk.save(),
    F8: () => desk.step(1),
    "Shift+F8": () => desk.step(-1),
    F4: () => desk.toDefinition(),
    F2: () => document.getElementById("wb-find").focus(),
    "Ctrl+Enter": () => { desk.check(); desk.inspector.open("problems"); },
    "Ctrl+Shift+Enter": async () => {
      await desk.inspector.open("simulate");
      document.querySelector("#wb-simulate form[data-run]")?.requestSubmit();
    },
    "Ctrl+e": async () => { await desk.inspector.open("explain"); field()?.focus(); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const name = `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${event.shiftKey ? "Shift+" : ""}${key}`;
    const act = acts[name];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat || key === "F8") act();
  }, true);
}
