"use strict";
// The page: a section for every task, with its charts, legend and table.

const data = JSON.parse(document.getElementById("data").textContent);
const redrawn = [];

/** A button that is on or off. */
function toggle(text, pressed, act) {
  const button = html("button", { type: "button", "aria-pressed": String(pressed) }, text);
  button.addEventListener("click", () => {
    const next = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(next));
    act(next);
  });
  return button;
}

/** Buttons of which one is on. */
function choice(name, options, chosen, act) {
  const group = html("span", { class: "choice", role: "group", "aria-label": name });
  for (const [value, text] of options) {
    const button = html("button", { type: "button", "aria-pressed": String(value === chosen) }, text);
    button.addEventListener("click", () => {
      for (const other of group.children) other.setAttribute("aria-pressed", String(other === button));
      act(value);
    });
    group.append(button);
  }
  return group;
}

function select(name, options, chosen, act) {
  const list = html("select", { "aria-label": name, onchange: () => act(list.value) });
  for (const [value, text] of options) {
    const option = html("option", { value }, text);
    option.selected = value === chosen;
    list.append(option);
  }
  return list;
}

function chartBox(title, ...controls) {
  const place = html("div");
  const box = html("div", { class: "chart" }, html("div", { class: "bar" }, html("h3", {}, title), ...controls), place);
  return { box, place, tip: makeTip(box) };
}

function scatter(table, state) {
  const known = Object.entries(data.metrics).filter(([key]) => table.rows.some((row) => row.metrics[key] && row.metrics[key][0] !== null));
  const options = known.map(([key, metric]) => [key, metric.label]);
  const redraw = () => drawScatter(chart.place, chart.tip, table.rows, data.metrics, state);
  const change = (key) => (value) => {
    state[key] = value;
    redraw();
  };
  const chart = chartBox(
    "Pareto",
    html("label", {}, "x ", select("metric of the x axis", options, state.x, change("x"))),
    toggle("log x", state.logX, change("logX")),
    html("label", {}, "y ", select("metric of the y axis", options, state.y, change("y"))),
    toggle("log y", state.logY, change("logY")),
  );
  redrawn.push(redraw);
  return { box: chart.box, redraw };
}

function learningChart(table, state) {
  const redraw = () => drawLearning(chart.place, chart.tip, table.rows, data.metrics, state);
  const axis = choice("axis of the learning curves", [["steps", "steps"], ["time", "time"]], state.axis, (value) => {
    state.axis = value;
    redraw();
  });
  const chart = chartBox("Learning", axis);
  redrawn.push(redraw);
  return { box: chart.box, redraw };
}

function legend(table, state, redraw) {
  const list = html("ul", { class: "legend", "aria-label": "Controllers shown in the charts" });
  for (const row of table.rows) {
    const button = toggle("", true, (shown) => {
      if (shown) state.off.delete(row.label);
      else state.off.add(row.label);
      redraw();
    });
    button.append(symbol(row.look, row.quenched), row.label);
    list.append(html("li", {}, button));
  }
  return list;
}

/** What a row is held against: the text of its last column. */
function betterCell(table, row, against) {
  if (against === "") return row.better;
  const [k, other] = [table.rows.indexOf(row), Number(against)];
  const value = k === other ? null : table.better[k][other];
  return { text: value === null ? "–" : value.toFixed(2), order: value };
}

function resultTable(table) {
  const state = { column: null, down: true, against: "" };
  const several = table.rows.length > 1;
  const heads = [...table.columns, ...(several ? [data.better] : [])];
  const body = html("tbody");
  const row = html("tr");
  const cells = (one) => [...one.cells, ...(several ? [betterCell(table, one, state.against)] : [])];
  const fill = () => {
    const rows = [...table.rows];
    if (state.column !== null) {
      const key = (one) => cells(one)[state.column].order;
      const sign = state.down ? -1 : 1;
      rows.sort((a, b) => {
        const [x, y] = [key(a), key(b)];
        if (x === null || y === null) return (x === null) - (y === null);
        return sign * (typeof x === "string" ? x.localeCompare(y, "en") : x - y);
      });
    }
    body.replaceChildren(...rows.map((one) => {
      const line = html("tr", one.quenched ? { class: "quenched" } : {});
      cells(one).forEach((cell, k) => {
        const told = { Pareto: cell.text !== "", activity: one.quenched }[table.columns[k]] ?? false;
        const content = told ? html("span", { class: "badge" }, cell.text) : cell.text;
        const place = html("td", {}, content);
        if (k === 0) place.prepend(symbol(one.look, one.quenched));
        line.append(place);
      });
      return line;
    }));
  };
  heads.forEach((text, k) => {
    const button = html("button", { type: "button" }, text);
    const head = html("th", { scope: "col" }, button);
    button.addEventListener("click", () => {
      state.down = state.column === k ? !state.down : typeof cells(table.rows[0])[k].order !== "string";
      state.column = k;
      for (const other of row.children) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      fill();
    });
    row.append(head);
  });
  fill();
  const scroll = html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `table: ${table.title}` }, html("table", {}, html("thead", {}, row), body));
  if (!several) return [scroll];
  const options = [["", data.against], ...table.rows.map((one, k) => [String(k), one.label])];
  const held = select("row that P holds all others against", options, "", (value) => {
    state.against = value;
    fill();
  });
  return [html("div", { class: "bar" }, html("h3", {}, "Results"), html("label", {}, "P: better than ", held)), scroll];
}

