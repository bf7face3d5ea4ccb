// The kiosk's screen: noVNC's canvas when it has no window of its own.

import { get } from "./api.js";
import { icon } from "./dom.js";

const AGAIN_MS = 500;

const holder = document.getElementById("screen");
const bezel = document.getElementById("bezel");
const note = document.getElementById("screen-note");

export async function showScreen() {
  const screen = await get("api/screen");
  if (screen.kind === "vnc") {
    bezel.style.setProperty("--ratio", screen.width_px / screen.height_px);
    bezel.classList.toggle("wide", screen.width_px > screen.height_px);
    const { default: RFB } = await import("../novnc/core/rfb.js");
    connect(RFB);
    return;
  }
  bezel.classList.add("flat");
  say(screen.kind === "window" ? "The kiosk’s window is open. Touch it with the mouse." : "No kiosk is running beside this simulator.", "window");
}

function connect(RFB) {
  say("The kiosk is starting");
  const address = new URL("screen", location.href);
  address.protocol = "ws:";
  const link = new RFB(holder, address.href, { wsProtocols: ["binary"] });
  link.scaleViewport = true;
  link.clipViewport = false;
  link.resizeSession = false;
  link.showDotCursor = true;
  // The screen takes the keyboard only when it is clicked, so that Tab still walks the page.
  link.focusOnClick = false;
  link.addEventListener("connect", () => {
    note.hidden = true;
    holder.dataset.state = "on";
  });
  link.addEventListener("disconnect", () => {
    holder.dataset.state = "off";
    setTimeout(() => connect(RFB), AGAIN_MS);
  });
}

function say(text, picture) {
  note.hidden = false;
  note.replaceChildren(...(picture ? [icon(picture)] : []), text);
}
