/** Block Kit's blocks. */

import { h, link } from "../dom.js";
import { markdown } from "../markdown.js";
import { plain, textObject } from "../mrkdwn.js";
import { renderElement } from "./elements.js";
import { image } from "./images.js";
import { inputBlock } from "./inputs.js";
import { richText } from "./richtext.js";

/**
 * Draws blocks on a surface.
 * @param {object[]} blocks
 * @param {import("./surface.js").Surface} surface
 */
export function renderBlocks(blocks, surface) {
  return h("div", { class: "blocks" }, (blocks ?? []).map((block) => oneBlock(block, surface)));
}

function oneBlock(block, surface) {
  const draw = BLOCKS[block.type] ?? unknown;
  const node = draw(block, surface);
  node.classList.add("block", `block-${CSS.escape(block.type ?? "none")}`);
  if (block.block_id) node.dataset.blockId = block.block_id;
  return node;
}

const BLOCKS = {
  section,
  actions: (block, surface) => h("div", {}, (block.elements ?? []).map((element) => renderElement(element, { surface, blockId: block.block_id }))),
  context_actions: (block, surface) => h("div", {}, (block.elements ?? []).map((element) => renderElement(element, { surface, blockId: block.block_id }))),
  context: (block) => h("div", {}, (block.elements ?? []).map((element) => (element.type === "image" ? image(element) : textObject(element)))),
  header: (block) => h("div", { role: "heading", "aria-level": "3", dir: "auto" }, plain(block.text?.text)),
  divider: () => h("hr"),
  image: (block) => h("figure", {}, block.title ? h("figcaption", {}, plain(block.title.text)) : null, image(block)),
  input: inputBlock,
  rich_text: (block) => h("div", {}, richText(block)),
  table,
  markdown: (block) => h("div", {}, markdown(block.text)),
  video,
  alert: (block) => h("div", { dataset: { level: block.level ?? "default" } }, textObject(block.text)),
  file: (block) => h("div", {}, link(block.external_id ?? "", "A file")),
};

function section(block, surface) {
  const fields = block.fields ? h("div", { class: "fields" }, block.fields.map(textObject)) : null;
  const body = h("div", { class: "section-body" }, block.text ? textObject(block.text) : null, fields);
  const accessory = block.accessory ? h("div", { class: "accessory" }, renderElement(block.accessory, { surface, blockId: block.block_id })) : null;
  const text = body.textContent.length;
  if (text > 1200 || body.querySelectorAll("br").length > 14) foldable(body);
  return h("div", {}, body, accessory);
}

/** Long texts start folded, as a reader scrolling by wants them. */
export function foldable(body) {
  const toggle = h("button", { type: "button", class: "unfold", "aria-expanded": "false" }, "See more");
  const inner = h("div", { class: "folded" }, ...body.childNodes);
  toggle.addEventListener("click", () => {
    const open = inner.classList.toggle("unfolded");
    toggle.textContent = open ? "See less" : "See more";
    toggle.setAttribute("aria-expanded", String(open));
  });
  body.replaceChildren(inner, toggle);
}

function table(block) {
  const settings = block.column_settings ?? [];
  const rows = (block.rows ?? []).map((cells, row) =>
    h("tr", {}, cells.map((cell, column) => tableCell(cell, row === 0 ? "th" : "td", settings[column]))),
  );
  return h("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", {}, h("thead", {}, rows.slice(0, 1)), h("tbody", {}, rows.slice(1))));
}

function tableCell(cell, tag, setting) {
  const content = cell.type === "rich_text" ? richText(cell) : h("span", { dir: "auto" }, String(cell.text ?? cell.value ?? ""));
  return h(tag, { dataset: { align: setting?.align }, class: setting?.is_wrapped ? "wraps" : null, scope: tag === "th" ? "col" : null }, content);
}

/** A video as a link: nothing outside of the sandbox is embedded. */
function video(block) {
  const title = block.title?.text ?? "Video";
  return h(
    "div",
    {},
    h("div", { class: "video-card" }, h("span", { class: "video-play", "aria-hidden": "true" }, "▶"), h("div", {}, link(block.title_url ?? block.video_url ?? "", title), block.description ? h("div", { class: "video-note" }, plain(block.description.text)) : null, block.provider_name ? h("div", { class: "video-note" }, block.provider_name) : null)),
  );
}

const unknown = (block) => h("div", { class: "unknown" }, `Unknown block: ${block.type ?? "no type"}`);
