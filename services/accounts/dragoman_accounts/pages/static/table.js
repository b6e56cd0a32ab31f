// Rows of tables, and lists that come by pages.

import { $, make } from "./dom.js";
import { read } from "./rest.js";

/** A cell: a text, an element, or `[number]`, which is set to the right. */
function cell(content) {
  return Array.isArray(content) ? make("td", { class: "number" }, content[0]) : make("td", {}, content);
}

/** A row of cells. */
export const row = (...cells) => make("tr", {}, ...cells.map(cell));

/** Replace the rows of a table's body. */
export const show = (id, rows) => $(id).replaceChildren(...rows);

/**
 * Read the first page of a list into a table; its button reads the next one.
 * @param {string} path of the list, with its query
 * @param {string} rows the id of the table's body
 * @param {string} more the id of the button
 * @param {(item: object) => Element} drawn
 * @param {(work: () => Promise) => Promise} told shows what is wrong
 */
export async function paged(path, rows, more, drawn, told) {
  const page = await read(path);
  show(rows, page.items.map(drawn));
  const next = (known) => {
    $(more).hidden = !known.next;
    $(more).onclick = () =>
      told(async () => {
        const following = await read(`${path}${path.includes("?") ? "&" : "?"}after=${encodeURIComponent(known.next)}`);
        $(rows).append(...following.items.map(drawn));
        next(following);
      });
  };
  next(page);
  return page.items;
}
