// Two people at one device: each half has one reader's language, of what that reader said and of what the other did.

import { primary } from "./choices.js";
import { direction, languageName, make, setGrowing } from "./dom.js";

const KEPT = 50; // utterances in a half

export class Halves {
  #place;
  #halves = new Map(); // by language: its element, and its lines by utterance

  /** @param {HTMLElement} place holds the halves; hidden while there are none */
  constructor(place) {
    this.#place = place;
  }

  /** Begin anew with two languages, the upper half first; none = no halves. */
  begin(languages) {
    this.#halves = new Map(languages.map((tag) => [primary(tag), half(tag)]));
    this.#place.replaceChildren(...[...this.#halves.values()].map(({ element }) => element));
    this.#place.hidden = languages.length === 0;
  }

  /** Show a text in the half of its language; `own` = its reader has said it. */
  show(utterance, language, own, text, sure) {
    const half = this.#halves.get(primary(language));
    if (!half) return;
    if (own) this.#leave(utterance, half);
    const line = half.lines.get(utterance) ?? added(half, utterance, language);
    line.className = own ? "own" : "translation";
    setGrowing(line, text, sure);
    half.element.scrollTop = half.element.scrollHeight;
  }

  /** Nothing was said after all. */
  remove(utterance) {
    this.#leave(utterance, null);
  }

  /** The language was heard wrongly at first. */
  #leave(utterance, kept) {
    for (const half of this.#halves.values()) {
      const line = half.lines.get(utterance);
      if (half === kept || (kept && line?.className !== "own")) continue;
      line?.remove();
      half.lines.delete(utterance);
    }
  }
}

function half(tag) {
  const element = make("section", { lang: tag, tabindex: "0", "aria-label": languageName(tag) }, make("h2", { lang: document.documentElement.lang }, languageName(tag)));
  return { element, lines: new Map() };
}

function added(half, utterance, language) {
  const line = make("p", { lang: language, dir: direction(language) });
  half.lines.set(utterance, line);
  half.element.append(line);
  if (half.lines.size > KEPT) {
    const [oldest] = half.lines.keys();
    half.lines.get(oldest).remove();
    half.lines.delete(oldest);
  }
  return line;
}
