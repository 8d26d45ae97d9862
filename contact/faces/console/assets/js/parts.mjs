// Parts that come after their page, into the room kept for them. Nothing else moves, the focus stays where it is,
// and where nothing comes the link that stood there remains.

async function load(part) {
  const place = part.querySelector(":scope > div");
  if (!part.open || place.dataset.from === part.dataset.part) return;
  place.dataset.from = part.dataset.part;
  try {
    const answer = await fetch(part.dataset.part, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (answer.status === 401 || answer.status === 403) return;
    place.innerHTML = await answer.text();
    if (!answer.ok) delete place.dataset.from;
  } catch {
    delete place.dataset.from;
  }
}

export function loadParts(root) {
  const all = () => root.querySelectorAll("[data-part]").forEach(load);
  root.addEventListener("toggle", (event) => { if (event.target.matches("[data-part]")) load(event.target); }, true);
  root.addEventListener("htmx:after:swap", all);
  all();
}
