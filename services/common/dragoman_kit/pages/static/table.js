// Rows of tables, and lists that come by pages.

import { $, make } from "./dom.js";

/** A cell: a text, an element, or `[number]`, which is set to the right. */
function cell(content) {
  return Array.isArray(content) ? make("td", { class: "number" }, content[0]) : make("td", {}, content);
}

/** A row of cells. */
export const row = (...cells) => make("tr", {}, ...cells.map(cell));

/** Replace what an element holds. */
export const show = (id, rows) => $(id).replaceChildren(...rows);

/**
 * Show the first page of a list; its button adds the next one.
 * @param {(after: string) => Promise<{items: object[], next: ?string}>} page reads the page behind `after`
 * @param {string} rows the id of the element that holds the list
 * @param {string} more the id of the button
 * @param {(item: object) => Element} drawn
 * @param {(work: () => Promise) => Promise} told shows what is wrong
 */
export async function paged(page, rows, more, drawn, told) {
  const first = await page("");
  show(rows, first.items.map(drawn));
  const next = (known) => {
    $(more).hidden = !known.next;
    $(more).onclick = () =>
      told(async () => {
        const following = await page(known.next);
        $(rows).append(...following.items.map(drawn));
        next(following);
      });
  };
  next(first);
  return first.items;
}
