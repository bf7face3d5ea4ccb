// What each kind of device looks like now, from its state.

import { cardPrinter } from "./cards.js";
import { make, showOnce } from "./dom.js";
import { feeder } from "./feeder.js";
import { isPerson, nameOf, portrait, words } from "./people.js";
import { sheet } from "./sheets.js";

const VIEWS = { card_reader: reader, camera, document_printer: documents, paper_feeder: feeder, receipt_printer: receipts, card_printer: cardPrinter, kia_printer: cardPrinter };

// Draws a device's state; returns its chip: what it says in a word or two, and its tone.
export function show(device, element) {
  const { text, tone } = VIEWS[device.name]?.(device, element) ?? { text: "running", tone: "good" };
  return device.fault ? { text: words(device.fault), tone: "bad" } : { text, tone };
}

function reader({ state }, element) {
  const card = state.card;
  showOnce(element, String(card), () =>
    make("div", { class: "scene" }, make("div", { class: `pad${card ? " full" : ""}` }, card ? ktp(card) : empty("Nothing lies on the reader"))));
  return card ? { text: `${nameOf(card).split(" ")[0]}’s card`, tone: "good" } : { text: "no card", tone: "" };
}

function ktp(key) {
  const face = isPerson(key) ? [make("img", { src: portrait(key), alt: "" })] : [];
  return make("div", { class: "ktp" }, make("small", {}, "KTP-el · SIMULATED"), make("b", {}, nameOf(key)), ...face);
}

function camera({ state, fault }, element) {
  const person = state.person;
  showOnce(element, `${person} ${fault}`, () => make("div", { class: "scene", "data-fault": fault ?? "" }, stage(person)));
  return person ? { text: nameOf(person).split(" ")[0], tone: "good" } : { text: "nobody", tone: "" };
}

function stage(person) {
  return isPerson(person)
    ? make("img", { class: "mirror", src: portrait(person), alt: `${nameOf(person)} stands before the camera` })
    : empty("Nobody stands before the camera");
}

function documents(device, element) {
  // With a feeder around it, what is printed comes out at the feeder's gate.
  const pages = device.state.feeder ? [] : (device.state.pages ?? []);
  paper(device, element, pages, "a4", device.state.feeder ? "Printed pages go on into the paper feeder" : "Printed pages come out here");
  if (device.state.busy) return { text: "printing", tone: "busy" };
  return { text: pages.length ? "paper in the tray" : "ready", tone: "good" };
}

function receipts(device, element) {
  paper(device, element, device.state.waiting, "roll", "Receipts come out here");
  return { text: device.state.waiting.length ? "receipt ready" : "ready", tone: "good" };
}

function paper(device, element, pictures, kind, nothing) {
  showOnce(element, pictures.join(), () => {
    const sheets = pictures.map((picture, index) => sheet(device, picture, `${index + 1} of ${pictures.length}`));
    return make("div", { class: `tray ${kind}` }, ...(sheets.length ? sheets : [empty(nothing)]));
  });
}

function empty(text) {
  return make("p", { class: "empty" }, text);
}
