/** The small things a text may hold: people, channels, addresses, dates, emoji. */

import { h, link, safeHref } from "../dom.js";
import { emoji } from "../emoji.js";
import { hrefTo, placeOfPermalink } from "../router.js";
import { channelBy, get, nameOf, personBy, viewer } from "../store.js";
import { clockTime, fillDateToken, fullTime } from "../time.js";

/** A mention of a person; the acting person's own stands out. */
export function mention(id, fallback) {
  const person = personBy(id);
  const name = person ? nameOf(person) : fallback || id;
  const { now } = viewer();
  const title = person && !person.deleted ? `${name} · ${clockTime(now, person.tz || "UTC")} local time` : name;
  return h("span", { class: id === get().as ? "mention mention-me" : "mention", dataset: { user: id }, title }, `@${name}`);
}

/** `@channel`, `@here`, `@everyone`. */
export const broadcast = (range) => h("span", { class: "mention mention-me" }, `@${range}`);

/** A user group. */
export const groupMention = (id, label) => h("span", { class: "mention" }, label || `@${id}`);

/** A link to a channel, which stays text where this person cannot see it. */
export function channelLink(id, fallback) {
  const channel = channelBy(id);
  if (!channel) return h("span", { class: "mention" }, fallback ? `#${fallback}` : "a channel you cannot see");
  return h("a", { class: "mention", href: hrefTo({ channel: id, tab: "" }) }, `#${channel.name}`);
}

/** A link; one to a message here opens it here. */
export function address(url, label) {
  const place = safeHref(url) ? placeOfPermalink(url) : null;
  if (place) return h("a", { href: hrefTo(place) }, label ?? url);
  return link(url, label ?? url.replace(/^mailto:/, ""));
}

/**
 * A date token in the acting person's zone.
 * @param {number} epoch seconds
 */
export function date(epoch, pattern, url, fallback) {
  if (!Number.isFinite(epoch)) return fallback ?? "";
  const { zone } = viewer();
  const filled = fillDateToken(epoch, pattern, viewer());
  const time = h("time", { datetime: new Date(epoch * 1000).toISOString(), title: fullTime(new Date(epoch * 1000), zone) }, filled);
  return url ? link(url, time) : time;
}

/** An emoji by its short name; the name itself when it is not one that the page knows. */
export function emojiNode(name) {
  const character = emoji(name);
  return character ? h("span", { class: "emoji", role: "img", "aria-label": name, title: `:${name}:` }, character) : `:${name}:`;
}
