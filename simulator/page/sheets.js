// A printed sheet or receipt as a small picture that opens large.

import { make } from "./dom.js";

// `version` differs when another picture has the same name.
export function sheet(device, picture, label, version = "") {
  const src = `api/devices/${device.name}/pictures/${encodeURIComponent(picture)}${version && `?${version}`}`;
  const button = make("button", { type: "button", title: "Look closer" }, make("img", { src, alt: `${device.title}: ${label}` }), label);
  button.addEventListener("click", () => {
    document.getElementById("viewer-image").src = src;
    document.getElementById("viewer").showModal();
  });
  return button;
}
