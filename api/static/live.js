// A campaign's page keeps its numbers fresh while somebody looks at it.
// Without this module, and while the server tells nothing, 刷新 asks for the page once more.

const GAP = 5000; // between two askings of the page
const SAID = 30000; // between two announcements to who listens rather than looks
const RETRY = 60000; // when the server has no room for another stream

const place = document.querySelector("[data-live]");
let source = null;
let seen = place ? Number(place.dataset.changes) : 0;
let wanted = 0;
let timer = 0;
let askedAt = 0;
let saidAt = 0;

function show(told) {
  for (const count of told.counts) {
    const held = place.querySelector(`[data-live-count="${CSS.escape(count.key)}"]`);
    if (held) held.textContent = count.value.toLocaleString("en-US");
  }
  const time = place.querySelector("[data-live-time]");
  time.dateTime = told.at;
  time.textContent = told.at.slice(11, 16);
  if (told.changes !== seen) {
    wanted = told.changes;
    soon();
  }
}

function soon() {
  if (!timer) timer = setTimeout(renew, Math.max(0, askedAt + GAP - Date.now()));
}

async function renew() {
  timer = 0;
  askedAt = Date.now();
  const asked = wanted;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (answer.redirected || !answer.ok) return; // signed out, or gone: the next click tells
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!put(page)) return;
    seen = asked;
    say();
  } catch {
    // The network is away for a moment; the stream comes back with it, and tells again.
  }
}

// Put the page's counts and parts in anew; a part with the focus in it waits until the reader has left it.
function put(page) {
  let whole = true;
  for (const held of document.querySelectorAll("[data-live-count]")) {
    const fresh = page.querySelector(`[data-live-count="${CSS.escape(held.dataset.liveCount)}"]`);
    if (fresh) held.textContent = fresh.textContent;
  }
  for (const old of document.querySelectorAll("[data-live-part]")) {
    const fresh = page.querySelector(`[data-live-part="${CSS.escape(old.dataset.livePart)}"]`);
    if (!fresh || fresh.outerHTML === old.outerHTML) continue;
    if (old.contains(document.activeElement)) {
      whole = false;
      old.addEventListener("focusout", () => setTimeout(soon, 0), { once: true });
    } else {
      old.replaceWith(document.adoptNode(fresh));
    }
  }
  return whole;
}

function say() {
  if (Date.now() - saidAt < SAID) return;
  saidAt = Date.now();
  const time = place.querySelector("[data-live-time]").textContent;
  place.querySelector("[data-live-said]").textContent = `页面上的数字已更新，截至${time}`;
}

function follow() {
  if (source) source.close();
  source = new EventSource(place.dataset.live);
  source.addEventListener("changed", (event) => show(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    if (source && source.readyState === EventSource.CLOSED) setTimeout(look, RETRY);
  });
}

// A page that nobody looks at holds no stream: a browser has few connections to one server.
function look() {
  if (document.visibilityState === "visible") {
    if (!source || source.readyState === EventSource.CLOSED) follow();
  } else if (source) {
    source.close();
    source = null;
  }
}

if (place) {
  look();
  document.addEventListener("visibilitychange", look);
}
