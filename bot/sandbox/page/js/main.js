/** Builds the page and starts it. */

import { arrive, refresh, rememberedPerson, tick } from "./actions.js";
import { h, isPhone } from "./dom.js";
import { icon } from "./icons.js";
import { listen } from "./live.js";
import { appBy, channelBy, channelTitle, get, set, unreadElsewhere, watch } from "./store.js";
import { clockBar } from "./render/clock.js";
import { conversation } from "./render/conversation.js";
import { inspector } from "./render/inspector.js";
import { modal } from "./render/modal.js";
import { sidebar } from "./render/sidebar.js";
import { openSwitcher } from "./render/switcher.js";
import { threadPanel } from "./render/thread.js";

const TICK_MS = 10_000;

function build() {
  const drawer = (open) => document.body.classList.toggle("sidebar-open", open);
  const side = sidebar({ openSwitcher: () => (drawer(false), openSwitcher()) });
  const offline = h("div", { class: "offline", role: "status", hidden: true }, h("span", { class: "spinner" }), "The sandbox does not answer. Trying again…");
  const traffic = h("button", { type: "button", class: "traffic-button", "aria-pressed": "false", dataset: { testid: "traffic" }, onclick: () => set({ inspecting: !get().inspecting }) }, icon("wave"), h("span", {}, "Traffic"));
  const top = h("div", { class: "topbar" }, clockBar(), traffic);
  const shade = h("div", { class: "shade", onclick: () => drawer(false) });
  const columns = h("div", { class: "columns" }, conversation({ openSidebar: () => drawer(true) }), threadPanel());
  const app = h("div", { class: "app" }, side, h("div", { class: "stage" }, top, offline, columns, inspector()), shade);
  document.body.append(app);
  modal();

  watch(["online"], () => (offline.hidden = get().online));
  watch(["inspecting"], () => traffic.setAttribute("aria-pressed", String(get().inspecting)));
  watch(["place", "as"], () => drawer(false));
  // The conversation that one is in already is a choice too, though the place does not change.
  side.addEventListener("click", (event) => event.target.closest("a") && drawer(false));
  watch(["place", "channels", "apps", "team"], () => (document.title = title()));
  addEventListener("keydown", (event) => {
    if (event.key === "k" && (event.metaKey || event.ctrlKey) && !event.altKey) {
      event.preventDefault();
      openSwitcher();
    }
    if (event.key === "Escape" && isPhone() && !event.target.closest?.("select")) drawer(false);
  });
}

function title() {
  const { place, team } = get();
  const where = place.app ? appBy(place.app)?.name : channelTitle(channelBy(place.channel));
  const unread = unreadElsewhere();
  return [unread ? `(${unread})` : "", where ? `${where} ·` : "", team.name].filter(Boolean).join(" ");
}

async function start() {
  set({ as: rememberedPerson() });
  build();
  await refresh();
  addEventListener("hashchange", arrive);
  await arrive();
  listen();
  setInterval(tick, TICK_MS);
  document.body.dataset.ready = "true";
}

start();
