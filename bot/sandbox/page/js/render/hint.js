/** The card that a first visit starts with: something to try, as the sandbox's data says. */

import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { channelBy, get, watch } from "../store.js";

const DISMISSED = "sandbox.hint.dismissed";

/** @param {{tryIt: (text: string) => void}} handlers puts what the hint names into the composer */
export function hintCard({ tryIt }) {
  const node = h("div", { class: "hint-card", hidden: true, role: "note", dataset: { testid: "hint" } });
  watch(["hint", "place", "channels"], () => {
    const { hint, place } = get();
    node.hidden = !hint || place.tab === "home" || !channelBy(place.channel)?.is_member || localStorage.getItem(DISMISSED) === hint;
    if (node.hidden) return;
    const command = hint.match(/\/\w.*$/s)?.[0];
    const dismiss = () => {
      localStorage.setItem(DISMISSED, hint);
      node.hidden = true;
    };
    const use = () => {
      tryIt(command);
      dismiss();
    };
    const lead = command ? hint.slice(0, hint.length - command.length) : hint;
    fill(node, h("span", { class: "hint-mark" }, icon("spark")), h("p", {}, lead, command ? h("code", {}, command) : null), command ? h("button", { type: "button", class: "btn btn-small", onclick: use, dataset: { testid: "hint-use" } }, "Fill it in") : null, h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss", onclick: dismiss }, icon("close")));
  });
  return node;
}
