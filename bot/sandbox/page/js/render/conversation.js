/** The middle of the page: a conversation, or an app's Home. */

import { refreshAll } from "../actions.js";
import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { hrefTo } from "../router.js";
import { appBy, channelBy, foreignTeam, get, nameOf, personBy, sharedWith, unreadElsewhere, watch } from "../store.js";
import { clockTime } from "../time.js";
import { avatar } from "./avatar.js";
import { renderBlocks } from "./blocks.js";
import { composer } from "./composer.js";
import { hintCard } from "./hint.js";
import { appMenu, channelMenu } from "./menus.js";
import { Surface } from "./surface.js";
import { Timeline } from "./timeline.js";

/** @param {{openSidebar: () => void}} handlers */
export function conversation({ openSidebar }) {
  const head = h("header", { class: "place-head" });
  const timeline = new Timeline();
  const newest = h("button", { type: "button", class: "to-newest", hidden: true, onclick: () => timeline.toEnd() }, icon("arrowDown"), "Jump to newest");
  const box = composer({ onSent: () => timeline.toEnd() });
  const home = h("div", { class: "home", dataset: { testid: "home" } });
  const talk = h("div", { class: "talk" }, h("div", { class: "talk-scroll" }, timeline.node, newest), hintCard({ tryIt: box.suggest }), box.node);
  const node = h("main", { class: "place", id: "main", "aria-label": "Conversation" }, head, talk, home);

  timeline.node.addEventListener("scroll", () => (newest.hidden = timeline.isAtEnd()));

  watch(["place", "channels", "people", "apps", "as", "now"], () => {
    // An open menu hangs on a button in here.
    if (!head.querySelector("[aria-expanded=true]")) fill(head, heading(openSidebar));
  });
  watch(["place"], () => {
    const isHome = get().place.tab === "home";
    talk.hidden = isHome;
    home.hidden = !isHome;
  });
  watch(["messages", "place", "as", "people", "channels"], () => drawMessages(timeline, newest));
  watch(["home", "place", "people"], () => drawHome(home));
  return node;
}

function drawMessages(timeline, newest) {
  const { place, messages, as } = get();
  const channel = channelBy(place.channel);
  if (!channel || messages === null) {
    timeline.show("none", [], { channel: "", intro: messages === null && place.channel ? loading() : noConversation() });
    return;
  }
  timeline.show(`${as} ${channel.id}`, messages, { channel: channel.id, highlight: place.thread ? undefined : place.ts, intro: intro(channel) });
  newest.hidden = timeline.isAtEnd();
}

const loading = () => h("div", { class: "loading", role: "status" }, h("span", { class: "spinner" }), "Loading…");

const noConversation = () => h("div", { class: "intro" }, h("h2", {}, "Nothing here yet"), h("p", {}, "Choose a conversation on the left."));

function intro(channel) {
  if (channel.kind === "im") {
    const other = personBy(channel.with);
    const note = other?.is_bot ? "This is where the app writes to you, and you to it." : "This conversation is between the two of you.";
    return h("div", { class: "intro" }, avatar(other, "huge"), h("h2", {}, nameOf(other)), h("p", {}, note));
  }
  const who = channel.kind === "private" ? "Only its members can see this channel." : "Everyone in the workspace can join this channel.";
  return h("div", { class: "intro" }, h("span", { class: "intro-mark" }, icon(channel.kind === "private" ? "lock" : "hash")), h("h2", {}, channel.name), h("p", {}, channel.topic || who));
}

function heading(openSidebar) {
  const { place } = get();
  const app = place.app ? appBy(place.app) : null;
  const channel = channelBy(place.channel);
  const menuButton = h("button", { type: "button", class: `icon-button phone-only ${unreadElsewhere() ? "has-unread" : ""}`, "aria-label": unreadElsewhere() ? "Open the sidebar; something is unread" : "Open the sidebar", dataset: { testid: "open-sidebar" }, onclick: openSidebar }, icon("menu"));
  if (app) return [menuButton, appTitle(app), tabs(app, place), appMenu(app)];
  if (!channel) return [menuButton, h("h1", {}, "Sandbox")];
  return [menuButton, channelHeading(channel), channel.kind !== "im" && channel.is_member ? channelMenu(channel) : null];
}

function appTitle(app) {
  const state = app.connected ? null : h("span", { class: "badge badge-warn" }, "Not connected");
  return h("div", { class: "place-title" }, avatar(personBy(app.bot_user_id) ?? { id: app.app_id, real_name: app.name, is_bot: true }, "small"), h("h1", {}, app.name), state);
}

function tabs(app, place) {
  if (app.home_enabled === false) return null;
  const tab = (name, label) => h("a", { class: "tab", href: hrefTo({ app: app.app_id, tab: name }), "aria-current": place.tab === name ? "page" : null, dataset: { testid: `tab-${name}` } }, label);
  return h("nav", { class: "tabs", "aria-label": "App" }, tab("home", "Home"), tab("messages", "Messages"));
}

function channelHeading(channel) {
  if (channel.kind === "im") {
    const other = personBy(channel.with);
    return h("div", { class: "place-title" }, avatar(other, "small"), h("h1", {}, nameOf(other)), h("span", { class: "topic" }, foreignTeam(other) || localTime(other)));
  }
  const count = channel.members?.length ?? 0;
  return h(
    "div",
    { class: "place-title" },
    icon(channel.kind === "private" ? "lock" : "hash"),
    h("h1", {}, channel.name),
    channel.is_shared ? h("span", { class: "badge badge-quiet", title: "People of these workspaces see this channel" }, icon("shared"), sharedWith(channel).join(", ")) : null,
    channel.topic ? h("span", { class: "topic", dir: "auto", title: channel.topic }, channel.topic) : null,
    h("span", { class: "members", title: (channel.members ?? []).map((id) => nameOf(personBy(id))).join(", ") }, `${count} ${count === 1 ? "member" : "members"}`),
  );
}

function localTime(person) {
  if (!person || person.is_bot) return null;
  return person.deleted ? "Deactivated" : `${clockTime(get().now, person.tz || "UTC")} local time`;
}

let drawnHome = "";

function drawHome(node) {
  const { home, place, as } = get();
  if (place.tab !== "home") return;
  const signature = JSON.stringify([home === undefined, home?.blocks, place.app, as, get().people.length]);
  if (signature === drawnHome) return;
  drawnHome = signature;
  if (home === undefined) fill(node, loading());
  else if (home === null) fill(node, h("div", { class: "intro" }, h("h2", {}, "Home is still empty"), h("p", {}, "The app has not published anything for you yet.")));
  else {
    const surface = new Surface({ home: place.app }, { afterAct: refreshAll });
    fill(node, h("div", { class: "home-page" }, renderBlocks(home.blocks, surface)));
  }
}

