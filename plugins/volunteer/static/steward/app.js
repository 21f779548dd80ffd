// The steward's page: setting a device up, opening it, taking punches, sending them, wiping it.

import { signal, wake } from "../signals.js";
import * as camera from "./camera.js";
import { Day, cleaned, written } from "./rules.js";
import * as screens from "./screens.js";
import { campaign, home } from "./screens.js";
import { ITERATIONS, keyOf, newSalt, open, seal } from "./sealing.js";
import { send } from "./sending.js";
import { Away, Refused, Revoked, Server } from "./server.js";
import { Store } from "./store.js";

const LOOK_EVERY = 15000;
const READY_WITHIN = 15000;
const HIDDEN_AT_MOST = 15 * 60000;
const NO_SESSION = "请先登录，再启用这台设备。";
const NOT_ALLOWED = "您的账号不能在这次活动里登记签到签退。";
const NO_NETWORK = "没有网络，或者服务器没有回应。启用设备要有网络。";
const WRONG_PASSWORD = "密码不对。要填启用这台设备时的登录密码。";
const NOT_KEPT = "这台设备存不下了，刚才的没有记下。请清理出一些空间再登记。";

const store = new Store(campaign);
const server = new Server(campaign);
let device = null; // what may be known of it without the password
let at = null; // at work: the key, the day, what waits, what was refused
let online = navigator.onLine;
let sending = false;
let work = Promise.resolve(); // punches one after the other, in the order in which they came
let lens = null;
let hiddenSince = 0;

async function keep(name, value) {
  await store.put("sealed", name, await seal(at.key, value));
}

async function kept(key, name) {
  return open(key, await store.get("sealed", name));
}

// Setting up and opening

async function setUp(label, password) {
  const { csrf_token: csrf } = await server.welcome();
  const { key, token } = await server.setUp(label, password, csrf);
  server.token = token;
  const roster = await server.roster();
  const salt = newSalt();
  const secret = await keyOf(password, salt, ITERATIONS);
  at = { key: secret, day: new Day(roster), queue: [], refused: [] };
  await keep("secret", { token });
  await keep("roster", roster);
  await keep("refused", []);
  device = { key, label, salt, iterations: ITERATIONS };
  await store.put("plain", "device", device);
  const ready = navigator.serviceWorker.ready;
  await Promise.race([ready, new Promise((resolve) => setTimeout(resolve, READY_WITHIN))]);
}

async function unlock(password) {
  const key = await keyOf(password, device.salt, device.iterations);
  const { token } = await kept(key, "secret");
  const [roster, refused] = await Promise.all([kept(key, "roster"), kept(key, "refused")]);
  const queue = [];
  for (const [place, sealed] of await store.queued()) queue.push({ place, ...(await open(key, sealed)) });
  server.token = token;
  at = { key, day: replayed(roster, queue), queue, refused };
}

function replayed(roster, queue) {
  const day = new Day(roster);
  for (const { punch } of queue) day.take(punch);
  return day;
}

function enter() {
  screens.show("work", false);
  screens.form("punch").elements.number.focus();
  screens.shifts(at.day, at.day.current(new Date())?.key);
  draw();
  synchronise();
}

function draw() {
  if (!at) return;
  screens.standing(online, at.queue.length);
  screens.roster(at.day.of(screens.part("shift").value), (number, direction) =>
    queuePunch(number, direction),
  );
  screens.rosterMade(at.day.roster.made_at);
  screens.refused(at.refused);
}

// Punches

function queuePunch(typed, direction) {
  wake();
  work = work.then(() => punch(cleaned(typed), direction)).catch(() => screens.trouble(NOT_KEPT));
}

async function punch(number, direction) {
  const shift = screens.part("shift").value;
  if (!at || !number || !shift) return;
  const person = at.day.person(number);
  const taken = {
    nonce: crypto.randomUUID(),
    shift,
    volunteer: person?.key ?? number,
    direction,
    at: written(new Date()),
    device: device.label,
  };
  const told = at.day.take(taken);
  const place = await store.push(await seal(at.key, { punch: taken, told }));
  at.queue.push({ place, punch: taken, told });
  const about = person ? `${person.name} ${person.key}` : number;
  screens.tell(told, about, taken.at.slice(11, 16));
  signal(screens.outcomes[told].sound);
  draw();
  synchronise();
}

async function settle(results) {
  const answered = new Map(results.map((result) => [result.nonce, result]));
  const [done, left] = [[], []];
  for (const each of at.queue) (answered.has(each.punch.nonce) ? done : left).push(each);
  // What this device refused itself, for the same reason, has been told already.
  const surprises = done
    .map(({ punch: sent, told }) => ({ punch: sent, told, code: answered.get(sent.nonce).code }))
    .filter(({ told, code }) => code && code !== told);
  const refused = [...at.refused, ...surprises];
  await store.settle(done.map(({ place }) => place), await seal(at.key, refused));
  at.refused = refused;
  at.queue = left;
  draw();
}

