/** The list behind every select: searchable, one or several, from memory or from the app. */

import { fill, h, uid } from "../dom.js";
import { icon } from "../icons.js";
import { popover } from "../layers.js";

const SEARCH_FROM = 8; // options; a shorter list needs no search field
const SEARCH_DELAY_MS = 200;

/**
 * @typedef {{value: string, text: string, description?: string, lead?: Node | null, disabled?: boolean}} Choice
 * @typedef {{label?: string, choices: Choice[]}} Group
 */

/**
 * @param {HTMLElement} anchor
 * @param {object} spec
 * @param {Group[]} [spec.groups] the choices, when they are known
 * @param {(query: string) => Promise<Group[]>} [spec.load] asks the app for choices
 * @param {number} [spec.minQuery] characters before `load` is asked
 * @param {boolean} [spec.multi]
 * @param {number} [spec.max] how many may be chosen
 * @param {Choice[]} spec.selected
 * @param {(selected: Choice[]) => void} spec.onChange after each choice
 * @param {() => void} [spec.onClose]
 * @param {string} spec.label
 */
export function openPicker(anchor, spec) {
  let chosen = [...spec.selected];
  const listId = uid("options");
  const list = h("div", { class: "options", role: "listbox", id: listId, "aria-label": spec.label, "aria-multiselectable": spec.multi ? "true" : null, tabindex: "-1" });
  const searchable = Boolean(spec.load) || spec.groups.reduce((sum, group) => sum + group.choices.length, 0) >= SEARCH_FROM;
  const input = h("input", { class: "options-search", type: "search", placeholder: "Search", autocomplete: "off", role: "combobox", "aria-controls": listId, "aria-expanded": "true", "aria-label": `Search ${spec.label}` });
  const box = h("div", { class: "picker", onkeydown: keys }, searchable ? input : null, list);

  function choose(choice) {
    if (choice.disabled) return;
    if (!spec.multi) {
      chosen = [choice];
      spec.onChange(chosen);
      shown.close();
      anchor.focus();
      return;
    }
    const had = chosen.some((one) => one.value === choice.value);
    if (!had && spec.max && chosen.length >= spec.max) return;
    chosen = had ? chosen.filter((one) => one.value !== choice.value) : [...chosen, choice];
    spec.onChange(chosen);
    for (const row of rows()) row.setAttribute("aria-selected", String(isChosen(row.dataset.value)));
  }

  const isChosen = (value) => chosen.some((one) => one.value === value);
  const rows = () => [...list.querySelectorAll("[role=option]")];

  function option(choice) {
    return h(
      "div",
      { class: "option", role: "option", id: uid("option"), "aria-selected": String(isChosen(choice.value)), "aria-disabled": choice.disabled ? "true" : null, dataset: { value: choice.value }, onclick: () => choose(choice), onpointermove: (event) => activate(event.currentTarget, false), oncustomchoose: () => choose(choice) },
      choice.lead,
      h("span", { class: "option-text" }, choice.text, choice.description ? h("small", {}, choice.description) : null),
      icon("check"),
    );
  }

  function draw(groups) {
    const parts = groups.filter((group) => group.choices.length).map((group) => [group.label ? h("div", { class: "options-group" }, group.label) : null, group.choices.map(option)]);
    fill(list, parts.length ? parts : h("div", { class: "options-empty" }, "Nothing found"));
    activate(rows().find((row) => row.getAttribute("aria-selected") === "true") ?? rows()[0]);
    shown?.place();
  }

  function activate(row, scroll = true) {
    for (const other of list.querySelectorAll(".active")) other.classList.remove("active");
    row?.classList.add("active");
    if (scroll) row?.scrollIntoView({ block: "nearest" });
    (searchable ? input : list).setAttribute("aria-activedescendant", row?.id ?? "");
  }

  function keys(event) {
    const all = rows();
    const at = all.findIndex((row) => row.classList.contains("active"));
    const target = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (target !== undefined) activate(all[(target + all.length) % all.length]);
    else if (event.key === "Enter" || (event.key === " " && !searchable)) all[at]?.dispatchEvent(new Event("customchoose"));
    else return;
    event.preventDefault();
  }

  const shown = popover(anchor, box, { label: spec.label, onClose: spec.onClose, matchWidth: true });
  if (!shown) return;
  search(spec, input, draw, list);
  (searchable ? input : list).focus();
}

/** Fills the list now and after each change of what is searched for. */
function search(spec, input, draw, list) {
  let timer;
  let asked = 0;
  async function ask(query) {
    asked += 1;
    const mine = asked;
    fill(list, h("div", { class: "options-empty" }, h("span", { class: "spinner" }), " Loading…"));
    const groups = await spec.load(query).catch((error) => error);
    if (mine !== asked) return;
    if (groups instanceof Error) fill(list, h("div", { class: "options-empty options-error" }, "The app sent no options. Try again."));
    else draw(groups);
  }
  function run() {
    const query = input.value.trim();
    if (!spec.load) draw(filtered(spec.groups, query.toLowerCase()));
    else if (query.length < (spec.minQuery ?? 0)) fill(list, h("div", { class: "options-empty" }, `Type ${spec.minQuery} or more letters`));
    else ask(query);
  }
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(run, spec.load ? SEARCH_DELAY_MS : 0);
  });
  run();
}

function filtered(groups, query) {
  if (!query) return groups;
  const matches = (choice) => `${choice.text} ${choice.description ?? ""}`.toLowerCase().includes(query);
  return groups.map((group) => ({ ...group, choices: group.choices.filter(matches) }));
}
