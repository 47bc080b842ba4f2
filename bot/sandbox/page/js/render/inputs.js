/** The `input` block: a label, an element, a hint, and what is wrong with the entry. */

import { fill, h, uid } from "../dom.js";
import { icon } from "../icons.js";
import { plain } from "../mrkdwn.js";
import { renderElement } from "./elements.js";

/**
 * @param {{block_id: string, label: object, hint?: object, optional?: boolean, element: object, dispatch_action?: boolean}} block
 * @param {import("./surface.js").Surface} surface
 */
export function inputBlock(block, surface) {
  const label = block.label?.text ?? "";
  const element = renderElement(block.element, { surface, blockId: block.block_id, label, reports: Boolean(block.dispatch_action) });
  const control = element.matches("input, textarea, button") ? element : element.querySelector("input, textarea, button");
  const ids = { control: uid("field"), hint: uid("hint"), error: uid("error") };
  if (control && control.type !== "checkbox" && control.type !== "radio") control.id = ids.control;
  control?.setAttribute("aria-describedby", `${block.hint ? ids.hint : ""} ${ids.error}`.trim());
  return h(
    "div",
    { dataset: { optional: block.optional ? "true" : null }, oninput: forget, onchange: forget },
    h("label", { class: "input-label", for: ids.control, dir: "auto" }, plain(label), block.optional ? h("span", { class: "optional" }, " (optional)") : null),
    element,
    block.hint ? h("div", { class: "hint", id: ids.hint, dir: "auto" }, plain(block.hint.text)) : null,
    h("div", { class: "input-error", id: ids.error, role: "alert" }),
  );
}

/** @returns the control of the field, which is marked as wrong, or as right where there is no text */
function markError(node, text) {
  const control = node.querySelector("input, textarea, button");
  node.classList.toggle("has-error", Boolean(text));
  fill(node.querySelector(".input-error"), text ? [icon("alert"), h("span", {}, text)] : null);
  control?.setAttribute("aria-invalid", String(Boolean(text)));
  return control;
}

// What was wrong is no longer said of a field that somebody has changed since.
const forget = (event) => {
  const node = event.currentTarget.closest(".block-input.has-error");
  if (node) markError(node, "");
};

/**
 * Shows what is wrong beside each field and brings the first into view.
 * @param {HTMLElement} root
 * @param {Record<string, string>} errors a sentence for each block_id
 * @returns {string[]} the sentences that no field here belongs to
 */
export function showErrors(root, errors) {
  const left = { ...errors };
  let first = null;
  for (const node of root.querySelectorAll(".block-input")) {
    const text = left[node.dataset.blockId];
    delete left[node.dataset.blockId];
    const control = markError(node, text);
    if (text) first ??= control;
  }
  first?.focus({ preventScroll: true });
  first?.closest(".block-input").scrollIntoView({ block: "center" });
  return Object.values(left);
}

/**
 * What Slack's own client refuses before it asks the app.
 * @param {object[]} blocks
 * @param {Record<string, Record<string, any>>} values
 */
export function mistakes(blocks, values) {
  const found = {};
  for (const block of blocks ?? []) {
    if (block.type !== "input") continue;
    const value = values[block.block_id]?.[block.element.action_id];
    const mistake = mistakeIn(block, value);
    if (mistake) found[block.block_id] = mistake;
  }
  return found;
}

function mistakeIn({ element, optional }, value) {
  const empty = value === null || value === undefined || value.length === 0 || (typeof value === "string" && !value.trim());
  if (empty) return optional ? null : "Please complete this field.";
  const length = typeof value === "string" ? [...value].length : 0;
  if (element.max_length && length > element.max_length) return `Please use at most ${element.max_length} characters; this has ${length}.`;
  if (element.min_length && length < element.min_length) return `Please use at least ${element.min_length} characters.`;
  if (element.type === "number_input") return numberMistake(element, value);
  if (element.type === "email_text_input" && !/^\S+@\S+\.\S+$/.test(value)) return "Please enter an email address.";
  if (element.type === "url_text_input" && !/^https?:\/\/\S+$/i.test(value)) return "Please enter an address that begins with https://";
  return null;
}

function numberMistake(element, value) {
  const pattern = element.is_decimal_allowed ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/;
  if (!pattern.test(value.trim())) return element.is_decimal_allowed ? "Please enter a number." : "Please enter a whole number.";
  if (element.min_value !== undefined && Number(value) < Number(element.min_value)) return `Please enter ${element.min_value} or more.`;
  if (element.max_value !== undefined && Number(value) > Number(element.max_value)) return `Please enter ${element.max_value} or less.`;
  return null;
}
