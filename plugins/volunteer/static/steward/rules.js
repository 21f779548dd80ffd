// What the server would say of a punch, as far as this device knows: the rules of
// plugins/volunteer/punching/states.py over the roster and what waits to be sent. The server's
// word is the last one; this one is given at once, without network.

const MINUTE = 60000;
const CLOSED = ["pending", "confirmed"];
const EXPECTED = ["signed_up", "no_show"];

/** The moment as documents write it: 2026-05-17T08:00:00+08:00. */
export function written(moment) {
  const shifted = new Date(moment.getTime() + 8 * 60 * MINUTE);
  return `${shifted.toISOString().slice(0, 19)}+08:00`;
}

/** What a scanner or a person typed, as numbers are compared: half width, no space, no address. */
export function cleaned(typed) {
  const text = typed.normalize("NFKC").trim();
  return text.includes("/") ? text.split(/[?#]/)[0].split("/").pop() : text;
}

/** Shifts and people of a roster, and what punches do to them. */
export class Day {
  constructor(roster) {
    this.roster = roster;
    this.shifts = new Map(roster.shifts.map((shift) => [shift.key, shift]));
    this.people = new Map(
      roster.people.map((person) => [
        person.key.toLowerCase(),
        { ...person, stays: person.stays.map((stay) => ({ ...stay })) },
      ]),
    );
  }

  person(key) {
    return this.people.get(key.toLowerCase());
  }

  /** The people of a shift, with how each stands there: "expected", "here" or "gone". */
  of(shift) {
    const found = [];
    for (const person of this.people.values()) {
      const stays = person.stays.filter((stay) => stay.shift === shift);
      if (stays.length) found.push({ person, state: state(stays) });
    }
    return found;
  }

  /** The shift that is on at a moment, or the next one, or the last. */
  current(moment) {
    const at = moment.getTime();
    const shifts = [...this.shifts.values()].filter((shift) => !shift.cancelled);
    const on = shifts.filter((shift) => this.#takes(shift, at));
    const begun = on.filter((shift) => Date.parse(shift.starts_at) <= at);
    return begun.find((shift) => at <= Date.parse(shift.ends_at)) ?? on[0] ?? shifts[0] ?? null;
  }

  #takes(shift, at) {
    const earliest = Date.parse(shift.starts_at) - this.roster.earliest_minutes * MINUTE;
    const latest = Date.parse(shift.ends_at) + this.roster.latest_minutes * MINUTE;
    return earliest <= at && at <= latest;
  }

  /** Take a punch. Gives its outcome: the direction, or the code why it will be refused. */
  take(punch) {
    const shift = this.shifts.get(punch.shift);
    const at = Date.parse(punch.at);
    if (!shift) return "unknown_shift";
    if (shift.cancelled) return "cancelled";
    if (!this.#takes(shift, at)) return "outside_window";
    const person = this.person(punch.volunteer);
    if (!person) return "kept";
    return punch.direction === "in"
      ? this.#come(person, shift, punch)
      : this.#go(person, shift, punch);
  }

  #come(person, shift, punch) {
    const at = Date.parse(punch.at);
    const here = person.stays.filter((stay) => stay.shift === shift.key);
    if (here.some((stay) => stay.status === "open" || covers(stay, at))) return "already_in";
    for (const stay of person.stays) {
      const away = stay.shift !== shift.key;
      const other = this.shifts.get(stay.shift);
      const over = other !== undefined && at >= Date.parse(other.ends_at);
      const still = stay.status === "open" && !over && !beganLater(stay, shift, at);
      if (away && (still || this.#within(stay, at))) return "overlap";
    }
    let stay = EXPECTED.map((status) => here.find((each) => each.status === status)).find(Boolean);
    if (!stay) {
      stay = { shift: shift.key };
      person.stays.push(stay);
    }
    Object.assign(stay, { status: "open", came: punch.at, went: null });
    return "in";
  }

  #go(person, shift, punch) {
    const stay = person.stays.find((each) => each.shift === shift.key && each.status === "open");
    if (!stay || Date.parse(punch.at) <= Date.parse(stay.came)) return "not_in";
    Object.assign(stay, { status: "pending", went: punch.at });
    return "out";
  }

  /** Whether credited time of a stay covers a moment. */
  #within(stay, at) {
    const shift = this.shifts.get(stay.shift);
    if (!shift || !CLOSED.includes(stay.status) || !stay.came || !stay.went) return false;
    const from = Math.max(Date.parse(stay.came), Date.parse(shift.starts_at));
    const until = Math.min(Date.parse(stay.went), Date.parse(shift.ends_at));
    return from <= at && at < until;
  }
}

function state(stays) {
  if (stays.some((stay) => stay.status === "open")) return "here";
  return stays.some((stay) => stay.went) ? "gone" : "expected";
}

/** Whether somebody was there then, be it before the shift began. */
function covers({ status, came, went }, at) {
  if (!CLOSED.includes(status) || !came || !went) return false;
  return Date.parse(came) <= at && at < Date.parse(went);
}

/** Whether an open stay began later, when a shift was over: then it is no second place. */
function beganLater({ came }, shift, at) {
  return Boolean(came) && at < Date.parse(came) && Date.parse(shift.ends_at) <= Date.parse(came);
}
