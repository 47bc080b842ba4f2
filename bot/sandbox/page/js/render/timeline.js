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
    this.following = true; // whether new messages are scrolled to
    this.node.addEventListener("scroll", () => (this.following = this.isAtEnd()));
    // Pictures that load and panels that open change the heights without a scroll.
    const resized = new ResizeObserver(() => this.following && this.toEnd());
    resized.observe(this.node);
    resized.observe(this.list);
  }

  /**
   * @param {string} key what is shown; another one starts at the newest message
   * @param {import("../store.js").Message[]} messages
   * @param {{channel: string, highlight?: string, intro?: Node | null}} options
   */
  show(key, messages, { channel, highlight, intro }) {
    const fresh = key !== this.key;
    if (fresh) this.following = true;
    const wanted = highlight ? `${key} ${highlight}` : null;
    if (fresh) this.#drawn.clear();
    this.key = key;
    this.#reconcile([...(intro ? [["intro", "intro", () => intro]] : []), ...this.#rows(messages, channel, highlight)]);
    const row = wanted && wanted !== this.reached ? this.#find(highlight) : null;
    if (row) this.#scrollTo(row);
    else if (this.following) this.toEnd();
    if (row || !wanted) this.reached = wanted;
  }

  isAtEnd() {
    return this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < NEAR_END_PX;
  }

  toEnd() {
    this.node.scrollTop = this.node.scrollHeight;
  }

  #find(ts) {
    return this.list.querySelector(`[data-ts="${CSS.escape(ts)}"]`);
  }

  #scrollTo(row) {
    this.following = false;
    row.scrollIntoView({ block: "center" });
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
  if (!last || last.ephemeral || message.ephemeral || message.bot_id || last.bot_id) return false;
  return last.user === message.user && Number(message.ts) - Number(last.ts) < GROUP_SECONDS;
}
