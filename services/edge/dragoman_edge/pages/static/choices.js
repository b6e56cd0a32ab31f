// Languages that a person who chooses nothing is likely to want.

const primary = (tag) => tag.split("-")[0].toLowerCase();
const own = () => (navigator.languages || []).map(primary);

/** What the person speaks, of some tags: the browser's language, or English. */
export const likelySource = (tags) => [...own(), "en"].map((language) => tags.find((tag) => primary(tag) === language)).find(Boolean) ?? tags[0];

/** What it becomes, of pairs from one language: another language of the browser, or the pair that is translated best. */
export function likelyTarget(pairs) {
  const wanted = own().map((language) => pairs.find(({ to }) => primary(to) === language)).find(Boolean);
  const best = pairs.toSorted((a, b) => (b.quality ?? 0) - (a.quality ?? 0))[0];
  return (wanted ?? best)?.to;
}
