// What lies on a device is sealed with a key that is made of the steward's password and is never
// stored. Without the password nothing of it can be read.

export const ITERATIONS = 600000;
const KEY = { name: "AES-GCM", length: 256 };

/** Bytes that make equal passwords give different keys. */
export function newSalt() {
  return crypto.getRandomValues(new Uint8Array(16));
}

/** The key of a password (PBKDF2-SHA256). It cannot be taken out of the browser. */
export async function keyOf(password, salt, iterations) {
  const bytes = new TextEncoder().encode(password.normalize("NFC"));
  const secret = await crypto.subtle.importKey("raw", bytes, "PBKDF2", false, ["deriveKey"]);
  const way = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return crypto.subtle.deriveKey(way, secret, KEY, false, ["encrypt", "decrypt"]);
}

/** Seal anything that JSON can say. */
export async function seal(key, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes) };
}

/** Open what was sealed. Rejects with OperationError for another key or a changed text. */
export async function open(key, { iv, data }) {
  const bytes = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, data);
  return JSON.parse(new TextDecoder().decode(bytes));
}
