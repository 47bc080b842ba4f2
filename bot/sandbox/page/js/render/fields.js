/** The elements that something is typed into: texts, numbers, dates and times. */

import { h } from "../dom.js";
import { viewer } from "../store.js";
import { epochOf, wallClock } from "../time.js";

export const FIELDS = {
  plain_text_input: textInput,
  email_text_input: (element, slot) => lineInput(element, slot, { type: "email", inputmode: "email", autocomplete: "off" }),
  url_text_input: (element, slot) => lineInput(element, slot, { type: "url", inputmode: "url", autocomplete: "off" }),
  number_input: (element, slot) =>
    lineInput(element, slot, { type: "text", inputmode: element.is_decimal_allowed ? "decimal" : "numeric", class: "field field-short" }),
  datepicker: (element, slot) => moment(element, slot, "date", element.initial_date),
  timepicker: (element, slot) => moment(element, slot, "time", element.initial_time),
  datetimepicker: dateTime,
};

function textInput(element, slot) {
  if (!element.multiline && !element.max_length) return lineInput(element, slot, { type: "text" });
  const tag = element.multiline ? "textarea" : "input";
  const input = field(tag, element, slot, element.multiline ? { rows: "3", class: "field field-tall" } : { type: "text" });
  if (!element.max_length) return wrapped(input, element, slot);
  const counter = h("span", { class: "counter", "aria-hidden": "true" });
  const count = () => {
    const left = element.max_length - [...input.value].length;
    counter.textContent = left < 0 ? `${-left} too many` : `${left} left`;
    counter.classList.toggle("counter-over", left < 0);
    counter.classList.toggle("counter-near", left <= element.max_length / 5);
  };
  input.addEventListener("input", count);
  count();
  return wrapped(input, element, slot, counter);
}

const lineInput = (element, slot, props) => wrapped(field("input", element, slot, props), element, slot);

function field(tag, element, slot, props) {
  const value = slot.surface.initial(slot.blockId, slot.actionId, element.initial_value ?? "");
  const input = h(tag, {
    class: "field",
    dir: "auto",
    placeholder: element.placeholder?.text,
    "aria-label": slot.label || element.placeholder?.text || null,
    autofocus: element.focus_on_load,
    ...props,
    value: value ?? "",
  });
  slot.surface.track(slot.blockId, slot.actionId, () => (input.value === "" ? null : input.value));
  return input;
}

/** The element's node, reporting as its `dispatch_action_config` says (Enter, unless it says otherwise). */
function wrapped(input, element, slot, after = null) {
  const when = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const box = h("div", { class: "field-box" }, input, after);
  if (when.includes("on_character_entered")) input.addEventListener("input", () => slot.report(box, input.value));
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !slot.reports || !when.includes("on_enter_pressed")) return;
    if (input.tagName === "TEXTAREA") return;
    event.preventDefault();
    slot.report(box, input.value);
  });
  return box;
}

function moment(element, slot, type, preset) {
  const value = slot.surface.initial(slot.blockId, slot.actionId, preset ?? null);
  const input = h("input", { type, class: "field field-moment", "aria-label": slot.label || element.placeholder?.text || type, autofocus: element.focus_on_load, value: value ?? "" });
  slot.surface.track(slot.blockId, slot.actionId, () => input.value || null);
  input.addEventListener("change", () => slot.report(input, input.value || null));
  return h("div", { class: "field-box" }, input);
}

/** Shown and chosen in the acting person's zone, stored as epoch seconds. */
function dateTime(element, slot) {
  const { zone } = viewer();
  const preset = slot.surface.initial(slot.blockId, slot.actionId, element.initial_date_time ?? null);
  const value = preset ? wallClock(new Date(preset * 1000), zone) : "";
  const input = h("input", { type: "datetime-local", class: "field field-moment", "aria-label": slot.label || "Date and time", autofocus: element.focus_on_load, value });
  const read = () => (input.value ? epochOf(input.value, zone) : null);
  slot.surface.track(slot.blockId, slot.actionId, read);
  input.addEventListener("change", () => slot.report(input, read()));
  return h("div", { class: "field-box" }, input, h("span", { class: "zone-note" }, zone));
}
