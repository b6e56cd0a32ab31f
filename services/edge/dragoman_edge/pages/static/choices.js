// Languages that a person who chooses nothing is likely to want.

const WIDELY_SPOKEN = ["en", "zh", "hi", "es", "ar", "fr", "pt", "ru", "de", "ja", "it"];
const NEARLY = 10; // chrF that a widely spoken language may be worse than the best

/** The language of a tag, without its region. */
export const primary = (tag) => tag.split("-")[0].toLowerCase();
const own = () => (navigator.languages || []).map(primary);

/** What the person speaks, of some tags: the browser's language, or English. */
export const likelySource = (tags) => [...own(), "en"].map((language) => tags.find((tag) => primary(tag) === language)).find(Boolean) ?? tags[0];

/** What it becomes, of pairs from one language: another language of the browser, or a widely spoken one that is translated well. */
export function likelyTarget(pairs) {
  const most = Math.max(...pairs.map(({ quality }) => quality));
  const good = pairs.filter(({ quality }) => quality >= most - NEARLY);
  const first = (languages, among) => languages.map((language) => among.find(({ to }) => primary(to) === language)).find(Boolean);
  return (first(own(), pairs) ?? first(WIDELY_SPOKEN, good) ?? good[0])?.to;
}
