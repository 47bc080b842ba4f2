/** The list of conversations, and who one acts as. */

import { actAs, goToTeam, openDirect } from "../actions.js";
import { fill, h, keepingFocus, safeHref } from "../dom.js";
import { icon } from "../icons.js";
import { hrefTo } from "../router.js";
import { appOfBot, directWith, foreignTeam, get, isOwn, nameOf, personBy, sharedWith, watch } from "../store.js";
import { clockTime } from "../time.js";
import { avatar } from "./avatar.js";
import { openNewChannel, openNewTeam } from "./dialogs.js";

/** @param {{openSwitcher: () => void}} handlers */
export function sidebar({ openSwitcher }) {
  const team = h("div", { class: "team" });
  const jump = h("button", { type: "button", class: "jump", dataset: { testid: "switcher" }, onclick: openSwitcher }, icon("search"), h("span", {}, "Jump to…"), h("kbd", {}, navigator.platform.startsWith("Mac") ? "⌘K" : "Ctrl K"));
  const lists = h("nav", { class: "lists", "aria-label": "Conversations" });
  const node = h("div", { class: "sidebar", id: "sidebar" }, team, actAsSwitch(), jump, lists);

  watch(["team", "teams"], () => fill(team, h("img", { class: "logo", src: "/page/icon.svg", alt: "" }), h("div", { class: "team-text" }, h("strong", {}, get().team.name), h("span", {}, "Sandbox")), teamSwitch()));
  watch(["channels", "apps", "available", "people", "place", "as"], () => keepingFocus(lists, () => fill(lists, sections())));
  return node;
}

/** Covers the workspace's name, which shows through it. */
function teamSwitch() {
  const { team, teams } = get();
  const choose = () => {
    const wanted = select.value;
    select.value = team.id;
    if (wanted) goToTeam(wanted);
    else openNewTeam();
  };
  const select = h("select", { class: "team-select", "aria-label": "Workspace", dataset: { testid: "workspace" }, onchange: choose }, teams.map((one) => h("option", { value: one.id }, one.name)), h("option", { value: "" }, "New workspace…"));
  select.value = team.id;
  return [icon("down"), select];
}

function sections() {
  const { channels, people, apps, available, as } = get();
  const rooms = channels.filter((channel) => channel.kind !== "im").sort((a, b) => Number(b.is_member) - Number(a.is_member) || a.name.localeCompare(b.name));
  const talks = (person) => person.id !== as && !appOfBot(person.id) && (directWith(person.id) || (isOwn(person) && !(person.is_bot || person.deleted)));
  const add = h("button", { type: "button", class: "icon-button section-add", "aria-label": "New channel", title: "New channel", dataset: { testid: "new-channel", focusKey: "new-channel" }, onclick: openNewChannel }, icon("plus"));
  return [section("Channels", rooms.map(channelRow), add), section("Direct messages", people.filter(talks).map(personRow)), section("Apps", [...apps.map(appRow), ...available.map(availableRow)])];
}

function section(title, rows, extra = null) {
  return rows.length || extra ? h("section", {}, h("div", { class: "section-head" }, h("h2", {}, title), extra), h("ul", {}, rows.map((row) => h("li", {}, row)))) : null;
}

/** An app that this workspace does not have yet; its own page begins the installation. */
function availableRow(app) {
  const href = safeHref(new URL(app.install_url, location.href).href);
  return h("a", { class: "row row-add", href, target: "_blank", rel: "noopener", dataset: { testid: "add-app", focusKey: `add-${app.app_id}` } }, h("span", { class: "row-lead" }, icon("plus")), h("span", { class: "row-title", dir: "auto" }, `Add ${app.name}`));
}

