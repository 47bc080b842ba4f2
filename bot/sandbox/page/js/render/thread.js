/** The thread beside a conversation. */

import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { leaveThread } from "../router.js";
import { channelBy, channelTitle, get, watch } from "../store.js";
import { composer } from "./composer.js";
import { Timeline } from "./timeline.js";

export function threadPanel() {
  const timeline = new Timeline({ inThread: true });
  const box = composer({ thread: () => get().place.thread, onSent: () => timeline.toEnd() });
  const where = h("span", { class: "topic" });
  const close = h("button", { type: "button", class: "icon-button", "aria-label": "Close the thread", dataset: { testid: "close-thread" }, onclick: leaveThread }, icon("close"));
  const node = h("aside", { class: "thread", "aria-label": "Thread", hidden: true, dataset: { testid: "thread" } }, h("header", { class: "place-head" }, h("div", { class: "place-title" }, h("h1", {}, "Thread"), where), close), h("div", { class: "talk" }, h("div", { class: "talk-scroll" }, timeline.node), box.node));
  node.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && leaveThread());

  watch(["thread", "place", "as", "people", "channels"], () => {
    const { place, thread, as } = get();
    const opened = node.hidden && place.thread;
    node.hidden = !place.thread;
    if (!place.thread) return;
    const channel = channelBy(place.channel);
    fill(where, channel?.kind === "im" ? channelTitle(channel) : channel ? `#${channel.name}` : "");
    timeline.show(`${as} ${place.channel} ${place.thread}`, thread ?? [], { channel: place.channel, highlight: place.ts });
    if (opened) box.focus();
  });
  return node;
}
