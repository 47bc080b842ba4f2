/** JSON, indented and coloured. */

import { h } from "../dom.js";

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g;

/** @param {any} value a text is shown as JSON where it is JSON */
export function json(value) {
  const text = JSON.stringify(unpacked(value), null, 2) ?? "null";
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, string, colon, word, number] = match;
    const kind = string ? (colon ? "key" : "string") : word ? "word" : number ? "number" : "";
    nodes.push(text.slice(from, match.index), h("span", { class: `json-${kind}` }, string ?? whole), colon ?? "");
    from = match.index + whole.length;
  }
  nodes.push(text.slice(from));
  return h("pre", { class: "json" }, nodes);
}

/** Form fields such as `payload` and `blocks` carry JSON inside of a text. */
function unpacked(value) {
  if (Array.isArray(value)) return value.map(unpacked);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unpacked(item)]));
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
