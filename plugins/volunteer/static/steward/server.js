// The server as a device sees it. What it says besides its answer: away (no network, or the server
// is in trouble), revoked (wipe yourself), or refused with a sentence.

import { written } from "./rules.js";

const PATIENCE = 20000;

export class Away extends Error {}
export class Revoked extends Error {}
export class Refused extends Error {
  constructor(status, told) {
    super(told?.errors?.[0]?.message ?? told?.detail ?? `${status}`);
    this.status = status;
  }
}

async function ask(address, options = {}) {
  let answer;
  let told = null;
  try {
    answer = await fetch(address, { ...options, signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status !== 204) told = await answer.json();
  } catch (error) {
    throw new Away(String(error)); // also where a hotel's sign-in page answers in our place
  }
  if (answer.status === 410) throw new Revoked();
  if (answer.status >= 500 || answer.status === 429) throw new Away(String(answer.status));
  if (!answer.ok) throw new Refused(answer.status, told);
  return told;
}

function json(body, headers = {}) {
  return {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", accept: "application/json", ...headers },
  };
}

/** The server for a campaign's device; `token` is known once the device is open. */
export class Server {
  constructor(campaign) {
    this.base = `/api/v1/campaigns/${encodeURIComponent(campaign)}/volunteer`;
    this.token = "";
  }

  #own() {
    return { "x-device-token": this.token, "x-device-time": written(new Date()) };
  }

  /** Who is signed in in this browser. */
  welcome() {
    return ask(`${this.base}/steward`, { headers: { accept: "application/json" } });
  }

  setUp(label, password, csrf) {
    return ask(`${this.base}/devices`, json({ label, password }, { "x-csrf-token": csrf }));
  }

  roster() {
    return ask(`${this.base}/roster`, { headers: { accept: "application/json", ...this.#own() } });
  }

  send(punches) {
    return ask(`${this.base}/device-punches`, json({ punches }, this.#own()));
  }

  state(key) {
    const headers = { accept: "application/json" };
    return ask(`${this.base}/devices/${encodeURIComponent(key)}/state`, { headers });
  }

  wiped(key) {
    return ask(`${this.base}/devices/${encodeURIComponent(key)}/wiped`, json({}));
  }
}
