// Speech of several languages comes chunk by chunk at the same time; a loudspeaker has one utterance after another.

const STALLED_MS = 3000; // without a chunk, an utterance lets the others pass

export class Turns {
  #play;
  #waiting = new Map(); // by key, in the order in which they began

  /** @param {(chunk: ArrayBuffer, last: boolean) => void} play */
  constructor(play) {
    this.#play = play;
  }

  /** Take a chunk of an utterance; `last` = it ends here; no chunk = it ends without more. */
  add(key, chunk, last, now = Date.now()) {
    const turn = this.#waiting.get(key) ?? { chunks: [] };
    this.#waiting.set(key, Object.assign(turn, { last, heard: now }));
    if (chunk) turn.chunks.push(chunk);
    this.#go(now);
  }

  /** Forget what waits. */
  clear() {
    this.#waiting.clear();
  }

  #go(now) {
    for (const [key, { chunks, last, heard }] of this.#waiting) {
      chunks.splice(0).forEach((chunk, index, all) => this.#play(chunk, last && index === all.length - 1));
      if (!last && now - heard < STALLED_MS) return;
      this.#waiting.delete(key);
    }
  }
}