function channelRow(channel) {
  const current = get().place.channel === channel.id;
  const lead = icon(channel.kind === "private" ? "lock" : "hash");
  const note = channel.is_shared ? { icon: "shared", title: `Shared with ${sharedWith(channel).join(", ")}` } : null;
  return row({ id: channel.id, href: hrefTo({ channel: channel.id, tab: "" }), title: channel.name, lead, current, unread: channel.unread, muted: !channel.is_member, note, testid: `channel-${channel.name}` });
}

function personRow(person) {
  const channel = directWith(person.id);
  const current = Boolean(channel) && get().place.channel === channel.id;
  const href = channel ? hrefTo({ channel: channel.id, tab: "" }) : "#";
  return row({ id: person.id, href, title: nameOf(person), lead: avatar(person, "small"), current, unread: channel?.unread, muted: person.deleted, note: isOwn(person) ? null : { icon: "shared", title: foreignTeam(person) }, testid: `channel-${person.name}`, open: () => openDirect(person.id) });
}

function appRow(app) {
  const { place } = get();
  const channel = directWith(app.bot_user_id);
  const current = place.app === app.app_id || (Boolean(channel) && place.channel === channel.id);
  const tab = app.home_enabled === false || channel?.unread ? "messages" : "home";
  const person = personBy(app.bot_user_id) ?? { id: app.app_id, real_name: app.name, is_bot: true };
  return row({ id: app.app_id, href: hrefTo({ app: app.app_id, tab }), title: app.name, lead: avatar(person, "small"), current, unread: channel?.unread, testid: `app-${person.name ?? app.name}`, offline: !app.connected });
}

function row({ id, href, title, lead, current, unread: count, muted, note, testid, offline, open }) {
  const unread = current ? 0 : count;
  const classes = ["row", current && "current", unread && "unread", muted && "muted"].filter(Boolean).join(" ");
  const press = (event) => {
    if (!open || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    open();
  };
  return h(
    "a",
    { class: classes, href, "aria-current": current ? "page" : null, dataset: { testid, focusKey: id }, onclick: press },
    h("span", { class: "row-lead" }, lead),
    h("span", { class: "row-title", dir: "auto" }, title),
    note ? h("span", { class: "row-mark", title: note.title }, icon(note.icon)) : null,
    offline ? h("span", { class: "row-note", title: "This app is not connected" }, "offline") : null,
    unread ? h("span", { class: "unread-dot", role: "img", "aria-label": `${unread} unread`, dataset: { testid: "unread" } }, unread > 1 ? (unread > 99 ? "99+" : unread) : "") : null,
  );
}

/** A native select: browsers that can, show the faces and local times in its list; all others, the names. */
function actAsSwitch() {
  const select = h("select", { class: "act-as", "aria-label": "Act as", dataset: { testid: "act-as" }, onchange: () => actAs(select.value) });
  const node = h("div", { class: "act-as-box" }, h("span", { class: "act-as-label", "aria-hidden": "true" }, "Acting as"), select);
  watch(["people", "as", "now"], () => {
    if (select.matches(":open")) return;
    const { people, as } = get();
    const humans = people.filter((person) => !person.is_bot && person.id !== "USLACKBOT" && isOwn(person));
    const sorted = [...humans].sort((a, b) => Number(a.deleted) - Number(b.deleted));
    fill(select, h("button", { type: "button" }, document.createElement("selectedcontent")), sorted.map(personOption));
    select.value = as ?? "";
  });
  return node;
}

function personOption(person) {
  const note = person.deleted ? "Deactivated" : `${clockTime(get().now, person.tz || "UTC")} · ${place(person.tz)}`;
  return h("option", { value: person.id, disabled: person.deleted, dataset: { testid: `person-${person.name}` } }, avatar(person, "medium"), h("span", { class: "option-person" }, h("span", { class: "option-name" }, nameOf(person)), h("span", { class: "option-gap" }, " · "), h("span", { class: "option-note" }, note)));
}

// "America/New_York" reads as "New York".
const place = (zone) => (zone || "UTC").split("/").at(-1).replaceAll("_", " ");
