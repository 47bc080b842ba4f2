/** Where people write: messages, slash commands, mentions. */

import { compose, joinChannel, runShortcut } from "../actions.js";
import { h, isPhone } from "../dom.js";
import { icon } from "../icons.js";
import { menu } from "../layers.js";
import { appOfBot, channelBy, channelTitle, get, watch } from "../store.js";
import { Suggestions } from "./suggestions.js";

const drafts = new Map(); // "person channel thread" -> what was typed

/**
 * @param {{thread?: () => string | undefined, onSent: () => void}} options
 *   `thread`: which thread it answers in, for a thread's composer
 */
export function composer({ thread, onSent }) {
  const suffix = thread ? "-thread" : "";
  const input = h("textarea", { class: "composer-input", rows: "1", dir: "auto", maxlength: "40000", "aria-autocomplete": "list", dataset: { testid: `composer${suffix}` } });
  const send = h("button", { type: "button", class: "send", "aria-label": "Send", title: "Send", dataset: { testid: `send${suffix}` } }, icon("send"));
  const bolt = h("button", { type: "button", class: "icon-button", "aria-label": "Shortcuts", "aria-haspopup": "menu", title: "Shortcuts", dataset: { testid: `shortcuts${suffix}` } }, icon("bolt"));
  const suggestions = new Suggestions(input);
  const hint = h("span", { class: "composer-hint" }, h("kbd", {}, "Enter"), " sends, ", h("kbd", {}, "Shift"), " ", h("kbd", {}, "Enter"), " starts a line");
  const box = h("div", { class: "composer-box" }, suggestions.node, input, h("div", { class: "composer-bar" }, bolt, hint, send));
  const closed = h("div", { class: "composer-closed", hidden: true }, h("span", {}, "You can read this channel. Join it to write here."), h("button", { type: "button", class: "btn btn-solid", dataset: { testid: `join${suffix}` }, onclick: () => joinChannel(get().place.channel) }, "Join"));
  const node = h("div", { class: "composer" }, box, closed);
  let draftKey = "";
  let sending = false;

  function grow() {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, innerHeight * 0.4)}px`;
    send.disabled = !input.value.trim();
  }

  async function submit() {
    const text = input.value;
    if (!text.trim() || sending) return;
    sending = true;
    node.setAttribute("aria-busy", "true");
    setText("");
    if (await compose(text, thread?.())) onSent();
    else if (!input.value) setText(text);
    node.removeAttribute("aria-busy");
    sending = false;
  }

  function setText(text) {
    input.value = text;
    drafts.set(draftKey, text);
    suggestions.update();
    grow();
  }

  input.addEventListener("input", () => {
    drafts.set(draftKey, input.value);
    grow();
  });
  input.addEventListener("keydown", (event) => {
    if (suggestions.key(event)) return event.preventDefault();
    // On a phone's keyboard Enter starts a line; the button sends.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || (isPhone() && matchMedia("(pointer: coarse)").matches)) return undefined;
    event.preventDefault();
    return submit();
  });
  send.addEventListener("click", () => submit().then(() => input.focus()));
  bolt.addEventListener("click", () => menu(bolt, globalShortcuts(input), { align: "start", label: "Shortcuts" }));

  watch(["place", "as", "channels", "people", "apps"], () => {
    const { place, as } = get();
    const channel = channelBy(place.channel);
    const key = `${as} ${place.channel} ${thread?.() ?? ""}`;
    const mayWrite = Boolean(channel?.is_member ?? true) && Boolean(channel);
    box.hidden = !mayWrite;
    closed.hidden = mayWrite || !channel;
    const name = thread ? "Reply" : `Message ${channel?.kind === "im" ? channelTitle(channel) : `#${channel?.name ?? ""}`}`;
    input.placeholder = appOfBot(channel?.with) ? `${name}, or type / for commands` : name;
    input.setAttribute("aria-label", name);
    if (key !== draftKey) {
      draftKey = key;
      setText(drafts.get(key) ?? "");
      if (!isPhone() && document.activeElement === document.body) input.focus();
    }
  });
  new ResizeObserver(grow).observe(box); // also when a thread is opened and it first shows

  return {
    node,
    focus: () => input.focus(),
    /** Puts a text to try into the field. */
    suggest(text) {
      setText(text);
      input.focus();
    },
  };
}

function globalShortcuts(input) {
  const shortcuts = get().apps.flatMap((app) => (app.shortcuts ?? []).filter((one) => one.type === "global").map((one) => ({ label: one.name, note: app.name, icon: "bolt", data: { testid: "global-shortcut", callbackId: one.callback_id }, run: () => runShortcut(one.callback_id) })));
  const commands = get().apps.flatMap((app) =>
    (app.commands ?? []).map((one) => ({
      label: one.command,
      note: app.name,
      run: () => {
        input.value = `${one.command} `;
        input.dispatchEvent(new Event("input", { bubbles: true }));
        input.focus();
      },
    })),
  );
  return [...(shortcuts.length ? [{ heading: "Shortcuts" }, ...shortcuts] : []), ...(commands.length ? [{ heading: "Commands" }, ...commands] : [])];
}
