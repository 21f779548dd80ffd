// The queue on its way to the server, in batches. One bad punch never blocks the rest: a batch that
// is refused as a whole is halved until the bad one stands alone.

import { Refused } from "./server.js";

const MOST = 500;

/** Results by nonce of all that could be sent. Rejects with Away or Revoked when that ends it. */
export async function send(server, punches, settle) {
  for (let start = 0; start < punches.length; start += MOST) {
    await sendBatch(server, punches.slice(start, start + MOST), settle);
  }
}

async function sendBatch(server, batch, settle) {
  let results;
  try {
    results = (await server.send(batch)).results;
  } catch (error) {
    if (!(error instanceof Refused) || ![413, 422].includes(error.status)) throw error;
    if (batch.length === 1) {
      await settle([{ nonce: batch[0].nonce, result: "refused", code: "invalid" }]);
      return;
    }
    const middle = batch.length >> 1;
    await sendBatch(server, batch.slice(0, middle), settle);
    await sendBatch(server, batch.slice(middle), settle);
    return;
  }
  await settle(results); // before the next batch: what is answered is never sent again
}
