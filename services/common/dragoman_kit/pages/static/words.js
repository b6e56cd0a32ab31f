// The pages' own words. One file for each language in words/, each of them complete.

const KNOWN = ["en", "de", "es", "fr", "pt"];
let words = {};

async function file(language) {
  const answer = await fetch(new URL(`words/${language}.json`, import.meta.url)).catch(() => null);
  return answer?.ok ? answer.json() : null;
}

/** Load the words of the reader's language and put them into the page. */
export async function loadWords() {
  const wanted = (navigator.languages || ["en"]).map((tag) => tag.slice(0, 2).toLowerCase());
  const chosen = wanted.find((language) => KNOWN.includes(language)) || "en";
  words = (await file(chosen)) ?? (await file("en")) ?? {};
  document.documentElement.lang = chosen;
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", word(element.dataset.label));
  }
  if (document.body.dataset.title) document.title = word(document.body.dataset.title);
}

/** A word of the page; `{name}` is replaced by a value. */
export function word(name, values = {}) {
  return (words[name] ?? name).replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}
