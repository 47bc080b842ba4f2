/** The `markdown` block: standard Markdown, the part of it that messages use. */

import { h } from "./dom.js";
import { address, emojiNode } from "./render/pieces.js";

/** @param {string} text */
export function markdown(text) {
  const parts = String(text ?? "").split(/^```\w*\n([\s\S]*?)^```$/m);
  const nodes = parts.map((part, index) => (index % 2 ? h("pre", {}, part.replace(/\n$/, "")) : part.split(/\n{2,}/).map(chunk)));
  return h("div", { class: "text markdown", dir: "auto" }, nodes);
}

function chunk(source) {
  const lines = source.split("\n").filter((line) => line.trim());
  const nodes = [];
  while (lines.length) nodes.push(take(lines));
  return nodes;
}

/** Takes the lines of one element off the front. */
function take(lines) {
  const heading = lines[0].match(/^(#{1,6})\s+(.*)$/);
  if (heading) {
    lines.shift();
    return h("p", { class: `md-h md-h${heading[1].length}`, role: "heading", "aria-level": heading[1].length + 2 }, inline(heading[2]));
  }
  if (/^(-{3,}|\*{3,})$/.test(lines[0].trim())) return lines.shift() && h("hr");
  if (/^>/.test(lines[0])) return h("blockquote", {}, broken(takeWhile(lines, /^> ?/)));
  if (/^\s*[-*+]\s/.test(lines[0])) return h("ul", {}, takeWhile(lines, /^\s*[-*+]\s+/).map(item));
  if (/^\s*\d+\.\s/.test(lines[0])) return h("ol", {}, takeWhile(lines, /^\s*\d+\.\s+/).map(item));
  if (/^\|/.test(lines[0])) return table(takeWhile(lines, /^(?=\|)/));
  const plainLines = [lines.shift()];
  while (lines.length && !/^(#{1,6}\s|>|\s*[-*+]\s|\s*\d+\.\s|\|)/.test(lines[0])) plainLines.push(lines.shift());
  return h("p", {}, broken(plainLines));
}

function takeWhile(lines, start) {
  const taken = [];
  while (lines.length && start.test(lines[0])) taken.push(lines.shift().replace(start, ""));
  return taken;
}

const item = (text) => h("li", {}, inline(text));
const broken = (lines) => lines.map((line, index) => [index ? h("br") : null, inline(line)]);

function table(lines) {
  const rows = lines
    .map((line) => line.replace(/^\||\|\s*$/g, "").split("|").map((cell) => cell.trim()))
    .filter((cells) => !cells.every((cell) => /^:?-+:?$/.test(cell)));
  const [head, ...body] = rows;
  return h(
    "div",
    { class: "table-wrap", tabindex: "0" },
    h("table", {}, h("thead", {}, h("tr", {}, head.map((cell) => h("th", {}, inline(cell))))), h("tbody", {}, body.map((cells) => h("tr", {}, cells.map((cell) => h("td", {}, inline(cell))))))),
  );
}

const INLINE = /`([^`]+)`|\*\*(.+?)\*\*|__(.+?)__|\*(?!\s)([^*]+?)\*|(?<!\w)_(?!\s)([^_]+?)_(?!\w)|~~(.+?)~~|!?\[([^\]]*)\]\(([^)\s]+)\)|:([a-z0-9_+-]+):|(https?:\/\/[^\s<>]*[^\s<>.,;:!?)'"\]])/g;

function inline(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(text.slice(from, match.index), styled(match));
    from = match.index + match[0].length;
  }
  nodes.push(text.slice(from));
  return nodes;
}

function styled([whole, code, bold, bold2, italic, italic2, strike, label, url, name, bare]) {
  if (code) return h("code", {}, code);
  if (bold ?? bold2) return h("strong", {}, inline(bold ?? bold2));
  if (italic ?? italic2) return h("em", {}, inline(italic ?? italic2));
  if (strike) return h("s", {}, inline(strike));
  if (url) return address(url, label || undefined);
  if (name) return emojiNode(name);
  return bare ? address(bare) : whole;
}
