// Starts the page: who the residents are, the kiosk's screen, and one card per device.

import { follow, get, post, toast } from "./api.js";
import { Actions } from "./actions.js";
import { make } from "./dom.js";
import { know, words } from "./people.js";
import { showScreen } from "./screen.js";
import { show } from "./views.js";

const LINKS = { on: "Connected", off: "The simulator is not running" };

class Card {
  constructor(device) {
    this.name = device.name;
    const copy = document.getElementById("device-template").content.cloneNode(true);
    this.element = copy.querySelector("article");
    this.element.id = device.name;
    this.element.querySelector("header use").setAttribute("href", `#i-${device.name}`);
    const title = this.element.querySelector("h2");
    title.textContent = device.title;
    title.id = `${device.name}-title`;
    this.element.setAttribute("aria-labelledby", title.id);
    this.actions = new Actions(device.name, this.element.querySelector(".actions"));
    this.buildFaults(device);
  }

  buildFaults(device) {
    const fields = this.element.querySelector(".faults fieldset");
    const choices = [{ name: "", effect: "It works as it should." }, ...device.faults];
    for (const { name, effect } of choices) {
      const input = make("input", { type: "radio", name: `${device.name}-fault`, value: name });
      input.addEventListener("change", () => this.setFault(name || null));
      fields.append(make("label", {}, input, make("span", {}, name ? words(name) : "healthy"), make("small", {}, effect)));
    }
    this.element.querySelector(".faults").hidden = device.faults.length === 0;
  }

  async setFault(fault) {
    try {
      await post(`api/devices/${this.name}/fault`, { fault });
    } catch (error) {
      toast(error.message);
      this.update(this.device);
    }
  }

  update(device) {
    this.device = device;
    const chip = this.element.querySelector(".chip");
    const { text, tone } = show(device, this.element.querySelector(".view"));
    if (chip.textContent !== text) chip.textContent = text;
    chip.dataset.tone = tone;
    this.element.classList.toggle("faulty", Boolean(device.fault));
    this.element.querySelector(".faults em").textContent = device.fault ? words(device.fault) : "";
    this.element.querySelector(`.faults input[value="${CSS.escape(device.fault ?? "")}"]`).checked = true;
    this.actions.update(device.actions);
    this.showWords(device.state);
  }

  showWords(state) {
    const list = this.element.querySelector(".words dl");
    const rows = Object.entries(state).flatMap(([key, value]) => [
      make("dt", {}, words(key)),
      make("dd", {}, typeof value === "object" ? JSON.stringify(value) : String(value)),
    ]);
    list.replaceChildren(...rows);
  }
}

const cards = new Map();

function showDevices(devices) {
  for (const device of devices) {
    if (!cards.has(device.name)) {
      const card = new Card(device);
      cards.set(device.name, card);
      document.getElementById("devices").append(card.element);
    }
    cards.get(device.name).update(device);
  }
  document.body.dataset.ready = "yes";
}

function showLink(state) {
  const line = document.getElementById("link");
  if (line.dataset.state === state) return;
  line.dataset.state = state;
  line.textContent = LINKS[state];
}

know(await get("api/residents"));
follow(showDevices, showLink);
await showScreen();
