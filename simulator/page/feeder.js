// The paper feeder: stations along the sheet's path, a lamp for each sensor, and the sheet where it is.

import { make, showOnce } from "./dom.js";
import { sheet } from "./sheets.js";

// Name on the page and sensors (numbers as S1..S8) of each station, in the order a sheet passes them.
const STATIONS = [
  { key: "hopper", name: "Hopper", sensors: [1, 2] },
  { key: "throat", name: "Throat", sensors: [3] },
  { key: "entry", name: "Entry", sensors: [4] },
  { key: "printer", name: "Printer", sensors: [] },
  { key: "exit", name: "Exit", sensors: [5] },
  { key: "held", name: "Transport", sensors: [6] },
  { key: "gate", name: "Gate", sensors: [7] },
  { key: "bin", name: "Retract bin", sensors: [8] },
];
const WORDS = {
  none: ["ready", "good"],
  entry: ["sheet at the printer", "busy"],
  printer: ["sheet printed", "busy"],
  held: ["sheet held inside", "busy"],
  presented: ["take the sheet", "good"],
  moving: ["sheet moving", "busy"],
};

export function feeder(device, element) {
  const state = device.state;
  const key = JSON.stringify([state.sensors, state.position, state.at, state.in_printer, state.collected, state.hopper, state.counters.in_bin, state.pages, state.stuck]);
  showOnce(element, key, () => make("div", { class: "feeder" }, path(state), presented(device)));
  if (state.stuck) return { text: `jammed${state.at ? ` at S${state.at}` : ""}`, tone: "bad" };
  if (state.position === "none" && state.bin === "full") return { text: "bin full", tone: "bad" };
  if (state.position === "none" && state.hopper === 0) return { text: "no paper", tone: "bad" };
  const [text, tone] = WORDS[state.position];
  return { text, tone };
}

function path(state) {
  const list = make("ol", { class: "path", "aria-label": "Paper path" });
  for (const station of STATIONS) list.append(stop(station, state));
  return list;
}

function stop(station, state) {
  const here = station.key === whereabouts(state);
  const item = make("li", { class: `stop${here ? " here" : ""}${here && state.stuck ? " stuck" : ""}` });
  item.dataset.station = station.key;
  item.append(make("b", {}, station.name), make("span", { class: "count" }, count(station, state)));
  const lamps = make("span", { class: "lamps" });
  for (const number of station.sensors) {
    const lit = state.sensors[number - 1];
    lamps.append(make("i", { class: lit ? "lamp lit" : "lamp", title: `Sensor S${number} sees ${lit ? "paper" : "nothing"}` }, `S${number}`));
  }
  item.append(lamps);
  return item;
}

// The station at which the sheet is, or was last seen.
function whereabouts(state) {
  if (state.in_printer) return "printer";
  const seen = STATIONS.find((station) => station.sensors.includes(state.at));
  return seen?.key ?? "";
}

function count(station, state) {
  if (station.key === "hopper") return `${state.hopper} sheets`;
  if (station.key === "bin") return `${state.counters.in_bin} of 30`;
  if (station.key === "held" && state.collected) return `${state.collected} held`;
  return "";
}

function presented(device) {
  const pages = device.state.pages;
  const tray = make("div", { class: "tray a4 gate" });
  pages.forEach((picture, index) => tray.append(sheet(device, picture, `${index + 1} of ${pages.length}`)));
  tray.hidden = pages.length === 0;
  return tray;
}
