// After each swap the focus stands where the next key is expected, never on <body>; the address follows the desk.

function settle() {
  const main = document.getElementById("main");
  if (main?.dataset.url && location.pathname !== main.dataset.url) {
    history.replaceState(null, "", main.dataset.url);
  }
  (document.querySelector(".problems") ?? document.querySelector("[data-focus]"))?.focus();
}

export function keepFocus(root) {
  root.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx?.live) return;
    settle();
  });
}
