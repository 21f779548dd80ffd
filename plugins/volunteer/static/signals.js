// What eyes miss, ears and hands are told: each outcome has tones and a vibration of its own.
// The tones are made here; nothing is loaded.

// Frequency in hertz, seconds; 0 is silence.
const TONES = {
  in: [[880, 0.12], [1320, 0.2]],
  out: [[1320, 0.12], [880, 0.2]],
  already: [[660, 0.12], [0, 0.08], [660, 0.12]],
  refused: [[220, 0.5]],
  kept: [[990, 0.08], [0, 0.05], [990, 0.08], [0, 0.05], [990, 0.08]],
};
const VIBRATIONS = {
  in: [80],
  out: [80, 60, 80],
  already: [40, 40, 40, 40, 40],
  refused: [400],
  kept: [30, 30, 30],
};
const LOUDNESS = 0.25;
const FADE = 0.02;

let context = null;

/** A browser makes no sound before somebody has touched the page: call this when it happens. */
export function wake() {
  const Context = globalThis.AudioContext ?? globalThis.webkitAudioContext;
  if (!Context) return;
  context ??= new Context();
  if (context.state === "suspended") context.resume();
}

/** Tell an outcome: "in", "out", "already", "refused" or "kept". */
export function signal(outcome) {
  if (!(outcome in TONES)) return;
  navigator.vibrate?.(VIBRATIONS[outcome]);
  wake();
  if (!context) return;
  let at = context.currentTime + 0.01;
  for (const [hertz, seconds] of TONES[outcome]) {
    if (hertz) tone(hertz, at, seconds, outcome === "refused" ? "square" : "sine");
    at += seconds;
  }
}

function tone(hertz, at, seconds, form) {
  const source = context.createOscillator();
  const volume = context.createGain();
  source.type = form;
  source.frequency.value = hertz;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(LOUDNESS, at + FADE);
  volume.gain.setValueAtTime(LOUDNESS, at + seconds - FADE);
  volume.gain.linearRampToValueAtTime(0, at + seconds);
  source.connect(volume).connect(context.destination);
  source.start(at);
  source.stop(at + seconds);
}
