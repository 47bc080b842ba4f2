/** Block Kit's interactive elements. Each is drawn by one function of `(element, slot)`. */

import { h, safeHref, uid } from "../dom.js";
import { icon } from "../icons.js";
import { confirmation, menu } from "../layers.js";
import { plain, textObject } from "../mrkdwn.js";
import { image } from "./images.js";
import { FIELDS } from "./fields.js";
import { SELECTS } from "./selects.js";

/**
 * Where an element stands.
 * @typedef {{surface: import("./surface.js").Surface, blockId: string, actionId: string, label: string,
 *   reports: boolean}} Slot
 * `reports`: a change is told to the app at once; `label`: the name of the input around it, for aria.
 */

/**
 * Draws an element.
 * @param {object} element
 * @param {{surface: object, blockId: string, label?: string, reports?: boolean}} place
 */
export function renderElement(element, { surface, blockId, label = "", reports = true }) {
  const slot = { surface, blockId, actionId: element.action_id ?? "", label, reports };
  const draw = { ...BASIC, ...FIELDS, ...SELECTS }[element.type];
  if (!draw) return h("span", { class: "unknown" }, `Unknown element: ${element.type}`);
  const node = draw(element, withConfirm(element, slot));
  if (slot.actionId) Object.assign(node.dataset, { actionId: slot.actionId, blockId });
  return node;
}

/** Adds `report`: tells the app of a value, after the element's confirmation if it has one. */
function withConfirm(element, slot) {
  const report = async (node, value) => {
    if (!slot.reports) return true;
    if (element.confirm && !(await confirmed(element.confirm))) return false;
    await slot.surface.act(node, slot.blockId, slot.actionId, value);
    return true;
  };
  return { ...slot, report };
}

const confirmed = (spec) =>
  confirmation({
    title: spec.title?.text ?? "Are you sure?",
    text: textObject(spec.text),
    confirm: spec.confirm?.text ?? "Yes",
    deny: spec.deny?.text ?? "Cancel",
    danger: spec.style === "danger",
  });

const BASIC = { button, workflow_button: button, overflow, image, checkboxes, radio_buttons: radios, icon_button: iconButton };

function button(element, slot) {
  const style = { primary: "btn-primary", danger: "btn-danger" }[element.style] ?? "";
  const href = element.url ? safeHref(element.url) : null;
  const press = async (event) => {
    const node = event.currentTarget;
    const agreed = await slot.report(node, element.value ?? null);
    if (agreed && href) window.open(href, "_blank", "noopener");
  };
  return h(
    "button",
    { type: "button", class: `btn ${style}`, "aria-label": element.accessibility_label, onclick: press },
    h("span", { class: "btn-label" }, plain(element.text?.text, element.text?.emoji !== false)),
    element.url ? h("span", { class: "btn-out", "aria-hidden": "true" }, "↗") : null,
  );
}

function iconButton(element, slot) {
  return h("button", { type: "button", class: "btn", onclick: (event) => slot.report(event.currentTarget, element.value ?? null) }, plain(element.text?.text));
}

function overflow(element, slot) {
  const node = h("button", { type: "button", class: "btn btn-icon icon-dots", "aria-label": "More options", "aria-haspopup": "menu", "aria-expanded": "false" }, icon("moreWide"));
  const items = (element.options ?? []).map((option) => ({
    label: option.text.text,
    note: option.description?.text,
    data: { value: option.value },
    run: async () => {
      const agreed = await slot.report(node, option.value);
      if (agreed && option.url && safeHref(option.url)) window.open(safeHref(option.url), "_blank", "noopener");
    },
  }));
  node.addEventListener("click", () => menu(node, items, { label: "More options" }));
  return node;
}

function checkboxes(element, slot) {
  const preset = (element.initial_options ?? []).map((option) => option.value);
  const chosen = new Set(slot.surface.initial(slot.blockId, slot.actionId, preset) ?? []);
  return choices(element, slot, "checkbox", chosen, (value, checked) => (checked ? chosen.add(value) : chosen.delete(value)), () => [...chosen]);
}

function radios(element, slot) {
  let chosen = slot.surface.initial(slot.blockId, slot.actionId, element.initial_option?.value ?? null);
  return choices(element, slot, "radio", new Set([chosen]), (value) => (chosen = value), () => chosen);
}

function choices(element, slot, type, checked, choose, read) {
  slot.surface.track(slot.blockId, slot.actionId, read);
  const group = uid("choice");
  const rows = (element.options ?? []).map((option, index) => {
    const input = h("input", { type, name: group, value: option.value, checked: checked.has(option.value), autofocus: element.focus_on_load && index === 0 });
    input.addEventListener("change", () => {
      choose(option.value, input.checked);
      slot.report(box, read());
    });
    return h("label", { class: "choice" }, input, h("span", { class: "choice-text" }, textObject(option.text), option.description ? h("div", { class: "choice-note" }, textObject(option.description)) : null));
  });
  const box = h("div", { class: "choices", role: type === "radio" ? "radiogroup" : "group", "aria-label": slot.label || null }, rows);
  return box;
}
