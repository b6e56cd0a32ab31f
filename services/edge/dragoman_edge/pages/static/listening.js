// Spoken translations of a broadcast, one after another in their order.

const SILENCE = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAgD4AAAB9AAACABAAZGF0YQAAAAA="; // a WAV file without a sample
const BEHIND = 2; // sounds that may wait; with more of them speech is faster, but nothing is left out
const FASTER = 1.25;

const player = new Audio(); // one for all: telephones play what a click has begun, and no other
let waiting = []; // URLs
let playing = "";

const url = (coded, type) => URL.createObjectURL(new Blob([Uint8Array.from(atob(coded), (character) => character.charCodeAt(0))], { type }));

/** Allow sound; must be called by a click. */
export function beginListening() {
  if (!playing) start(url(SILENCE, "audio/wav"));
}

/** Play a sound, in base64, behind those that wait. */
export function hear(coded, format) {
  waiting.push(url(coded, format === "mp3" ? "audio/mpeg" : "audio/wav"));
  if (!playing) next();
}

/** Be silent at once, and forget what waits. */
export function endListening() {
  player.pause();
  [playing, ...waiting].forEach((one) => one && URL.revokeObjectURL(one));
  waiting = [];
  playing = "";
}

function start(one) {
  playing = one;
  player.src = one;
  player.playbackRate = waiting.length > BEHIND ? FASTER : 1;
  player.play().catch(() => playing === one && next());
}

function next() {
  if (playing) URL.revokeObjectURL(playing);
  playing = "";
  if (waiting.length) start(waiting.shift());
}

player.onended = player.onerror = next;
