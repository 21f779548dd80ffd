// What the steward's page shows. Nothing here is markup from elsewhere: all of it is text.

const STATES = { expected: "还没到", here: "在岗", gone: "已签退" };
const KINDS = { expected: "", here: "live", gone: "good" };

const place = document.querySelector("[data-steward]");
export const campaign = place.dataset.steward;
export const home = place.dataset.home;
export const outcomes = JSON.parse(document.querySelector("[data-outcomes]").textContent);

export function part(name) {
  return place.querySelector(`[data-${name}]`);
}

export function form(name) {
  return place.querySelector(`[data-form="${name}"]`);
}

export function act(name) {
  return place.querySelector(`[data-act="${name}"]`);
}

function made(tag, text = "", kind = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  if (kind) element.className = kind;
  return element;
}

/** Show one screen; its first field gets the focus when somebody is already at work here. */
export function show(name, focus = true) {
  for (const screen of place.querySelectorAll("[data-screen]")) {
    screen.hidden = screen.dataset.screen !== name;
  }
  if (focus) place.querySelector(`[data-screen="${name}"] :is(input, h2)`)?.focus();
}

/** Something is in the way of everything; "" for nothing any more. */
export function trouble(text) {
  const note = part("trouble");
  note.hidden = !text;
  if (note.textContent !== text) note.textContent = text;
}

/** What is wrong with a form. */
export function fault(name, text) {
  form(name).querySelector("[data-fault]").textContent = text;
}

/** A form at work, or ready again. */
export function busy(name, working) {
  form(name).querySelector("button[type=submit]").disabled = working;
}

/** Say how a punch turned out; screen readers are told at once. */
export function tell(outcome, about, clock) {
  const { kind, sign, word, sentence } = outcomes[outcome];
  const box = made("div", "", `outcome ${kind}`);
  const line = made("p", "", "outcome-word");
  const mark = made("span", sign, "outcome-sign");
  mark.setAttribute("aria-hidden", "true");
  line.append(mark, ` ${word}`);
  box.append(line, made("p", `${about}，${clock}`), made("p", sentence));
  box.dataset.outcome = outcome;
  part("outcome-place").replaceChildren(box);
  box.scrollIntoView({ block: "nearest" });
}

/** How the device stands: network, and how much waits to be sent. */
export function standing(online, waiting) {
  const pill = part("network");
  pill.textContent = online ? "有网络" : "没有网络";
  pill.className = `pill ${online ? "good" : "warn"}`;
  part("queue").textContent = waiting ? `${waiting}条等着发送` : "都发送了";
  part("queue").dataset.queue = String(waiting);
}

function clock(text) {
  return text.slice(11, 16);
}

/** The shifts to choose from; a choice made before stays. */
export function shifts(day, chosen) {
  const select = part("shift");
  const options = [...day.shifts.values()].map((shift) => {
    const times = `${shift.starts_at.slice(5, 10)} ${clock(shift.starts_at)}–${clock(shift.ends_at)}`;
    const text = `${times} ${shift.title}${shift.cancelled ? "（已取消）" : ""}`;
    return new Option(text, shift.key, false, shift.key === chosen);
  });
  select.replaceChildren(...options);
  part("no-shifts").hidden = options.length > 0;
}

/** The people of a shift, each with the button that fits. */
export function roster(people, press) {
  const items = people.map(({ person, state }) => {
    const item = made("li");
    const direction = state === "here" ? "out" : "in";
    const button = made("button", direction === "in" ? "签到" : "签退", "button plain");
    button.type = "button";
    button.append(made("span", `：${person.name}，${person.key}`, "hidden"));
    button.addEventListener("click", () => press(person.key, direction));
    const words = made("span", "", "steward-person");
    words.append(made("b", person.name), ` ${person.key} `);
    words.append(made("span", STATES[state], `pill ${KINDS[state]}`));
    item.append(words, button);
    item.dataset.state = state;
    return item;
  });
  part("roster").replaceChildren(...items);
}

export function rosterMade(text) {
  part("roster-made").textContent = text ? `名单更新于${text.slice(5, 16).replace("T", " ")}` : "";
}

/** What the server refused although this device took it, with why. */
export function refused(list) {
  part("refused").hidden = list.length === 0;
  const items = list.map(({ punch, code }) => {
    const { word, sentence } = outcomes[code] ?? outcomes.invalid;
    const direction = punch.direction === "in" ? "签到" : "签退";
    const text = `${punch.volunteer} ${clock(punch.at)} ${direction}：${word}。${sentence}`;
    return made("li", text);
  });
  part("refused-list").replaceChildren(...items);
}
