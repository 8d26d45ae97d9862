// Charts on sight: the script that draws them is fetched when the first of them comes into view.
let charts = null;

/** The script that draws charts, fetched once. */
export function chartScript(address) {
  charts ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve(globalThis.contactCharts);
    script.onerror = () => { charts = null; script.remove(); reject(new Error("the charts did not come")); };
    document.head.append(script);
  });
  return charts;
}

/** Draws each chart of an analysis page when it is seen; until then, and where nothing comes, its table is there. */
export function chartsOnSight(root) {
  const address = root.querySelector("main[data-figures]")?.dataset.figures;
  const places = root.querySelectorAll("main[data-figures] [data-chart]");
  if (!address || !places.length) return;
  root.querySelector("main").classList.add("scripted");
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      chartScript(address).then(({ draw }) => draw(target)).catch(() => { target.hidden = true; });
    }
  }, { rootMargin: "200px" });
  places.forEach((each) => seen.observe(each));
}
