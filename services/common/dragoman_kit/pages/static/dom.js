// Small helpers of the pages. Text of speakers and dictionaries is only ever set as text, never as markup.

/** The element with an id. */
export const $ = (id) => document.getElementById(id);

/** Make an element: `make("p", {class: "original"}, "text", child)`. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** Show a text of which the first `sure` characters will not change. */
export function setGrowing(element, text, sure) {
  const rest = text.slice(sure);
  element.replaceChildren(text.slice(0, sure), ...(rest ? [make("span", { class: "tentative" }, rest)] : []));
}

/** The name of a language in the language of the page. */
export function languageName(tag) {
  try {
    return new Intl.DisplayNames([document.documentElement.lang || "en"], { type: "language" }).of(tag) || tag;
  } catch {
    return tag;
  }
}

/** Whether a language is written from right to left. */
export const direction = (tag) => (/^(ar|fa|he|iw|ur|ps|sd|ug|yi|dv|ckb)\b/i.test(tag) ? "rtl" : "ltr");

/** Remember a choice of this browser; storage may be forbidden. */
export function remember(key, value) {
  try {
    localStorage.setItem(`dragoman.${key}`, JSON.stringify(value));
  } catch {
    /* private windows */
  }
}

/** A remembered choice, or what stands for it. */
export function remembered(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(`dragoman.${key}`)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Let the user save a text as a file. */
export function save(name, type, text) {
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
