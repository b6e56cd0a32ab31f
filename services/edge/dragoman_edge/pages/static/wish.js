// What the playground's choices ask of a session.

import { $ } from "./dom.js";
import { ticked } from "./several.js";

/** The `start` message of the native API, without its type and key. */
export function wish() {
  const targets = [$("to").value, ...ticked($("also"))];
  const made = { spoken: $("from").value, to: [...new Set(targets)], stability: $("stability").value, speech: $("aloud").checked };
  const both = [$("from").value, $("to").value];
  if ($("two-way").checked) Object.assign(made, { spoken: both, to: both, two_way: true });
  if ($("keep").checked || $("keep-audio").checked) made.keep = { text: true, ...($("keep-audio").checked ? { audio: true } : {}) };
  if ($("voice").value) made.voices = { [$("to").value]: $("voice").value };
  const vocabulary = $("vocabulary").value.split(/[\n,]/).map((term) => term.trim()).filter(Boolean);
  if (vocabulary.length) made.vocabulary = vocabulary;
  const lines = $("dictionary").value.split("\n").map((line) => /^([^=]+)=(.+)$/.exec(line)).filter(Boolean);
  const terms = lines.map(([, term, target]) => ({ source: term.trim(), target: target.trim() })).filter(({ source, target }) => source && target);
  if (terms.length) made.dictionary = terms;
  return made;
}
