// A card printer: where its cards are, what its hopper and ribbon hold, and both sides of the last card.

import { make, showOnce } from "./dom.js";
import { sheet } from "./sheets.js";

const HOPPER_CARDS = 50;
const RIBBON_SETS = 200;

export function cardPrinter(device, element) {
  const state = device.state;
  const last = state.cards.find((card) => card.number === state.shown);
  const looks = last ? `${last.number}-${last.front}-${last.back}` : "";
  const key = JSON.stringify([state.hopper, state.ribbon_sets, state.cover_open, state.jammed, state.reject_full, state.where, looks]);
  showOnce(element, key, () => make("div", { class: "feeder" }, path(state), sides(device, looks)));
  if (state.jammed) return { text: "card jammed", tone: "bad" };
  if (state.cover_open) return { text: "cover open", tone: "bad" };
  if (inside(state)) return { text: "at work", tone: "busy" };
  if (state.where.exit) return { text: "take the card", tone: "good" };
  if (!state.hopper) return { text: "no blanks", tone: "bad" };
  return { text: "ready", tone: "good" };
}

function inside(state) {
  const { feeder, inside, contact, contactless } = state.where;
  return feeder + inside + contact + contactless;
}

function path(state) {
  const { where } = state;
  const stops = [
    ["hopper", "Blanks", `${state.hopper} of ${HOPPER_CARDS}`, where.feeder],
    ["encoder", "Encoder", "", where.contactless + where.contact],
    ["ribbon", "Print head", `ribbon ${state.ribbon_sets} of ${RIBBON_SETS}`, where.inside],
    ["cover", "Cover", state.cover_open ? "open" : "closed", 0],
    ["slot", "Slot", where.exit ? "a card" : "empty", where.exit],
    ["reject", "Reject box", state.reject_full ? "full" : `${where.reject} card${where.reject === 1 ? "" : "s"}`, 0],
  ];
  const list = make("ol", { class: "path", "aria-label": "Card path" });
  for (const [name, title, words, here] of stops) {
    const stuck = (here && state.jammed) || (name === "cover" && state.cover_open);
    const item = make("li", { class: `stop${here ? " here" : ""}${stuck ? " stuck" : ""}` });
    item.dataset.station = name;
    item.append(make("b", {}, title), make("span", { class: "count" }, words));
    list.append(item);
  }
  return list;
}

function sides(device, looks) {
  const tray = make("div", { class: "tray plastic" });
  if (!looks) return make("div", { class: "tray plastic" }, make("p", { class: "empty" }, "Printed cards are shown here"));
  tray.append(sheet(device, "front.png", "Front", looks), sheet(device, "back.png", "Back", looks));
  return tray;
}
