// The device's own storage: "plain" holds what may be read without a password (the device's key
// and label, the salt), "sealed" and "queue" what may not.

const STORES = ["plain", "sealed"];

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

/** The storage of a campaign's device. */
export class Store {
  constructor(campaign) {
    this.name = `steward ${campaign}`;
    this.base = null;
  }

  async #open() {
    if (this.base) return this.base;
    const request = indexedDB.open(this.name, 1);
    request.onupgradeneeded = () => {
      for (const name of STORES) request.result.createObjectStore(name);
      request.result.createObjectStore("queue", { autoIncrement: true });
    };
    this.base = await done(request);
    this.base.onversionchange = () => this.close();
    return this.base;
  }

  close() {
    this.base?.close();
    this.base = null;
  }

  async get(store, key) {
    const base = await this.#open();
    return done(base.transaction(store).objectStore(store).get(key));
  }

  async put(store, key, value) {
    const base = await this.#open();
    const transaction = base.transaction(store, "readwrite");
    transaction.objectStore(store).put(value, key);
    await finished(transaction);
  }

  /** Put a punch behind those that wait; it is on disk when this resolves, with its place. */
  async push(value) {
    const base = await this.#open();
    const transaction = base.transaction("queue", "readwrite", { durability: "strict" });
    const request = transaction.objectStore("queue").add(value);
    await finished(transaction);
    return request.result;
  }

  /** What waits, as [place, value], the oldest first. */
  async queued() {
    const base = await this.#open();
    const store = base.transaction("queue").objectStore("queue");
    const [keys, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
    return keys.map((key, index) => [key, values[index]]);
  }

  /** Take punches that were answered off the queue and write the refused ones down, or neither. */
  async settle(places, refused) {
    const base = await this.#open();
    const transaction = base.transaction(["queue", "sealed"], "readwrite");
    for (const place of places) transaction.objectStore("queue").delete(place);
    transaction.objectStore("sealed").put(refused, "refused");
    await finished(transaction);
  }

  /** Leave nothing. */
  async destroy() {
    this.close();
    await done(indexedDB.deleteDatabase(this.name));
  }
}
