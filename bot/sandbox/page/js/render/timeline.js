/** A list of messages, by day and author. Only what changed is drawn anew, so that menus and entries survive. */

import { refreshAll } from "../actions.js";
import { h } from "../dom.js";
import { get, viewer } from "../store.js";
import { dayKey, dayLabel, momentOf } from "../time.js";
import { renderMessage } from "./message.js";

const GROUP_SECONDS = 300;
const NEAR_END_PX = 120;

export class Timeline {
  #drawn = new Map(); // key -> {signature, node}

  /** @param {{inThread?: boolean}} [options] */
  constructor({ inThread = false } = {}) {
    this.inThread = inThread;
    this.list = h("div", { class: "timeline-list", role: "log", "aria-live": "polite", "aria-label": inThread ? "Thread" : "Messages" });
    this.node = h("div", { class: "timeline", tabindex: "0" }, this.list);
    this.key = null;
  }

  /**
   * @param {string} key what is shown; another one starts at the newest message
   * @param {import("../store.js").Message[]} messages
   * @param {{channel: string, highlight?: string, intro?: Node | null}} options
   */
  show(key, messages, { channel, highlight, intro }) {
    const fresh = key !== this.key;
    const followed = fresh || this.isAtEnd();
    const newHighlight = highlight && `${key} ${highlight}` !== this.highlight;
    if (fresh) this.#drawn.clear();
    this.key = key;
    this.highlight = highlight ? `${key} ${highlight}` : null;
    this.#reconcile([...(intro ? [["intro", "intro", () => intro]] : []), ...this.#rows(messages, channel, highlight)]);
    if (newHighlight) this.#scrollTo(highlight);
    else if (followed) this.toEnd();
  }

  isAtEnd() {
    return this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < NEAR_END_PX;
  }

  toEnd() {
    this.node.scrollTop = this.node.scrollHeight;
  }

  #scrollTo(ts) {
    this.list.querySelector(`[data-ts="${CSS.escape(ts)}"]`)?.scrollIntoView({ block: "center" });
  }

  /** `[key, signature, draw]` of each row; the same signature keeps the node. */
  #rows(messages, channel, highlight) {
    const { zone, now } = viewer();
    const common = `${get().as} ${zone} ${dayKey(now, zone)} ${get().people.length} ${channel}`;
    const rows = [];
    let last = null;
    for (const message of messages) {
      const moment = momentOf(message.ts);
      const day = dayKey(moment, zone);
      if (!last || dayKey(momentOf(last.ts), zone) !== day) {
        const label = dayLabel(moment, zone, now);
        rows.push([`day ${day}`, label, () => h("div", { class: "day", role: "separator" }, h("span", {}, label))]);
        last = null;
      }
      const options = { channel, grouped: follows(last, message), inThread: this.inThread, highlighted: message.ts === highlight, afterAct: refreshAll };
      rows.push([message.ts, `${common} ${options.grouped} ${options.highlighted} ${JSON.stringify(message)}`, (before) => renderMessage(message, { ...options, remembered: before?.surface?.values() })]);
      last = message;
    }
    return rows;
  }

  #reconcile(rows) {
    const next = new Map();
    for (const [key, signature, draw] of rows) {
      const before = this.#drawn.get(key);
      next.set(key, before?.signature === signature ? before : { signature, node: draw(before?.node) });
    }
    this.#drawn = next;
    let at = this.list.firstChild;
    for (const { node } of next.values()) {
      if (node === at) at = at.nextSibling;
      else this.list.insertBefore(node, at);
    }
    const kept = new Set([...next.values()].map(({ node }) => node));
    for (const node of [...this.list.children]) if (!kept.has(node)) node.remove();
  }
}

function follows(last, message) {
  if (!last || last.ephemeral || message.ephemeral) return false;
  const sameAuthor = last.user === message.user && last.bot_id === message.bot_id && last.username === message.username;
  return sameAuthor && Number(message.ts) - Number(last.ts) < GROUP_SECONDS;
}
