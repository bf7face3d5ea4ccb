// What each kind of device looks like now, from its state.

import { make, showOnce } from "./dom.js";
import { isPerson, nameOf, portrait, words } from "./people.js";

const VIEWS = { card_reader: reader, camera, document_printer: documents, receipt_printer: receipts };

// Draws a device's state; returns its chip: what it says in a word or two, and its tone.
export function show(device, element) {
  const view = VIEWS[device.name];
  return view ? view(device, element) : { text: "running", tone: "good" };
}

function reader({ state, fault }, element) {
  const card = state.card;
  showOnce(element, String(card), () =>
    make("div", { class: "scene" }, make("div", { class: `pad${card ? " full" : ""}` }, card ? ktp(card) : empty("Nothing lies on the reader"))));
  return chip(fault, card ? `${nameOf(card).split(" ")[0]}’s card` : "no card", card ? "good" : "");
}

function ktp(key) {
  const face = isPerson(key) ? [make("img", { src: portrait(key), alt: "" })] : [];
  return make("div", { class: "ktp" }, make("small", {}, "KTP-el · SIMULATED"), make("b", {}, nameOf(key)), ...face);
}

function camera({ state, fault }, element) {
  const person = state.person;
  showOnce(element, String(person), () =>
    make("div", { class: "scene" }, isPerson(person)
      ? make("img", { class: "mirror", src: portrait(person), alt: `${nameOf(person)} stands before the camera` })
      : empty("Nobody stands before the camera")));
  return chip(fault, isPerson(person) ? nameOf(person).split(" ")[0] : "nobody", isPerson(person) ? "good" : "");
}

function documents(device, element) {
  const pages = device.state.pages ?? [];
  paper(device, element, pages, "a4", "Printed pages come out here");
  const busy = device.state.busy;
  return chip(device.fault, busy ? "printing" : pages.length ? "paper in the tray" : "ready", busy ? "busy" : "good");
}

function receipts(device, element) {
  const receipts = device.state.receipts ?? [];
  paper(device, element, receipts, "roll", "Receipts come out here");
  return chip(device.fault, receipts.length ? "receipt ready" : "ready", "good");
}

function paper(device, element, pictures, kind, nothing) {
  showOnce(element, pictures.join(), () => {
    const sheets = pictures.map((picture, index) => sheet(device, picture, `${index + 1} of ${pictures.length}`));
    return make("div", { class: `tray ${kind}` }, ...(sheets.length ? sheets : [empty(nothing)]));
  });
}

function sheet(device, picture, label) {
  const src = `api/devices/${device.name}/pictures/${encodeURIComponent(picture)}`;
  const button = make("button", { type: "button", title: "Look closer" }, make("img", { src, alt: `${device.title}: ${label}` }), label);
  button.addEventListener("click", () => {
    document.getElementById("viewer-image").src = src;
    document.getElementById("viewer").showModal();
  });
  return button;
}

function empty(text) {
  return make("p", { class: "empty" }, text);
}

function chip(fault, text, tone) {
  return fault ? { text: words(fault), tone: "bad" } : { text, tone };
}
