/** The page's own line icons, drawn on a 20 × 20 grid. */

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  hash: "M7.5 3.5 6 16.5M14 3.5l-1.5 13M3.5 7.5h13M3.2 12.5h13",
  lock: "M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  menu: "M3.5 6h13M3.5 10h13M3.5 14h13",
  close: "M5 5l10 10M15 5 5 15",
  back: "M12 4.5 6.5 10l5.5 5.5",
  down: "M5.5 8l4.5 4.5L14.5 8",
  arrowDown: "M10 4v11.5M5.5 11l4.5 4.5 4.5-4.5",
  more: "M10 5.2v.01M10 10v.01M10 14.8v.01",
  moreWide: "M5.2 10v.01M10 10v.01M14.8 10v.01",
  reply: "M4 4.5h12v8.5H9.5L6 16v-3H4z",
  link: "M8.5 11.5l3-3M9 6l1.8-1.8a3.4 3.4 0 0 1 4.9 4.9L14 10.8M11 14l-1.8 1.8a3.4 3.4 0 0 1-4.9-4.9L6 9.2",
  send: "M3.5 4.2 17 10 3.5 15.8 5.2 10zM5.2 10H11",
  bolt: "M11.2 3 5 11.2h4.3L8.8 17 15 8.8h-4.3z",
  search: "M9 4a5 5 0 1 0 0 10A5 5 0 0 0 9 4zM12.7 12.7 16.5 16.5",
  clock: "M10 3.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM10 6.5V10l2.5 1.8",
  sun: "M10 6.8a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4zM10 2.5v1.5M10 16v1.5M2.5 10H4M16 10h1.5M4.7 4.7l1 1M14.3 14.3l1 1M15.3 4.7l-1 1M5.7 14.3l-1 1",
  week: "M4 5h12v11.5H4zM4 8.5h12M7.2 3.2V6M12.8 3.2V6",
  wave: "M2.5 10.5h3l2-5.5 4 10 2.5-6 1 1.5h2.5",
  eye: "M2.5 10S5.2 5 10 5s7.5 5 7.5 5-2.7 5-7.5 5-7.5-5-7.5-5zM10 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
  play: "M7 4.5v11l8.5-5.5z",
  check: "M4.5 10.5 8.5 14.5 15.5 6",
  alert: "M10 3.5 17.5 16.5h-15zM10 8.5v3.5M10 14.2v.01",
  spark: "M10 3l1.7 5.3L17 10l-5.3 1.7L10 17l-1.7-5.3L3 10l5.3-1.7z",
  plus: "M10 4.5v11M4.5 10h11",
  shared: "M7.5 6a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12.5 6a4 4 0 1 0 0 8 4 4 0 0 0 0-8z",
  people: "M7.5 4.5a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2zM2.5 16c0-2.8 2-4.3 5-4.3s5 1.5 5 4.3M13 9.2a2.2 2.2 0 1 0-1-4.2M14.5 12c1.9.4 3 1.8 3 4",
  leave: "M8.5 4H4v12h4.5M8 10h9M13.5 6.5 17 10l-3.5 3.5",
  trash: "M4.5 6h11M8 6V4h4v2M6 6l.8 10.5h6.4L14 6",
  home: "M3.5 9.5 10 4l6.5 5.5M5.5 8.5v8h9v-8",
};

/**
 * A decorative icon; what it stands beside carries the name.
 * @param {keyof typeof PATHS} name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