async function synchronise() {
  if (!at || sending) return;
  if (!navigator.onLine) {
    online = false;
    draw();
    return;
  }
  sending = true;
  try {
    while (at.queue.length) {
      await send(server, at.queue.map((each) => each.punch), settle);
    }
    const roster = await server.roster();
    await keep("roster", roster);
    at.day = replayed(roster, at.queue);
    const chosen = screens.part("shift").value || at.day.current(new Date())?.key;
    screens.shifts(at.day, chosen);
    online = true;
    screens.trouble("");
  } catch (error) {
    if (error instanceof Revoked) {
      await wipe();
      return;
    }
    online = !(error instanceof Away);
    if (error instanceof Refused) screens.trouble(`${error.message}没有发送的都还在这台设备上。`);
    else if (!(error instanceof Away)) throw error;
  } finally {
    sending = false;
    draw();
  }
}

// A device that nobody has opened asks by itself whether it was lost.
async function look() {
  if (at) {
    await synchronise();
    return;
  }
  if (!device || !navigator.onLine) return;
  try {
    await server.state(device.key);
  } catch (error) {
    if (error instanceof Revoked) await wipe();
  }
}

async function wipe() {
  const { key } = device;
  lens?.stop();
  at = device = lens = null;
  server.token = "";
  await store.destroy();
  const names = await caches.keys();
  const ours = names.filter((name) => name.startsWith(`steward ${campaign} `));
  await Promise.all(ours.map((name) => caches.delete(name)));
  await (await navigator.serviceWorker.getRegistration(`${home}/steward`))?.unregister();
  screens.part("roster").replaceChildren();
  screens.part("outcome-place").replaceChildren();
  screens.refused([]);
  screens.show("wiped");
  await server.wiped(key).catch(() => null);
}

// What people do

async function attempt(name, act, words) {
  screens.busy(name, true);
  screens.fault(name, "");
  try {
    await act();
    enter();
  } catch (error) {
    screens.fault(name, words(error));
  } finally {
    screens.busy(name, false);
    screens.form(name).querySelector("[type=password]").value = "";
  }
}

function whyNotSetUp(error) {
  at = null;
  if (error instanceof Away) return NO_NETWORK;
  if (error instanceof Refused && error.status === 401) return NO_SESSION;
  if (error instanceof Refused && [403, 404].includes(error.status)) return NOT_ALLOWED;
  return error.message;
}

function listen() {
  const { form, act, part } = screens;
  form("set-up").addEventListener("submit", (event) => {
    event.preventDefault();
    const given = new FormData(event.target);
    const label = given.get("label").trim();
    if (!label || !given.get("password")) screens.fault("set-up", "请填写设备的名字和密码。");
    else attempt("set-up", () => setUp(label, given.get("password")), whyNotSetUp);
  });
  form("unlock").addEventListener("submit", (event) => {
    event.preventDefault();
    const password = new FormData(event.target).get("password");
    attempt("unlock", () => unlock(password), () => WRONG_PASSWORD);
  });
  form("punch").addEventListener("submit", (event) => {
    event.preventDefault();
    const field = event.target.elements.number;
    queuePunch(field.value, chosenDirection());
    field.value = "";
    field.focus();
  });
  part("shift").addEventListener("change", draw);
  act("wipe").addEventListener("click", wipe);
  act("lock").addEventListener("click", () => location.reload());
  act("send").addEventListener("click", synchronise);
  act("dismiss").addEventListener("click", dismiss);
  act("camera").addEventListener("click", toggleCamera);
}

function chosenDirection() {
  return document.querySelector("[name=direction]:checked").value;
}

async function dismiss() {
  at.refused = [];
  await keep("refused", []);
  draw();
}

async function toggleCamera() {
  wake();
  if (lens) {
    lens.stop();
    lens = null;
    return;
  }
  try {
    lens = await camera.start(screens.part("camera"), (text) => queuePunch(text, chosenDirection()));
  } catch {
    screens.trouble("摄像头用不了。请允许这个网页用摄像头，或者用扫码枪、手工输入。");
  }
}

function isScanner(event) {
  const typing = event.target.matches?.("input:not([type=radio]), select, textarea");
  return !typing && event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey;
}

// A keyboard scanner types wherever the focus is.
document.addEventListener("keydown", (event) => {
  if (at && isScanner(event) && event.key !== " ") screens.form("punch").elements.number.focus();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") {
    hiddenSince = Date.now();
  } else if (at && hiddenSince && Date.now() - hiddenSince > HIDDEN_AT_MOST) {
    location.reload(); // left lying about: the password is asked for again
  } else {
    look();
  }
});
addEventListener("online", look);
addEventListener("offline", () => {
  online = false;
  draw();
});

async function begin() {
  if (!globalThis.crypto?.subtle || !globalThis.indexedDB || !navigator.serviceWorker) {
    screens.show("unsupported");
    return;
  }
  listen();
  camera.isThere().then((there) => {
    screens.act("camera").hidden = !there;
  });
  const registered = navigator.serviceWorker.register(`${home}/steward/worker.js`, {
    scope: `${home}/steward`,
  });
  registered.catch(() => null); // offline it is there already
  device = (await store.get("plain", "device")) ?? null;
  if (device) screens.part("label").textContent = device.label;
  screens.show(device ? "unlock" : "set-up", false);
  navigator.storage?.persist?.();
  await look();
  setInterval(look, LOOK_EVERY);
}

begin();
