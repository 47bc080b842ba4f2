/** Where the page is, as the address's fragment: `#/C1`, `#/C1/170.1` (a message), `#/C1/t/170.1` (a thread), `#/app/A1/home`. */

import { get, set, directWith, appBy } from "./store.js";

/** @typedef {import("./store.js").Place} Place */

/** @param {Place} place */
export function hrefTo({ channel, app, tab, thread, ts }) {
  if (app) return `#/app/${app}/${tab || "home"}`;
  if (thread) return `#/${channel}/t/${thread}${ts && ts !== thread ? `/${ts}` : ""}`;
  return ts ? `#/${channel}/${ts}` : `#/${channel}`;
}

/** @returns {Place | null} */
export function parse(fragment) {
  const app = fragment.match(/^#\/app\/(\w+)\/(home|messages)$/);
  if (app) return { app: app[1], tab: app[2], channel: directWith(appBy(app[1])?.bot_user_id)?.id };
  const thread = fragment.match(/^#\/(\w+)\/t\/([\d.]+)(?:\/([\d.]+))?$/);
  if (thread) return { channel: thread[1], tab: "", thread: thread[2], ts: thread[3] };
  const message = fragment.match(/^#\/(\w+)(?:\/([\d.]+))?$/);
  if (message) return { channel: message[1], tab: "", ts: message[2] };
  return null;
}

/** Goes somewhere; the address follows, so that Back and a copied link work. */
export function go(place) {
  const fragment = hrefTo(place);
  if (location.hash === fragment) set({ place: parse(fragment) });
  else location.hash = fragment;
}

/** Closes the thread or the message link and stays in the conversation. */
export function leaveThread() {
  const { channel, app, tab } = get().place;
  go(app ? { app, tab } : { channel, tab: "" });
}

const PERMALINK = /\/archives\/(\w+)\/p(\d{10})(\d{6})(?:\?.*thread_ts=([\d.]+))?/;

/**
 * The place that a message's permalink names, or null when it is any other address.
 * @param {string} address
 */
export function placeOfPermalink(address) {
  const found = address.match(PERMALINK);
  if (!found || !get().channels.some((channel) => channel.id === found[1])) return null;
  const ts = `${found[2]}.${found[3]}`;
  const thread = found[4] && found[4] !== ts ? found[4] : undefined;
  return { channel: found[1], tab: "", ts, thread };
}
