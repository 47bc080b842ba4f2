/** Ctrl K or ⌘K: jump to a conversation, an app or another person. */

import { actAs, openChannel, openDirect } from "../actions.js";
import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { trapTab } from "../layers.js";
import { go } from "../router.js";
import { appOfBot, channelTitle, foreignTeam, get, isOwn, nameOf, personBy } from "../store.js";
import { avatar } from "./avatar.js";

const MOST = 12;

export function openSwitcher() {
  if (document.querySelector("dialog[open]")) return;
  let active = 0;
  let found = [];
  const list = h("div", { class: "options", role: "listbox", id: "switcher-list", "aria-label": "Places" });
  const input = h("input", { class: "switcher-input", type: "search", placeholder: "Jump to a conversation, an app or a person", "aria-label": "Jump to", role: "combobox", "aria-expanded": "true", "aria-controls": "switcher-list", autocomplete: "off", autofocus: true });
  const dialog = h("dialog", { class: "switcher", "aria-label": "Jump to", onclose: () => dialog.remove(), onkeydown: trapTab }, input, list);

  function draw() {
    const query = input.value.trim().toLowerCase();
    found = places().filter((place) => place.title.toLowerCase().includes(query)).slice(0, MOST);
    active = Math.min(active, Math.max(0, found.length - 1));
    fill(list, found.length ? found.map((place, index) => row(place, index === active, () => choose(place))) : h("div", { class: "options-empty" }, "Nothing found"));
    input.setAttribute("aria-activedescendant", found.length ? `switcher-${active}` : "");
    list.querySelector(".active")?.scrollIntoView({ block: "nearest" });
  }

  function row(place, isActive, press) {
    const node = h("div", { class: `option ${isActive ? "active" : ""}`, role: "option", "aria-selected": String(isActive), id: `switcher-${found.indexOf(place)}`, onclick: press }, place.lead, h("span", { class: "option-text" }, place.title), h("span", { class: "option-side" }, place.note));
    return node;
  }

  function choose(place) {
    dialog.close();
    place.open();
  }

  input.addEventListener("input", () => {
    active = 0;
    draw();
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) active = (active + step + found.length) % found.length;
    else if (event.key === "Enter" && found[active]) choose(found[active]);
    else return;
    event.preventDefault();
    draw();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  draw();
  document.body.append(dialog);
  dialog.showModal();
}

function places() {
  const { channels, apps, people, as } = get();
  const rooms = channels.filter((channel) => channel.kind !== "im");
  const others = people.filter((person) => !person.is_bot && !person.deleted && person.id !== as);
  return [
    ...rooms.map((channel) => ({ title: channelTitle(channel), note: "Channel", lead: icon(channel.kind === "private" ? "lock" : "hash"), open: () => openChannel(channel) })),
    ...others.map((person) => ({ title: nameOf(person), note: foreignTeam(person) || "Direct message", lead: avatar(person, "small"), open: () => openDirect(person.id) })),
    ...apps.flatMap((app) => [
      { title: app.name, note: "App · Home", lead: avatar(personBy(app.bot_user_id), "small"), open: () => go({ app: app.app_id, tab: "home" }) },
      { title: app.name, note: "App · Messages", lead: avatar(personBy(app.bot_user_id), "small"), open: () => go({ app: app.app_id, tab: "messages" }) },
    ]),
    ...others.filter(isOwn).map((person) => ({ title: nameOf(person), note: "Act as", lead: avatar(person, "small"), open: () => actAs(person.id) })),
  ];
}
