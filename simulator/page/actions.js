// The buttons of one device: built from what the device says it can do, kept in place while it cannot.

import { post, toast } from "./api.js";
import { make } from "./dom.js";
import { arePeople, picker, words } from "./people.js";

const EVENT_PERSON = "person-chosen";

export class Actions {
  constructor(device, element) {
    this.device = device;
    this.element = element;
    this.buttons = new Map();
    this.row = make("div", { class: "row" });
    this.element.append(this.row);
  }

  update(actions) {
    const offered = new Map(actions.map((action) => [action.name, action]));
    for (const action of actions) {
      if (!this.buttons.has(action.name)) this.add(action);
      this.refresh(action);
    }
    for (const [name, { button }] of this.buttons) {
      button.setAttribute("aria-disabled", String(!offered.has(name)));
      button.title = offered.has(name) ? "" : "Not now";
    }
  }

  add(action) {
    const strong = this.buttons.size === 0 ? " strong" : "";
    const button = make("button", { class: `button${strong}`, type: "button" }, action.label);
    button.dataset.action = action.name;
    button.addEventListener("click", () => this.run(action.name));
    const group = make("div", { class: "group" });
    const inputs = new Map();
    for (const [parameter, values] of Object.entries(action.choices)) {
      const input = this.input(action, parameter, values);
      // The row itself must not move: moving takes the focus away.
      if (arePeople(values)) this.element.insertBefore(input.element, this.row);
      else group.append(input.element);
      inputs.set(parameter, input);
    }
    group.append(button);
    this.row.append(group);
    this.buttons.set(action.name, { button, inputs });
  }

  // A device may offer other choices later (the next sheet, another person).
  refresh(action) {
    const { inputs } = this.buttons.get(action.name);
    for (const [parameter, values] of Object.entries(action.choices)) {
      const input = inputs.get(parameter);
      if (input && input.key !== values.join()) {
        const fresh = this.input(action, parameter, values, input.read());
        input.element.replaceWith(fresh.element);
        inputs.set(parameter, fresh);
      }
    }
  }

  input(action, parameter, values, before) {
    const key = values.join();
    if (arePeople(values)) {
      const group = `${this.device}-${action.name}-${parameter}`;
      const element = picker(group, `${action.label}: who?`, values, before);
      element.addEventListener("change", (event) => {
        document.dispatchEvent(new CustomEvent(EVENT_PERSON, { detail: event.target.value }));
      });
      document.addEventListener(EVENT_PERSON, (event) => {
        const same = element.querySelector(`input[value="${CSS.escape(event.detail)}"]`);
        if (same) same.checked = true;
      });
      return { key, element, read: () => element.querySelector("input:checked").value };
    }
    const options = values.map((value) => make("option", { value, selected: value === before }, words(value)));
    const element = make("select", { "aria-label": `${action.label}: ${words(parameter)}` }, ...options);
    return { key, element, read: () => element.value };
  }

  async run(name) {
    const { button, inputs } = this.buttons.get(name);
    if (button.getAttribute("aria-disabled") === "true" || button.ariaBusy === "true") return;
    const parameters = Object.fromEntries([...inputs].map(([parameter, input]) => [parameter, input.read()]));
    button.setAttribute("aria-busy", "true");
    try {
      await post(`api/devices/${this.device}/actions/${name}`, parameters);
    } catch (error) {
      toast(error.message);
    } finally {
      button.removeAttribute("aria-busy");
    }
  }
}
