/** The traffic between the sandbox and its apps, request by request. */

import { refreshTraffic } from "../actions.js";
import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { get, set, viewer, watch } from "../store.js";
import { timeWithSeconds } from "../time.js";
import { json } from "./json.js";

const ARROWS = { in: "app → sandbox", out: "sandbox → app" };

export function inspector() {
  let picked = null;
  let filter = "";
  const list = h("div", { class: "traffic-list", role: "listbox", "aria-label": "Requests", tabindex: "0" });
  const detail = h("div", { class: "traffic-detail", tabindex: "0", role: "region", "aria-label": "Request and answer" });
  const search = h("input", { type: "search", class: "field traffic-search", placeholder: "Filter", "aria-label": "Filter the traffic" });
  const close = h("button", { type: "button", class: "icon-button", "aria-label": "Close the traffic", onclick: () => set({ inspecting: false }) }, icon("close"));
  const node = h("section", { class: "inspector", hidden: true, "aria-label": "Traffic", dataset: { testid: "inspector" } }, h("header", {}, icon("wave"), h("h2", {}, "Traffic"), search, close), h("div", { class: "traffic" }, list, detail));

  function pick(entry) {
    picked = entry?.n ?? null;
    node.classList.toggle("has-detail", Boolean(entry));
    drawList();
    fill(detail, entry ? detailOf(entry, () => pick(null)) : h("p", { class: "traffic-empty" }, "Choose a request to see what was sent and answered."));
    detail.scrollTop = 0;
  }

  function drawList() {
    const entries = get().traffic.filter((entry) => `${entry.kind} ${entry.name} ${entry.status} ${entry.error ?? ""}`.toLowerCase().includes(filter));
    const atTop = list.scrollTop < 30;
    fill(list, entries.length ? entries.toReversed().map((entry) => entryRow(entry, entry.n === picked, pick)) : h("p", { class: "traffic-empty" }, "No requests yet."));
    if (atTop) list.scrollTop = 0;
  }

  search.addEventListener("input", () => {
    filter = search.value.trim().toLowerCase();
    drawList();
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const rows = [...list.querySelectorAll(".entry")];
    const at = rows.findIndex((row) => Number(row.dataset.n) === picked);
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
    pick(get().traffic.find((entry) => entry.n === Number(next?.dataset.n)));
    list.querySelector(".picked")?.scrollIntoView({ block: "nearest" });
  });
  node.addEventListener("keydown", (event) => event.key === "Escape" && set({ inspecting: false }));
  watch(["traffic"], () => node.hidden || drawList());
  watch(["inspecting"], () => {
    node.hidden = !get().inspecting;
    document.body.classList.toggle("inspecting", get().inspecting);
    if (node.hidden) return;
    refreshTraffic();
    pick(null);
    search.focus();
  });
  return node;
}

function entryRow(entry, isPicked, pick) {
  const { zone } = viewer();
  const state = entry.ok === false ? "bad" : "good";
  return h(
    "div",
    { class: `entry ${isPicked ? "picked" : ""}`, role: "option", "aria-selected": String(isPicked), dataset: { n: entry.n, testid: "traffic-entry" }, onclick: () => pick(entry) },
    h("span", { class: `direction direction-${entry.direction}`, title: ARROWS[entry.direction], role: "img", "aria-label": ARROWS[entry.direction] }, entry.direction === "in" ? "→" : "←"),
    h("span", { class: "entry-name" }, entry.name, entry.error ? h("small", {}, entry.error) : null),
    h("span", { class: "entry-kind" }, entry.kind),
    h("span", { class: `entry-status ${state}` }, entry.status ?? "–"),
    h("span", { class: "entry-ms" }, entry.ms == null ? "…" : `${Math.round(entry.ms)} ms`),
    h("time", { class: "entry-at" }, entry.at ? timeWithSeconds(new Date(entry.at), zone) : ""),
  );
}

function detailOf(entry, back) {
  return [
    h("div", { class: "detail-head" }, h("button", { type: "button", class: "icon-button detail-back", "aria-label": "Back to the list", onclick: back }, icon("back")), h("h3", {}, entry.name), h("span", { class: `entry-status ${entry.ok === false ? "bad" : "good"}` }, entry.status ?? "–"), h("span", { class: "detail-note" }, `${ARROWS[entry.direction]} · ${entry.kind}`)),
    entry.error ? h("p", { class: "detail-error" }, entry.error) : null,
    h("h4", {}, "Request"),
    json(entry.request),
    h("h4", {}, "Answer"),
    json(entry.response),
  ];
}
