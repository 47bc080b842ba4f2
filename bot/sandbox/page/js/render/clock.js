/** The sandbox's clock: what time it is for the acting person, and the ways to move it. */

import { moveClock } from "../actions.js";
import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { get, personBy, viewer, watch } from "../store.js";
import { weekdayTime } from "../time.js";

const MOVES = [
  { preset: "hour", testid: "clock-hour", label: "+1 hour", short: "+1 h" },
  { preset: "next_working_morning", testid: "clock-morning", label: "Next working morning", short: "Morning" },
  { preset: "week", testid: "clock-week", label: "+1 week", short: "+1 wk" },
];

export function clockBar() {
  const time = h("time", { class: "clock-time", dataset: { testid: "clock-time" } });
  const zone = h("span", { class: "clock-zone" });
  const buttons = MOVES.map(({ preset, testid, label, short }) => h("button", { type: "button", class: "clock-button", dataset: { testid, preset }, "aria-label": label, onclick: () => moveClock(preset) }, h("span", { class: "wide", "aria-hidden": "true" }, label), h("span", { class: "narrow", "aria-hidden": "true" }, short)));
  const node = h("div", { class: "clock", role: "group", "aria-label": "Clock" }, h("div", { class: "clock-now" }, icon("clock"), time, zone), h("div", { class: "clock-moves" }, buttons));

  watch(["now", "as", "people"], () => {
    const { zone: tz, now } = viewer();
    fill(time, weekdayTime(now, tz));
    time.dateTime = now.toISOString();
    fill(zone, personBy(get().as)?.tz_label || tz);
    zone.title = tz;
  });
  watch(["clockMoving"], () => {
    const moving = get().clockMoving;
    node.classList.toggle("moving", Boolean(moving));
    for (const button of buttons) {
      button.disabled = Boolean(moving);
      button.setAttribute("aria-busy", String(button.dataset.preset === moving));
    }
  });
  return node;
}
