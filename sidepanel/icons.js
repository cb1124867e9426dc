/** Icons as path data, drawn on a 20 x 20 grid with a 1.5 stroke. */

const SVG = "http://www.w3.org/2000/svg";

/** @type {Record<string, string>} */
const PATHS = {
  menu: "M3.5 6h13M3.5 10h9M3.5 14h13",
  plus: "M10 4v12M4 10h12",
  send: "M10 16V4.5M5 9l5-5 5 5",
  stop: "M6 6h8v8H6z",
  page: "M5.5 3h6l3.5 3.5V17h-9.5zM11.5 3v3.5H15M8 10h4.5M8 13h4.5",
  selection: "M6 3H4.5v14H6M4.5 10M14 3h1.5v14H14M8 7.5h4M8 10h4M8 12.5h4",
  eye: "M2.5 10C5 6 7.5 4.5 10 4.5S15 6 17.5 10C15 14 12.5 15.5 10 15.5S5 14 2.5 10zM10 12.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6z",
  lock: "M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  copy: "M7.5 7.5h8v8.5h-8zM12.5 7.5V4h-8v8.5h3",
  check: "M4.5 10.5l3.5 3.5 7.5-8",
  close: "M5 5l10 10M15 5L5 15",
  retry: "M15.5 8A6 6 0 1 0 16 11M16 4v4h-4",
  trash: "M4 6h12M8 6V4h4v2M6 6l.7 10.5h6.6L14 6M8.7 9v5M11.3 9v5",
  down: "M10 4.5v11M5 10.5l5 5 5-5",
  chevron: "M7.5 5l5 5-5 5",
  tool: "M12.5 3.5a4 4 0 0 0-3.6 5.6L3.5 14.5l2 2 5.4-5.4A4 4 0 0 0 16.4 7l-2.6 1.6-1.9-.5-.5-1.9z",
  warn: "M10 3.5L17.5 16h-15zM10 8.5v3.5M10 14v.3",
  info: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 9.2v4.3M10 6.6v.3",
  hand: "M10 2.8l6 2.4v4.5c0 3.6-2.5 6.2-6 7.5-3.5-1.3-6-3.9-6-7.5V5.2z",
  list: "M4 6l1 1 2-2M10 6h6.5M4 12.5l1 1 2-2M10 12.5h6.5",
  chat: "M3.5 4.5h13v9H9l-3.5 3v-3h-2z",
  out: "M7 13L15.5 4.5M9 4.5h6.5V11M12 10.5V16H4V8h5.5",
  download: "M10 3.5v9M6 8.5l4 4 4-4M4 16.5h12",
  upload: "M10 13V4M6 8l4-4 4 4M4 16.5h12",
  edit: "M4 16l.8-3.4 8.7-8.7 2.6 2.6-8.7 8.7z",
  undo: "M7.5 4.5L4 8l3.5 3.5M4 8h7.5a4.5 4.5 0 0 1 0 9H8",
  server: "M4 4h12v5H4zM4 11h12v5H4zM6.8 6.5v.1M6.8 13.5v.1",
  globe:
    "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM3 10h14M10 3c2.5 2.4 2.5 11.6 0 14M10 3c-2.5 2.4-2.5 11.6 0 14",
  click: "M8 8l8.5 3-3.6 1.6L11.3 16zM8 3.5v1.8M3.5 8h1.8M4.8 4.8l1.3 1.3M11.2 4.8L9.9 6.1",
};

/** @param {string} name @returns {SVGSVGElement} */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name] ?? "");
  svg.append(path);
  return svg;
}
