// The speakers of a kept session: a name of their own, and two that are one.

import { $, make } from "./dom.js";
import { word } from "./words.js";

const NOBODY = "0"; // the one speaker of a session that does not tell speakers apart

/** A speaker as people call them. */
export const named = (id, label) => (label && label !== id ? label : word("tasks.speaker", { name: id }));

/**
 * Show the speakers of a session.
 * @param {Map<string, string>} speakers labels by id
 * @param {{rename: (id: string, label: string) => void, merge: (id: string, other: string) => void}} on
 */
export function showSpeakers(speakers, on) {
  const known = [...speakers].filter(([id]) => id !== NOBODY);
  $("speakers").hidden = known.length === 0;
  $("speaker-rows").replaceChildren(...known.map(([id, label]) => speaker(id, label, known, on)));
}

/** A choice of who has said a sentence. */
export function chooser(id, label, speakers, onChoice) {
  const select = make("select", { class: "quiet", "aria-label": word("tasks.whose") });
  const fill = () => {
    const known = new Map([[id, label], ...speakers()].filter(([one]) => one !== NOBODY));
    select.replaceChildren(...[...known].map(([value, text]) => make("option", { value, selected: value === id }, named(value, text))));
  };
  fill();
  select.addEventListener("focus", fill); // more may be known by now
  select.addEventListener("change", () => onChoice(select.value));
  return select;
}

function speaker(id, label, known, on) {
  const name = make("input", { value: label && label !== id ? label : "", placeholder: id, maxlength: 100, required: true, "data-speaker": id });
  const renaming = make("label", { class: "field" }, make("span", {}, word("tasks.name_of", { name: id })), name);
  const form = make("form", { class: "bar" }, renaming, make("button", {}, word("tasks.rename")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    on.rename(id, name.value);
  });
  const others = known.filter(([other]) => other !== id);
  if (others.length) form.append(same(id, label, others, on));
  return make("li", {}, form);
}

function same(id, label, others, on) {
  const choices = others.map(([other, theirs]) => make("option", { value: other }, named(other, theirs)));
  const select = make("select", { "data-merge": id }, make("option", { value: "" }, "–"), ...choices);
  select.addEventListener("change", () => {
    const chosen = select.value;
    select.value = "";
    if (chosen && confirm(word("tasks.merge_sure", { name: named(id, label), other: named(chosen, new Map(others).get(chosen)) }))) on.merge(id, chosen);
  });
  return make("label", { class: "field" }, make("span", {}, word("tasks.same_as")), select);
}
