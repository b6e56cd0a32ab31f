// A plot of bars, one for each day, as SVG of elements and attributes alone.

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 220;
const FOOT = 24; // for the dates
const HEAD = 20; // for the highest figure

function element(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text != null) made.textContent = text;
  return made;
}

/**
 * Draw bars.
 * @param {{name: string, value: number}[]} bars in their order
 * @param {(value: number) => string} written a figure as text
 * @param {string} label the plot in words
 * @param {number} width pixels
 */
export function plot(bars, written, label, width) {
  const svg = element("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": label });
  const most = Math.max(...bars.map(({ value }) => value));
  const room = HEIGHT - FOOT - HEAD;
  const step = width / bars.length;
  bars.forEach(({ name, value }, n) => {
    const height = most ? (value / most) * room : 0;
    const bar = element("rect", { x: n * step + step * 0.1, y: HEAD + room - height, width: step * 0.8, height });
    bar.append(element("title", {}, `${name}: ${written(value)}`));
    svg.append(bar);
  });
  svg.append(element("line", { x1: 0, x2: width, y1: HEAD + room, y2: HEAD + room }));
  svg.append(element("text", { x: 0, y: 14 }, written(most)));
  svg.append(element("text", { x: 0, y: HEIGHT - 6 }, bars[0].name));
  svg.append(element("text", { x: width, y: HEIGHT - 6, "text-anchor": "end" }, bars.at(-1).name));
  return svg;
}
