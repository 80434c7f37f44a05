// Keeps the board fresh: puts the pieces that the server renders (and escapes) into the page as changes come.
// Without this script the pages are complete, only still.

const MOST_CARDS = 120;
const MOST_TICKS = 40;
const RELOAD_WITHIN_MS = 4000; // spread over this time, so that a reset does not bring every board back at once

const body = document.body;
const byId = (id) => document.getElementById(id);

function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

function showLink(state, text) {
  const link = byId("link-state");
  link.dataset.state = state;
  const words = link.querySelector(".text");
  if (words.textContent !== text) words.textContent = text;
}

// Times: "3 min ago" is what a reader of news wants; the exact instant stays in the title.
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
function ago(instant) {
  const seconds = (new Date(instant) - Date.now()) / 1000;
  const size = Math.abs(seconds);
  if (size < 10) return "just now";
  if (size < 60) return relative.format(Math.round(seconds), "second");
  if (size < 3600) return relative.format(Math.round(seconds / 60), "minute");
  if (size < 86400) return relative.format(Math.round(seconds / 3600), "hour");
  if (size < 7 * 86400) return relative.format(Math.round(seconds / 86400), "day");
  return "";
}
function refreshTimes(root = document) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const text = ago(time.dateTime);
    if (text && time.textContent !== text) time.textContent = text;
  }
}

function trim(list, most) {
  while (list.children.length > most) list.lastElementChild.remove();
}

function applyUpdate(update) {
  const events = byId("events");
  const old = byId(`event-${update.event_id}`);
  const held = old?.contains(document.activeElement);
  if (update.card && body.dataset.newest === "true") {
    const card = fragment(update.card);
    card.classList.add("fresh");
    old?.remove();
    events.prepend(card);
    if (held) card.querySelector("a").focus({ preventScroll: true });
    refreshTimes(card);
    trim(events, MOST_CARDS);
  } else if (!update.card) {
    old?.remove();
  }
  if (update.tick) {
    const ticker = byId("ticker");
    const tick = fragment(update.tick);
    refreshTimes(tick);
    ticker.prepend(tick);
    trim(ticker, MOST_TICKS);
    byId("quiet").hidden = true;
    if (update.sample) byId("sample-banner").hidden = false;
  }
  byId("empty").hidden = events.children.length > 0;
}

async function refetchEvent() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  byId("event").replaceWith(page.getElementById("event"));
  refreshTimes();
}

function follow(parameters, onUpdate) {
  const query = new URLSearchParams(parameters);
  query.set("last_event_id", body.dataset.position);
  const source = new EventSource(`/board/changes?${query}`);
  source.addEventListener("open", () => showLink("live", "Live"));
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) {
      showLink("off", "Not live: trying again");
      setTimeout(() => follow(parameters, onUpdate), 5000);
    } else {
      showLink("off", "Connection lost: trying again");
    }
  });
  source.addEventListener("update", (message) => {
    body.dataset.position = message.lastEventId;
    onUpdate(JSON.parse(message.data));
  });
  source.addEventListener("reset", () => {
    source.close();
    showLink("off", "Too much was missed: loading anew");
    setTimeout(() => location.reload(), 500 + Math.random() * RELOAD_WITHIN_MS);
  });
}

function followIndex() {
  const waiting = [];
  let paused = false;
  const pause = byId("pause");
  const name = () => {
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? `Resume (${waiting.length} waiting)` : "Pause updates";
  };
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    if (!paused) waiting.splice(0).forEach(applyUpdate);
    name();
  });
  follow(new URLSearchParams(body.dataset.followed), (update) => {
    if (!paused) return applyUpdate(update);
    waiting.push(update);
    name();
  });
}

refreshTimes();
setInterval(refreshTimes, 10000);
if (body.dataset.page === "index") followIndex();
if (body.dataset.page === "event") {
  follow({ event: body.dataset.event }, (update) => {
    if (update.tick) refetchEvent();
  });
}
