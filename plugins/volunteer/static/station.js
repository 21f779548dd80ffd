// The station's code is drawn anew before it goes stale, and the counts with it.
// Without this module the page asks for itself every few seconds.

const RETRY = 3000;

function place() {
  return document.querySelector("[data-station]");
}

async function renew() {
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (answer.redirected) {
      location.reload(); // signed out: the page itself says so
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-station]");
    if (!fresh) {
      location.reload(); // the shift is over
      return;
    }
    place().replaceWith(document.adoptNode(fresh));
    wait();
  } catch {
    place().querySelector("[data-offline]").hidden = false;
    clearTimeout(timer);
    timer = setTimeout(renew, RETRY);
  }
}

let timer = 0;

function wait() {
  clearTimeout(timer);
  timer = setTimeout(renew, Number(place().dataset.station) * 1000 + 200);
}

if (place()) wait();
document.addEventListener("visibilitychange", () => {
  // A sleeping tablet wakes with an old code.
  if (document.visibilityState === "visible" && place()) renew();
});
