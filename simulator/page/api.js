// The simulator's HTTP API, and what it says when it refuses.

export async function get(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(await reason(answer));
  return answer.json();
}

export async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await reason(answer));
}

async function reason(answer) {
  try {
    return (await answer.json()).message;
  } catch {
    return `The simulator answered ${answer.status}.`;
  }
}

// Calls onDevices with every new state; EventSource comes back by itself when the simulator does.
export function follow(onDevices, onLink) {
  const source = new EventSource("api/events");
  source.addEventListener("devices", (event) => {
    onLink("on");
    onDevices(JSON.parse(event.data));
  });
  source.onerror = () => {
    onLink("off");
    if (source.readyState === EventSource.CLOSED) setTimeout(() => follow(onDevices, onLink), 1000);
  };
}

const SHOWN_MS = 6000;

export function toast(text) {
  const line = document.createElement("p");
  line.textContent = text;
  document.getElementById("toasts").append(line);
  setTimeout(() => line.remove(), SHOWN_MS);
}