function more(title, lines) {
  if (lines.length === 0) return [];
  return [html("details", {}, html("summary", {}, title), html("ul", {}, ...lines.map((line) => html("li", {}, line))))];
}

/** The model and the stimulus large; what tells the task from others with the same two small. */
function heading(title) {
  const parts = title.split(" · ");
  const rest = parts.slice(2).join(" · ");
  return html("h2", {}, parts.slice(0, 2).join(" · "), ...(rest ? [html("small", {}, rest)] : []));
}

function section(table, number) {
  const learned = table.rows.some((row) => row.learning.steps);
  const kicking = table.rows.filter((row) => row.metrics.mean_abs_kick[0] > 0).map((row) => row.metrics[table.aim][0]);
  const known = kicking.filter((value) => value !== null && value > 0);
  const state = { x: "mean_abs_kick", y: table.aim, aim: table.aim, logX: true, logY: Math.max(...known) > 10 * Math.min(...known), axis: "steps", off: new Set() };
  const charts = [scatter(table, state), ...(learned ? [learningChart(table, state)] : [])];
  const redraw = () => charts.forEach((chart) => chart.redraw());
  const told = `${table.rows.length} ${table.rows.length === 1 ? "controller" : "controllers"} · ${table.populations} unseen populations`;
  return html(
    "section",
    { id: `task-${number}`, "aria-label": table.title },
    heading(table.title),
    html("p", { class: "told" }, told),
    html("div", { class: learned ? "charts" : "charts one" }, ...charts.map((chart) => chart.box)),
    legend(table, state, redraw),
    ...resultTable(table),
    ...more("Settings of this task", Object.entries(table.task).map(([key, value]) => `${key}=${value}`)),
    ...more("Runs", table.rows.flatMap((row) => row.runs.map((run, k) => `${row.label}, seed ${row.seeds[k]}: ${run}`))),
  );
}

/** A heat map as a table: the darker a cell, the higher its number among all cells of the map. */
function heatMap(map, number) {
  const known = map[map.aim].flat().filter((value) => value !== null && value > 0);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const scale = high > 10 * low ? Math.log : (value) => value;
  const share = (value) => (high > low && value > 0 ? (scale(value) - scale(low)) / (scale(high) - scale(low)) : 0);
  const heads = [map.rows.key || "", ...map.columns.values].map((text) => html("th", { scope: "col" }, text));
  const lines = map.rows.values.map((name, i) => html(
    "tr", {}, html("th", { scope: "row" }, name || map.label),
    ...map.columns.values.map((_, j) => {
      const [value, quenched] = [map[map.aim][i][j], map.quenched[i][j]];
      if (value === null) return html("td", {}, "–");
      const kick = map.mean_abs_kick[i][j];
      const told = `mean |kick| ${kick === null ? "–" : kick.toPrecision(3)}, ${map.runs[i][j]} run${map.runs[i][j] === 1 ? "" : "s"}`;
      const cell = html("td", { class: share(value) > 0.55 ? "cell dark" : "cell", title: told }, Number(value.toPrecision(3)).toString());
      cell.style.setProperty("--share", `${Math.round(100 * share(value))}%`);
      if (quenched) cell.append(" ", html("span", { class: "badge" }, "quenched"));
      return cell;
    }),
  ));
  const table = html("table", { class: "heat" }, html("caption", {}, map.columns.key), html("thead", {}, html("tr", {}, ...heads)), html("tbody", {}, ...lines));
  return html(
    "section", { id: `map-${number}`, "aria-label": map.title }, html("h2", {}, map.title),
    html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": map.title }, table),
  );
}

function themeButton() {
  const button = document.getElementById("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  const apply = () => {
    const theme = chosen ?? (dark.matches ? "dark" : "light");
    document.documentElement.dataset.theme = theme;
    document.documentElement.style.colorScheme = theme;
    button.textContent = theme === "dark" ? "Light" : "Dark";
  };
  button.addEventListener("click", () => {
    chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    apply();
  });
  dark.addEventListener("change", apply);
  let before = null;
  addEventListener("beforeprint", () => {
    before = document.documentElement.dataset.theme;
    document.documentElement.dataset.theme = "light";
  });
  addEventListener("afterprint", () => {
    document.documentElement.dataset.theme = before;
  });
  apply();
}

function start() {
  themeButton();
  const count = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;
  const runs = data.tables.reduce((sum, table) => sum + table.rows.reduce((n, row) => n + row.runs.length, 0), 0);
  document.getElementById("lead").textContent = `${count(runs, "run")} on ${count(data.tables.length, "task")}`;
  if (data.tables.length > 1) {
    document.getElementById("tasks").append(...data.tables.map((table, k) => html("a", { href: `#task-${k}` }, table.title)));
  }
  document.getElementById("main").append(...data.maps.map(heatMap), ...data.tables.map(section));
  const notes = document.getElementById("notes");
  notes.append(...data.meaning.map((line) => html("p", {}, line)));
  notes.append(...more(`Left out: ${data.left_out.length}`, data.left_out.map((one) => `${one.run}: ${one.why}`)));
  const redraw = () => redrawn.forEach((draw) => draw());
  redraw();
  addEventListener("resize", redraw);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll(".tip").forEach((tip) => { tip.hidden = true; });
  });
  document.documentElement.dataset.ready = "true";
}

start();
