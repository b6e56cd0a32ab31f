// The recording of a kept session: the sentence and the word that are heard are marked, a chosen sentence is played.

const HEARD = "heard"; // the name of the mark in app.css

/** The last of `lines`, sorted by `start` in ms, that has begun at a time; -1 = none. */
export function lineAt(lines, ms) {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lines[middle].start <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * Where the word is that is heard when a share of a sentence's time has passed. Times of words are not kept: a
 * word takes the share of the time that its letters have of the text.
 * @returns {[number, number]|null} first character, and the one behind the last; null = between two words
 */
export function wordAt(text, language, share) {
  const place = Math.min(Math.floor(share * text.length), text.length - 1);
  const parts = new Intl.Segmenter(language || undefined, { granularity: "word" }).segment(text);
  const found = parts.containing(Math.max(place, 0));
  return found?.isWordLike ? [found.index, found.index + found.segment.length] : null;
}

function highlight(text, from, to) {
  const range = new Range();
  range.setStart(text, from);
  range.setEnd(text, to);
  CSS.highlights.set(HEARD, new Highlight(range));
}

export class Recording {
  #audio;
  #load;
  #more;
  #lines = [];
  #marked = null;
  #asked = -1;
  #url = "";

  /**
   * @param {HTMLAudioElement} audio
   * @param {() => Promise<Blob>} load gets the sound, at the first need
   * @param {() => void} more shows further sentences, while the sound is behind the last one
   */
  constructor(audio, load, more) {
    [this.#audio, this.#load, this.#more] = [audio, load, more];
    audio.addEventListener("play", () => this.#run());
    audio.addEventListener("seeked", () => this.#mark());
  }

  /** One more sentence: `{start, end}` in ms, its `item`, and its `text` node with a `language`. */
  add(line) {
    this.#lines.push(line);
  }

  /** Another session is shown. */
  clear() {
    this.#audio.pause();
    this.#audio.removeAttribute("src");
    this.#audio.hidden = true;
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = "";
    this.#lines = [];
    this.#unmark();
  }

  /** Play from a time in ms. */
  async play(ms) {
    if (!this.#url) {
      this.#url = URL.createObjectURL(await this.#load());
      this.#audio.src = this.#url;
      this.#audio.hidden = false;
    }
    this.#audio.currentTime = ms / 1000;
    await this.#audio.play().catch(() => {}); // the browser wants a click on the player itself
  }

  #run() {
    this.#mark();
    if (!this.#audio.paused) requestAnimationFrame(() => this.#run());
  }

  #mark() {
    const now = 1000 * this.#audio.currentTime;
    const place = lineAt(this.#lines, now);
    const line = this.#lines[place];
    if (line !== this.#marked) this.#move(line);
    if (!line || !globalThis.Highlight) return;
    const over = now > line.end;
    const word = over ? [0, 0] : wordAt(line.text.data, line.language, (now - line.start) / (line.end - line.start));
    if (word) highlight(line.text, ...word);
    if (over && place === this.#lines.length - 1 && this.#asked !== place) {
      this.#asked = place;
      this.#more();
    }
  }

  #move(line) {
    this.#unmark();
    this.#marked = line ?? null;
    line?.item.setAttribute("aria-current", "true");
    line?.item.scrollIntoView({ block: "nearest" });
  }

  #unmark() {
    this.#marked?.item.removeAttribute("aria-current");
    this.#marked = null;
    this.#asked = -1;
    globalThis.CSS?.highlights?.delete(HEARD);
  }
}
