// Choosing one of the sample residents by face.

import { make } from "./dom.js";

let residents = {};

export function know(list) {
  residents = list;
}

export function nameOf(key) {
  return residents[key]?.name ?? words(key);
}

export function portrait(key) {
  return `api/residents/${encodeURIComponent(key)}/portrait.jpg`;
}

export function isPerson(key) {
  return key in residents;
}

// Whether a parameter's choices are people (perhaps with others beside them, as "nobody").
export function arePeople(values) {
  return values.some(isPerson);
}

// "paper_low" and "paperLow" as people write them: "paper low".
export function words(key) {
  return String(key).replaceAll("_", " ").replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}

// The same order in every picker: others ("nobody") first, then as the residents are listed.
function inOrder(values) {
  const order = Object.keys(residents);
  return [...values].sort((one, other) => order.indexOf(one) - order.indexOf(other));
}

export function picker(group, legend, values, before) {
  const ordered = inOrder(values);
  const chosen = values.includes(before) ? before : ordered.find(isPerson);
  const set = make("fieldset", { class: "people" }, make("legend", {}, legend));
  for (const value of ordered) {
    const input = make("input", { type: "radio", name: group, value, checked: value === chosen });
    const face = isPerson(value)
      ? make("img", { src: portrait(value), alt: "", title: residents[value].note })
      : make("div", { class: "nobody" }, "–");
    set.append(make("label", {}, input, face, make("span", {}, nameOf(value).split(" ")[0])));
  }
  return set;
}
