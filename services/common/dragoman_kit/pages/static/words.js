// The pages' own words. One file for each language in words/; English is complete, others fall back to it.

const KNOWN = ["en", "de", "es", "fr", "pt"];
let words = {};

async function file(language) {
  const answer = await fetch(new URL(`words/${language}.json`, import.meta.url));
  return answer.ok ? answer.json() : {};
}

/** Load the words of the reader's language and put them into the page. */
export async function loadWords() {
  const wanted = (navigator.languages || ["en"]).map((tag) => tag.slice(0, 2).toLowerCase());
  const chosen = wanted.find((language) => KNOWN.includes(language)) || "en";
  const [english, own] = await Promise.all([file("en"), chosen === "en" ? {} : file(chosen)]);
  words = { ...english, ...own };
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
