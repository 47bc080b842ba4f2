/** Slack's mrkdwn to DOM nodes. Nothing here ever parses HTML. */

import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { address, broadcast, channelLink, date, emojiNode, groupMention, mention } from "./render/pieces.js";

/** @param {string} text with `&amp;`, `&lt;` and `&gt;` as Slack sends them */
export const unescape = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

/**
 * @param {string} text
 * @param {{verbatim?: boolean}} [options] `verbatim`: bare addresses stay text
 * @returns {HTMLElement} a `div.text`
 */
export function mrkdwn(text, { verbatim = false } = {}) {
  // \0 and \u0001 mark the places of tokens below.
  const source = String(text ?? "").replace(/[\0\u0001]/g, "");
  const parts = source.split(/```([\s\S]*?)```/);
  const nodes = parts.map((part, index) => (index % 2 ? preformatted(part) : paragraphs(part, { verbatim })));
  return h("div", { class: "text", dir: "auto" }, nodes);
}

/** Text that is shown as it is; emoji short names are drawn unless `emojiOn` is false. */
export function plain(text, emojiOn = true) {
  const source = unescape(String(text ?? ""));
  return emojiOn ? withEmoji(source) : [source];
}

/** A Block Kit text object. */
export function textObject(object) {
  if (!object) return null;
  if (object.type === "mrkdwn") return mrkdwn(object.text, { verbatim: object.verbatim });
  return h("div", { class: "text", dir: "auto" }, plain(object.text, object.emoji !== false));
}

function withEmoji(text) {
  return text.split(/(:[a-z0-9_+-]+:)/).map((part, index) => (index % 2 && emoji(part.slice(1, -1)) ? emojiNode(part.slice(1, -1)) : part));
}

const preformatted = (text) => h("pre", { dir: "auto" }, unescape(text.replace(/^\n|\n$/g, "").replace(/<([^>|\n]+)(?:\|([^>\n]+))?>/g, (_, url, label) => label ?? url)));

function paragraphs(part, options) {
  const tokens = [];
  const marked = part.replace(/<([^<>\n]+)>/g, (whole, inner) => {
    const token = tokenOf(inner);
    return token ? `\0${tokens.push(token) - 1}\u0001` : whole;
  });
  const context = { ...options, tokens };
  return groups(marked.replace(/^\n|\n$/g, "").split("\n")).map((group) => draw(group, context));
}

/** Neighbouring lines of one kind: a quote, a list item, or plain lines. */
function groups(lines) {
  const found = [];
  let rest = false; // ">>>" quotes everything after it
  for (const line of lines) {
    const [kind, text] = rest ? ["quote", line] : kindOf(line);
    if (/^(&gt;|>){3}/.test(line)) rest = true;
    const last = found.at(-1);
    if (last?.kind === kind) last.lines.push(text);
    else found.push({ kind, lines: [text] });
  }
  return found;
}

function kindOf(line) {
  const quote = line.match(/^(?:&gt;|>){1,3} ?(.*)$/);
  if (quote) return ["quote", quote[1]];
  if (/^\s*(?:[•◦▪–-]|\d{1,3}[.)])\s+\S/.test(line)) return ["list", line];
  return ["plain", line];
}

function draw({ kind, lines }, context) {
  if (kind === "quote") return h("blockquote", {}, withBreaks(lines, context));
  if (kind === "list") return lines.map((line) => listLine(line, context));
  return h("span", { class: "lines" }, withBreaks(lines, context));
}

// The marker stays what the writer typed; only the indent is ours.
function listLine(line, context) {
  const [, indent, marker, text] = line.match(/^(\s*)(\S+)\s+(.*)$/);
  const depth = String(Math.min(4, Math.floor(indent.length / 2)));
  return h("div", { class: "list-line", dataset: { depth } }, h("span", { class: "marker" }, marker), h("span", {}, inline(text, context)));
}

const withBreaks = (lines, context) => lines.map((line, index) => [index ? h("br") : null, inline(line, context)]);

const INLINE = new RegExp(
  [
    "`([^`\\n]+)`",
    "(?<![\\p{L}\\p{N}*])\\*(?!\\s)([^*\\n]+?)(?<!\\s)\\*(?![\\p{L}\\p{N}*])",
    "(?<![\\p{L}\\p{N}_])_(?!\\s)([^_\\n]+?)(?<!\\s)_(?![\\p{L}\\p{N}_])",
    "(?<![\\p{L}\\p{N}~])~(?!\\s)([^~\\n]+?)(?<!\\s)~(?![\\p{L}\\p{N}~])",
    ":([a-z0-9_+-]+):",
    "(https?://[^\\s<>|\\0\\u0001]*[^\\s<>|\\0\\u0001.,;:!?)'\"\\]*_~])",
    "\\0(\\d+)\\u0001",
  ].join("|"),
  "gu",
);

function inline(text, context) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(unescape(text.slice(from, match.index)), styled(match, context));
    from = match.index + match[0].length;
  }
  nodes.push(unescape(text.slice(from)));
  return nodes;
}

function styled([whole, code, bold, italic, strike, name, url, token], context) {
  if (code) return h("code", {}, unescape(code.replace(/\0(\d+)\u0001/g, (_, index) => context.tokens[index].text)));
  if (bold) return h("strong", {}, inline(bold, context));
  if (italic) return h("em", {}, inline(italic, context));
  if (strike) return h("s", {}, inline(strike, context));
  if (name) return emojiNode(name);
  if (url) return context.verbatim ? unescape(url) : address(unescape(url));
  return token === undefined ? whole : context.tokens[token].node();
}

/** What `<…>` stands for, or null when it is no token. `text` is how it reads inside code. */
function tokenOf(inner) {
  const [target, ...labels] = inner.split("|");
  const label = labels.length ? unescape(labels.join("|")) : undefined;
  const rest = unescape(target.slice(1));
  if (/^@[UW]\w+$/.test(target)) return { text: `@${label ?? rest}`, node: () => mention(rest, label) };
  if (/^#[CGD]\w+$/.test(target)) return { text: `#${label ?? rest}`, node: () => channelLink(rest, label) };
  if (target.startsWith("!")) return special(rest, label);
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return { text: label ?? unescape(target), node: () => address(unescape(target), label) };
  return null;
}

function special(command, label) {
  const [name, ...args] = command.split("^");
  if (["channel", "here", "everyone"].includes(name)) return { text: `@${name}`, node: () => broadcast(name) };
  if (name === "subteam") return { text: label ?? args[0], node: () => groupMention(args[0], label) };
  if (name === "date") {
    const [epoch, pattern, url] = args;
    return { text: label ?? "", node: () => date(Number(epoch), pattern ?? "{date}", url, label) };
  }
  return { text: label ?? name, node: () => label ?? `<${command}>` };
}
