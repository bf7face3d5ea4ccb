// Small helpers for building elements; text always goes in as text.

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") element.className = value;
    else if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("class", "icon");
  picture.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#i-${name}`);
  picture.append(use);
  return picture;
}

// Replaces what an element shows only when it differs, so that nothing flickers or loses its focus.
export function showOnce(element, key, build) {
  if (element.dataset.shown === key) return;
  element.dataset.shown = key;
  element.replaceChildren(...[build()].flat());
}
