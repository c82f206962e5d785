"use strict";
// Drawing: SVG elements, marks, axes, tooltips, the two charts.

const SPACE = "http://www.w3.org/2000/svg";
const SHAPES = [
  (r) => `M${-r} 0A${r} ${r} 0 1 0 ${r} 0A${r} ${r} 0 1 0 ${-r} 0Z`,
  (r) => `M${-r * 0.9} ${-r * 0.9}H${r * 0.9}V${r * 0.9}H${-r * 0.9}Z`,
  (r) => `M0 ${-r * 1.15}L${r * 1.1} ${r * 0.85}H${-r * 1.1}Z`,
  (r) => `M0 ${-r * 1.25}L${r * 1.25} 0L0 ${r * 1.25}L${-r * 1.25} 0Z`,
  (r) => `M0 ${r * 1.15}L${r * 1.1} ${-r * 0.85}H${-r * 1.1}Z`,
  (r) => `M${-r * 1.15} 0L${r * 0.85} ${-r * 1.1}V${r * 1.1}Z`,
  (r) => `M${r * 1.15} 0L${-r * 0.85} ${-r * 1.1}V${r * 1.1}Z`,
];

function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function html(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

const colour = (look) => `var(--c${look % 7})`;
const shape = (look) => SHAPES[(look + Math.floor(look / 7)) % 7];

function symbol(look, hollow) {
  const path = svg("path", { d: shape(look)(5), fill: hollow ? "none" : colour(look), stroke: colour(look), "stroke-width": 1.6 });
  return svg("svg", { viewBox: "-8 -8 16 16", "aria-hidden": "true" }, path);
}

/** A tooltip of a chart: x in pixels of the chart, y of the window; for mouse, finger and keyboard alike. */
function makeTip(chart) {
  const tip = html("div", { class: "tip", role: "status" });
  tip.hidden = true;
  chart.append(tip);
  return {
    show(x, y, title, facts) {
      tip.replaceChildren(html("strong", {}, title), html("dl", {}, ...facts.flatMap(([k, v]) => [html("dt", {}, k), html("dd", {}, v)])));
      tip.hidden = false;
      const left = Math.min(x - tip.offsetWidth / 2, chart.clientWidth - tip.offsetWidth);
      const above = y - tip.offsetHeight - 14;
      tip.style.left = `${Math.max(0, left)}px`;
      tip.style.top = `${(above > 0 ? above : y + 14) - chart.getBoundingClientRect().top}px`;
    },
    hide() {
      tip.hidden = true;
    },
  };
}

/** An empty chart with its axes. Returns the drawing and the two scales. */
function frame(width, height, xs, ys, look) {
  const left = 50, right = width - 12, top = 30, bottom = height - 42;
  const x = makeScale(xs, left + 6, right, look.logX, look.zeroX, Math.max(3, Math.floor(width / 90)));
  const y = makeScale(ys, bottom, top, look.logY, look.zeroY, 6);
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": `${look.nameY} over ${look.nameX}` });
  for (const tick of y.ticks) {
    drawing.append(svg("line", { class: "grid", x1: left, x2: right, y1: y.place(tick), y2: y.place(tick) }));
    drawing.append(svg("text", { x: left - 8, y: y.place(tick) + 4, "text-anchor": "end" }, tickText(tick)));
  }
  for (const tick of x.ticks) {
    drawing.append(svg("line", { class: "axis", x1: x.place(tick), x2: x.place(tick), y1: bottom, y2: bottom + 5 }));
    drawing.append(svg("text", { x: x.place(tick), y: bottom + 19, "text-anchor": "middle" }, tickText(tick)));
  }
  if (x.edge !== null) drawing.append(svg("line", { class: "axis", x1: x.edge, x2: x.edge, y1: top, y2: bottom, "stroke-dasharray": "2 3" }));
  drawing.append(svg("line", { class: "axis", x1: left, x2: right, y1: bottom, y2: bottom }));
  drawing.append(svg("text", { class: "name", x: right, y: height - 4, "text-anchor": "end" }, look.nameX));
  drawing.append(svg("text", { class: "name", x: 8, y: 13 }, look.nameY));
  return { drawing, x, y, left, right, top, bottom };
}

const axisName = (metric) => (metric.unit ? `${metric.label} (${metric.unit})` : metric.label);

/** Two metrics against each other, one mark a row; small dots are the compromises that a search has found beside it. */
function drawScatter(place, tip, rows, metrics, state) {
  const shown = rows
    .filter((row) => !state.off.has(row.label))
    .map((row) => ({ row, x: row.metrics[state.x][0], y: row.metrics[state.y][0] }))
    .filter((point) => point.x !== null && point.y !== null);
  const found = state.x === "mean_abs_kick" && state.y === state.aim
    ? shown.flatMap(({ row }) => row.compromises.map(([s, kick]) => ({ row, x: kick, y: s })))
    : [];
  const ends = (axis, of) => [...shown.flatMap((point) => point.row.metrics[axis]), ...found.map((point) => point[of])];
  const look = {
    logX: state.logX, logY: state.logY, zeroX: true, zeroY: true,
    nameX: axisName(metrics[state.x]), nameY: axisName(metrics[state.y]),
  };
  const width = Math.max(280, place.clientWidth);
  const { drawing, x, y } = frame(width, Math.min(400, Math.max(290, width * 0.68)), ends(state.x, "x"), ends(state.y, "y"), look);
  const alive = [...shown.filter((point) => !point.row.quenched), ...found];
  const front = paretoFront(alive, metrics[state.x].better, metrics[state.y].better).sort((a, b) => a.x - b.x || a.y - b.y);
  if (front.length > 1) {
    const d = front.map((point, k) => `${k ? "L" : "M"}${x.place(point.x)} ${y.place(point.y)}`).join("");
    drawing.append(svg("path", { class: "front", d }));
  }
  for (const point of found) {
    drawing.append(svg("circle", { class: "found", cx: x.place(point.x), cy: y.place(point.y), r: 2.5, fill: colour(point.row.look) }));
  }
  for (const point of [...shown].reverse()) {
    const row = point.row;
    const [px, py] = [x.place(point.x), y.place(point.y)];
    const facts = scatterFacts(row, metrics, state);
    const mark = svg("g", { class: "mark", tabindex: 0, role: "img", "aria-label": `${row.label}: ${facts.map((fact) => fact.join(" ")).join(", ")}` });
    const [, lowX, highX] = row.metrics[state.x];
    const [, lowY, highY] = row.metrics[state.y];
    const bar = { stroke: colour(row.look), "stroke-width": 1.4 };
    if (lowX !== null) mark.append(svg("line", { ...bar, x1: x.place(lowX), x2: x.place(highX), y1: py, y2: py }));
    if (lowY !== null) mark.append(svg("line", { ...bar, x1: px, x2: px, y1: y.place(lowY), y2: y.place(highY) }));
    const at = `translate(${px} ${py})`;
    mark.append(svg("circle", { class: "halo", cx: px, cy: py, r: 13 }));
    mark.append(svg("path", {
      class: "shape", transform: at, d: shape(row.look)(6), stroke: colour(row.look), "stroke-width": 1.6,
      fill: row.quenched ? "var(--card)" : colour(row.look),
    }));
    const show = () => tip.show(px, py + drawing.getBoundingClientRect().top, row.label, facts);
    for (const event of ["pointerenter", "focus"]) mark.addEventListener(event, show);
    for (const event of ["pointerleave", "blur"]) mark.addEventListener(event, tip.hide);
    drawing.append(mark);
  }
  place.replaceChildren(drawing);
}

function scatterFacts(row, metrics, state) {
  const told = [...new Set([state.y, state.x, "activity"])].map((key) => {
    const [middle, low, high] = row.metrics[key];
    return [metrics[key].label, low === null ? numberText(middle) : `${numberText(middle)} [${numberText(low)}, ${numberText(high)}]`];
  });
  const mark = row.quenched ? [["", "quenched"]] : row.front ? [["", "on the Pareto front"]] : [];
  return [...told, ["seeds", row.seeds.join(", ")], ...Object.entries(row.differs).slice(0, 6), ...mark];
}

/** What is sought, of the checkpoints, over steps or time; what has not been trained is a dashed line. */
function drawLearning(place, tip, rows, metrics, state) {
  const shown = rows.filter((row) => !state.off.has(row.label));
  const learned = shown.filter((row) => row.learning[state.axis]);
  const flat = shown.filter((row) => !row.learning[state.axis] && row.metrics[state.aim][0] !== null && !row.quenched);
  const xs = learned.flatMap((row) => row.learning[state.axis].x);
  const ys = [...learned.flatMap((row) => [...row.learning[state.axis].high, ...row.learning[state.axis].iqm]), ...flat.map((row) => row.metrics[state.aim][0])];
  const names = { steps: "environment steps", time: "training time (s)" };
  const look = { logX: false, logY: false, zeroX: true, zeroY: true, nameX: names[state.axis], nameY: `${metrics[state.aim].label} of the checkpoints` };
  const width = Math.max(280, place.clientWidth);
  const { drawing, x, y, left, right } = frame(width, Math.min(400, Math.max(290, width * 0.68)), xs, ys, look);
  const point = (a, b) => `${x.place(a).toFixed(1)} ${y.place(b).toFixed(1)}`;
  for (const row of learned) {
    const line = row.learning[state.axis];
    const band = [...line.x.map((v, k) => point(v, line.high[k])), ...line.x.map((v, k) => point(v, line.low[k])).reverse()];
    drawing.append(svg("path", { d: `M${band.join("L")}Z`, fill: colour(row.look), "fill-opacity": 0.15 }));
  }
  for (const row of [...flat, ...learned]) {
    const line = row.learning[state.axis];
    const d = line ? `M${line.x.map((v, k) => point(v, line.iqm[k])).join("L")}` : `M${left} ${y.place(row.metrics[state.aim][0])}H${right}`;
    const last = line ? line.iqm[line.iqm.length - 1] : row.metrics[state.aim][0];
    const facts = line
      ? [["best", numberText((metrics[state.aim].better ? Math.max : Math.min)(...line.iqm))], ["last", numberText(last)], ["seeds", row.seeds.join(", ")]]
      : [[`${metrics[state.aim].label}, not trained`, numberText(last)]];
    const mark = svg("g", { class: "mark", tabindex: 0, role: "img", "aria-label": `${row.label}: ${facts.map((fact) => fact.join(" ")).join(", ")}` });
    mark.append(svg("path", { d, fill: "none", stroke: "transparent", "stroke-width": 14 }));
    mark.append(svg("path", { class: "shape", d, fill: "none", stroke: colour(row.look), "stroke-width": 1.8, "stroke-linejoin": "round", ...(line ? {} : { "stroke-dasharray": "5 4" }) }));
    const px = line ? x.place(line.x[line.x.length - 1]) : right;
    if (line) mark.append(svg("path", { d: shape(row.look)(4.5), fill: colour(row.look), transform: `translate(${px} ${y.place(last)})` }));
    const show = () => tip.show(px, y.place(last) + drawing.getBoundingClientRect().top, row.label, facts);
    for (const event of ["pointerenter", "focus"]) mark.addEventListener(event, show);
    for (const event of ["pointerleave", "blur"]) mark.addEventListener(event, tip.hide);
    drawing.append(mark);
  }
  place.replaceChildren(drawing);
}
