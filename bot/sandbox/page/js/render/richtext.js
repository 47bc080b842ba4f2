/** `rich_text` blocks. Their text elements are shown as they are: never parsed. */

import { h } from "../dom.js";
import { address, broadcast, channelLink, date, emojiNode, groupMention, mention } from "./pieces.js";

/** @param {{elements: object[]}} block */
export function richText(block) {
  return h("div", { class: "text rich", dir: "auto" }, lists(block.elements ?? []));
}

function lists(elements) {
  const counters = new Map(); // an ordered list goes on after a nested one
  return elements.map((element) => {
    if (element.type !== "rich_text_list") {
      counters.clear();
      return container(element);
    }
    return list(element, counters);
  });
}

function container(element) {
  const inner = (element.elements ?? []).map(inline);
  switch (element.type) {
    case "rich_text_section":
      return h("div", { class: "rich-section" }, inner);
    case "rich_text_quote":
      return h("blockquote", {}, inner);
    case "rich_text_preformatted":
      return h("pre", {}, inner);
    default:
      return h("span", { class: "unknown-inline" }, element.type);
  }
}

function list(element, counters) {
  const indent = element.indent ?? 0;
  const ordered = element.style === "ordered";
  const start = (element.offset ?? counters.get(indent) ?? 0) + 1;
  const items = (element.elements ?? []).map((section) => h("li", {}, (section.elements ?? []).map(inline)));
  if (ordered) counters.set(indent, start - 1 + items.length);
  return h(ordered ? "ol" : "ul", { class: "rich-list", dataset: { indent: String(Math.min(indent, 6)) }, start: ordered ? start : null }, items);
}

function inline(element) {
  return styled(bare(element), element.style ?? {});
}

function bare(element) {
  switch (element.type) {
    case "text":
      return element.text;
    case "link":
      return address(element.url, element.text);
    case "user":
      return mention(element.user_id);
    case "channel":
      return channelLink(element.channel_id);
    case "usergroup":
      return groupMention(element.usergroup_id);
    case "broadcast":
      return broadcast(element.range);
    case "emoji":
      return emojiNode(element.name);
    case "date":
      return date(Number(element.timestamp), element.format ?? "{date}", element.url, element.fallback);
    case "color":
      return h("span", { class: "color-chip" }, h("i", { style: { "background-color": element.value } }), element.value);
    default:
      return h("span", { class: "unknown-inline" }, element.type ?? "unknown");
  }
}

function styled(node, style) {
  let result = node;
  if (style.code) result = h("code", {}, result);
  if (style.strike) result = h("s", {}, result);
  if (style.underline) result = h("u", {}, result);
  if (style.italic) result = h("em", {}, result);
  if (style.bold) result = h("strong", {}, result);
  if (style.highlight) result = h("mark", {}, result);
  return result;
}
