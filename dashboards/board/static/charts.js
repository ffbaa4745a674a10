// The school page's charts over the last hour. Lines differ by dash as well as by colour.
"use strict";

const CHARTS_EVERY_MS = 15000;
const DASHES = ["solid", "dash", "dot"];
const area = document.querySelector("[data-history]");
const dark = matchMedia("(prefers-color-scheme: dark)");

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function draw(box, lines, offset) {
  const shown = lines.filter((line) => line.times_ms.length);
  const latest = document.querySelector(`[data-latest="${box.dataset.chart}"]`);
  latest.textContent = shown.map((line) => line.values.at(-1) + box.dataset.unit).join(" · ");
  if (!shown.length) {
    Plotly.purge(box);
    const nothing = document.createElement("p");
    nothing.className = "none";
    nothing.textContent = area.dataset.none;
    box.replaceChildren(nothing);
    return;
  }
  if (box.firstElementChild && box.firstElementChild.className === "none") box.replaceChildren();
  const colours = [colour("--accent"), colour("--pass"), colour("--undetermined")];
  const traces = shown.map((line, index) => ({
    x: line.times_ms.map((ms) => new Date(ms + offset).toISOString().slice(0, 19)),
    y: line.values,
    name: line.name,
    mode: line.times_ms.length > 1 ? "lines" : "markers",
    line: { color: colours[index % 3], width: 2, dash: DASHES[index % 3] },
    hovertemplate: `%{x|%H:%M} · %{y}${box.dataset.unit}<extra>%{fullData.name}</extra>`,
  }));
  const axis = { color: colour("--soft"), gridcolor: colour("--faint"), linecolor: colour("--line"), zeroline: false, fixedrange: true };
  Plotly.react(box, traces, {
    margin: { l: 38, r: 8, t: 8, b: 26 },
    paper_bgcolor: "transparent",
    plot_bgcolor: "transparent",
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: colour("--soft") },
    showlegend: shown.length > 1,
    legend: { orientation: "h", x: 0, y: 1.12 },
    hovermode: "x unified",
    hoverlabel: { bgcolor: colour("--sheet"), bordercolor: colour("--line"), font: { color: colour("--ink") } },
    xaxis: { ...axis, type: "date", tickformat: "%H:%M", nticks: 5 },
    yaxis: { ...axis, rangemode: "tozero", nticks: 4 },
  }, { displayModeBar: false, responsive: true });
}

async function charts() {
  try {
    const answer = await fetch(area.dataset.history, { cache: "no-store" });
    if (!answer.ok) return;
    const history = await answer.json();
    for (const box of area.querySelectorAll("[data-chart]")) draw(box, history[box.dataset.chart], history.offset_ms);
  } catch {
    // The page's own refresh says that the connection is lost.
  }
}

charts();
dark.addEventListener("change", charts);
setInterval(charts, CHARTS_EVERY_MS);
