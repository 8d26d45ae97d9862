// Charts of the analysis pages, by ECharts: drawn from figures the service has put beside them, which stand in a table too.
import { BarChart, BoxplotChart, LineChart, SankeyChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, BoxplotChart, LineChart, SankeyChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

const token = (name) => {
  // The token is a light-dark() pair; a computed colour tells which of the two holds here.
  const probe = document.createElement("i");
  probe.className = `token-${name}`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};

function look() {
  return {
    strong: token("text"), text: token("text2"), line: token("line"), before: token("edge"), after: token("accent"),
    tint: token("accent-tint"), limit: token("warn"),
    font: getComputedStyle(document.body).fontFamily,
  };
}

const axisOf = (style) => ({
  axisLabel: { color: style.text, fontFamily: style.font, fontSize: 12 },
  axisLine: { lineStyle: { color: style.line } }, splitLine: { lineStyle: { color: style.line } },
});

function shared(style, names) {
  return {
    animation: false,
    textStyle: { fontFamily: style.font, color: style.text },
    tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" } },
    legend: { data: names, top: 0, textStyle: { color: style.text, fontFamily: style.font, fontSize: 12 } },
  };
}

/** Bars by hour, before and after, with a line for the capacity. */
function load(given, style) {
  const names = [given.before.name, given.after.name, given.limit.name];
  return {
    ...shared(style, names),
    grid: { left: 4, right: 8, top: 32, bottom: 4, containLabel: true },
    xAxis: { type: "category", data: given.labels, ...axisOf(style) },
    yAxis: { type: "value", splitNumber: 4, ...axisOf(style) },
    series: [
      { name: names[0], type: "bar", data: given.before.values, itemStyle: { color: style.before } },
      { name: names[1], type: "bar", data: given.after.values, itemStyle: { color: style.after } },
      { name: names[2], type: "line", step: "middle", symbol: "none", data: given.limit.values,
        lineStyle: { color: style.limit, width: 2, type: "dashed" }, itemStyle: { color: style.limit } },
    ],
  };
}

/** Lying bars in pairs, in the order they come in. */
function pairs(given, style) {
  const names = [given.before.name, given.after.name];
  return {
    ...shared(style, names),
    grid: { left: 4, right: 16, top: 32, bottom: 4, containLabel: true },
    xAxis: { type: "value", splitNumber: 3, ...axisOf(style), axisLabel: { ...axisOf(style).axisLabel, hideOverlap: true } },
    yAxis: { type: "category", inverse: true, data: given.labels, ...axisOf(style),
      axisLabel: { ...axisOf(style).axisLabel, width: 150, overflow: "break", lineHeight: 13 } },
    series: [
      { name: names[0], type: "bar", data: given.before.values, itemStyle: { color: style.before } },
      { name: names[1], type: "bar", data: given.after.values, itemStyle: { color: style.after } },
    ],
  };
}

/** Flows from step to step. A node is one place at one step, so a caller who goes back makes no circle. */
function flows(given, style, room) {
  const left = 4, right = 128, nodeWidth = 12, beside = 20, least = 118;
  const steps = Math.max(1, ...given.nodes.map((node) => node.depth));
  const between = (room - left - right - nodeWidth) / steps - beside;
  const colours = { place: style.after, end: style.strong, other: style.before };
  const label = { color: style.strong, fontFamily: style.font, fontSize: 12, lineHeight: 13,
    width: Math.max(least, between), overflow: "break", textBorderColor: "transparent", formatter: ({ data }) => data.text };
  return {
    animation: false,
    tooltip: { trigger: "item", renderMode: "richText", confine: true, formatter: ({ data }) => data.said },
    series: [{
      type: "sankey", left, right, top: 8, bottom: 8, nodeWidth, nodeGap: 26, layoutIterations: 32,
      nodeAlign: "left", draggable: false, emphasis: { focus: "trajectory" }, label,
      data: given.nodes.map((node) => ({ ...node, text: node.label, itemStyle: { color: colours[node.kind], borderWidth: 0 },
        label: node.depth === steps ? { ...label, width: least } : label })),
      links: given.links, lineStyle: { color: style.before, opacity: 0.28, curveness: 0.5 },
    }],
  };
}

/** Lying boxes: lowest, quartiles, highest. */
function boxes(given, style) {
  const axis = axisOf(style);
  return {
    ...shared(style, []),
    tooltip: { trigger: "item", renderMode: "richText", confine: true, formatter: ({ dataIndex }) => given.said[dataIndex] },
    grid: { left: 4, right: 16, top: 8, bottom: 24, containLabel: true },
    xAxis: { type: "value", name: given.unit, nameLocation: "middle", nameGap: 24, min: 0, ...axis,
      nameTextStyle: { color: style.text, fontFamily: style.font, fontSize: 12 } },
    yAxis: { type: "category", inverse: true, data: given.labels, ...axis,
      axisLabel: { ...axis.axisLabel, width: 132, overflow: "truncate" } },
    series: [{ type: "boxplot", data: given.boxes, boxWidth: [8, 20],
      itemStyle: { color: style.tint, borderColor: style.after, borderWidth: 1.5 } }],
  };
}

const kinds = { load, pairs, flows, boxes };

/** Draw one chart in its place, again where the place changes its size or the page its colours. */
export function draw(place) {
  const given = JSON.parse(place.dataset.chart);
  const chart = init(place, null, { renderer: "canvas" });
  let room = chart.getWidth();
  const paint = () => chart.setOption(kinds[given.kind](given, look(), room), true);
  paint();
  place.closest("figure")?.querySelector("details")?.removeAttribute("open");
  const watch = new ResizeObserver(() => {
    if (!place.isConnected) { watch.disconnect(); chart.dispose(); return; }
    chart.resize();
    if (room === chart.getWidth()) return;
    room = chart.getWidth();
    paint();
  });
  watch.observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (place.isConnected) paint(); });
}

globalThis.contactCharts = { draw };
