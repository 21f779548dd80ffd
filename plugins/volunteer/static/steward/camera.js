// Reading codes by the camera, in browsers that can.

const EVERY = 200;
const PAUSE = 2500;

/** Whether this browser has a camera and reads QR codes; some have the name of it alone. */
export async function isThere() {
  if (!("BarcodeDetector" in globalThis) || !navigator.mediaDevices?.getUserMedia) return false;
  const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
  return formats.includes("qr_code");
}

/** Read codes until `stop` of what this gives is called; the same code again only after a pause. */
export async function start(video, found) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const detector = new BarcodeDetector();
  video.srcObject = stream;
  video.hidden = false;
  await video.play();
  let last = { text: "", at: 0 };
  const timer = setInterval(async () => {
    const codes = await detector.detect(video).catch(() => []);
    const text = codes[0]?.rawValue ?? "";
    if (!text || (text === last.text && Date.now() - last.at < PAUSE)) return;
    last = { text, at: Date.now() };
    found(text);
  }, EVERY);
  return {
    stop() {
      clearInterval(timer);
      for (const track of stream.getTracks()) track.stop();
      video.srcObject = null;
      video.hidden = true;
    },
  };
}
