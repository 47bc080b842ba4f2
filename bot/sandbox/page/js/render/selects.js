/** Selects of every kind: a button that shows what is chosen and opens the list. */

import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { plain, unescape } from "../mrkdwn.js";
import { activePeople, channelTitle, get, nameOf, personBy } from "../store.js";
import { avatar } from "./avatar.js";
import { openPicker } from "./picker.js";

/** @typedef {import("./picker.js").Choice} Choice */

export const SELECTS = {
  static_select: (element, slot) => select(element, slot, { groups: () => ownGroups(element), preset: one(element.initial_option) }),
  multi_static_select: (element, slot) => select(element, slot, { groups: () => ownGroups(element), preset: (element.initial_options ?? []).map(optionChoice), multi: true }),
  external_select: (element, slot) => select(element, slot, { load: loader(slot), preset: one(element.initial_option) }),
  multi_external_select: (element, slot) => select(element, slot, { load: loader(slot), preset: (element.initial_options ?? []).map(optionChoice), multi: true }),
  users_select: (element, slot) => select(element, slot, { groups: peopleGroups, preset: people([element.initial_user]) }),
  multi_users_select: (element, slot) => select(element, slot, { groups: peopleGroups, preset: people(element.initial_users), multi: true }),
  channels_select: (element, slot) => select(element, slot, { groups: () => channelGroups(["channel"]), preset: channels([element.initial_channel]) }),
  multi_channels_select: (element, slot) => select(element, slot, { groups: () => channelGroups(["channel"]), preset: channels(element.initial_channels), multi: true }),
  conversations_select: (element, slot) => select(element, slot, conversationSource(element, slot, [element.initial_conversation])),
  multi_conversations_select: (element, slot) => select(element, slot, { ...conversationSource(element, slot, element.initial_conversations), multi: true }),
};

/**
 * @param {object} element
 * @param {object} slot
 * @param {{groups?: () => object[], load?: Function, preset: Choice[], multi?: boolean}} source
 */
function select(element, slot, { groups, load, preset, multi = false }) {
  let chosen = restored(slot, preset, groups);
  const read = () => (multi ? chosen.map((choice) => choice.value) : (chosen[0]?.value ?? null));
  const placeholder = unescape(element.placeholder?.text ?? (multi ? "Choose some" : "Choose one"));
  const shown = h("span", { class: "select-value" });
  const name = slot.label || placeholder;
  const node = h("button", { type: "button", class: multi ? "select select-multi" : "select", role: "combobox", "aria-haspopup": "listbox", "aria-expanded": "false", autofocus: element.focus_on_load }, shown, icon("down"));

  function show() {
    const texts = chosen.map((choice) => (multi ? h("span", { class: "chip" }, choice.text) : [choice.lead?.cloneNode(true), h("span", { dir: "auto" }, choice.text)]));
    fill(shown, chosen.length ? texts : h("span", { class: "placeholder" }, plain(placeholder)));
    node.dataset.value = [read() ?? []].flat().join(",");
    node.setAttribute("aria-label", `${name}: ${chosen.map((choice) => choice.text).join(", ") || "nothing chosen"}`);
  }

  function open() {
    const before = JSON.stringify(read());
    const settle = () => JSON.stringify(read()) !== before && slot.report(node, read());
    const change = (next) => {
      chosen = next;
      show();
      if (!multi) settle();
    };
    openPicker(node, { groups: groups?.(), load, minQuery: load ? (element.min_query_length ?? 3) : 0, multi, max: element.max_selected_items, selected: chosen, onChange: change, onClose: multi ? settle : undefined, label: name });
  }

  node.addEventListener("click", open);
  node.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    open();
  });
  slot.surface.track(slot.blockId, slot.actionId, read);
  show();
  return node;
}

/** What was chosen before the blocks were drawn anew. An external choice may only be known by its value. */
function restored(slot, preset, groups) {
  const before = slot.surface.initial(slot.blockId, slot.actionId, undefined);
  if (before === undefined) return preset;
  const known = [...preset, ...(groups?.() ?? []).flatMap((group) => group.choices)];
  return [before ?? []].flat().map((value) => known.find((choice) => choice.value === value) ?? { value, text: labels.get(value) ?? value });
}

const labels = new Map(); // of options that an app has sent, so that a redrawn form can name them

const one = (option) => (option ? [optionChoice(option)] : []);

const optionChoice = (option) => ({ value: option.value, text: unescape(option.text.text), description: option.description ? unescape(option.description.text) : undefined });

function ownGroups(element) {
  if (!element.option_groups) return [{ choices: (element.options ?? []).map(optionChoice) }];
  return element.option_groups.map((group) => ({ label: unescape(group.label.text), choices: group.options.map(optionChoice) }));
}

const loader = (slot) => async (query) => {
  const groups = ownGroups(await slot.surface.options(slot.blockId, slot.actionId, query));
  for (const choice of groups.flatMap((group) => group.choices)) labels.set(choice.value, choice.text);
  return groups;
};

const personChoice = (person) => ({ value: person.id, text: nameOf(person), description: person.is_bot ? "App" : `@${person.name}`, lead: avatar(person, "small") });
const channelChoice = (channel) => ({ value: channel.id, text: channel.kind === "im" ? channelTitle(channel) : `#${channel.name}` });

const peopleGroups = () => [{ choices: activePeople().map(personChoice) }];
const channelGroups = (kinds) => [{ choices: get().channels.filter((channel) => kinds.includes(channel.kind)).map(channelChoice) }];

const people = (ids) => (ids ?? []).map(personBy).filter(Boolean).map(personChoice);
const channels = (ids) => get().channels.filter((channel) => (ids ?? []).includes(channel.id)).map(channelChoice);

function conversationSource(element, slot, initial) {
  const kinds = { public: "channel", private: "private", im: "im" };
  const include = element.filter?.include?.map((kind) => kinds[kind]) ?? ["channel", "private", "im"];
  const here = element.default_to_current_conversation && !initial?.[0] ? [get().place.channel] : [];
  return { groups: () => channelGroups(include), preset: channels([...(initial ?? []), ...here]) };
}
