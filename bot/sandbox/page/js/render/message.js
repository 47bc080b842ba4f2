/** One message: who, when, what, and what can be done with it. */

import { runShortcut } from "../actions.js";
import { h } from "../dom.js";
import { isEmojiOnly } from "../emoji.js";
import { icon } from "../icons.js";
import { menu, toast } from "../layers.js";
import { mrkdwn, plain } from "../mrkdwn.js";
import { go, hrefTo } from "../router.js";
import { foreignTeam, get, nameOf, personBy, viewer } from "../store.js";
import { ago, clockTime, fullTime, momentOf } from "../time.js";
import { avatar } from "./avatar.js";
import { foldable, renderBlocks } from "./blocks.js";
import { image } from "./images.js";
import { emojiNode } from "./pieces.js";
import { Surface } from "./surface.js";

const SLACKBOT = { id: "USLACKBOT", real_name: "Slackbot", name: "slackbot", is_bot: true, avatar: "#6b7280" };

/** @param {import("../store.js").Message} message */
export function authorOf(message) {
  const known = personBy(message.user) ?? (message.bot_id ? get().people.find((person) => person.is_bot && person.id === message.user) : null);
  if (message.user === SLACKBOT.id) return SLACKBOT;
  const author = known ?? { id: message.bot_id ?? message.user ?? "", real_name: message.username ?? "Unknown", is_bot: Boolean(message.bot_id) };
  return message.username && message.bot_id ? { ...author, real_name: message.username } : author;
}

/**
 * @param {import("../store.js").Message} message
 * @param {{channel: string, grouped?: boolean, inThread?: boolean, highlighted?: boolean, remembered?: object}} options
 *   `grouped`: it follows another one of the same author closely, whose name stands above
 */
export function renderMessage(message, options) {
  const { channel, grouped, highlighted, remembered } = options;
  const surface = new Surface({ channel, ts: message.ts }, { remembered, afterAct: options.afterAct });
  const author = authorOf(message);
  const { zone } = viewer();
  const moment = momentOf(message.ts);
  const classes = ["message", grouped && "grouped", message.ephemeral && "ephemeral", highlighted && "highlighted"].filter(Boolean).join(" ");
  const gutter = grouped ? h("time", { class: "gutter-time", datetime: moment.toISOString() }, clockTime(moment, zone)) : avatar(author, "large");
  const node = h(
    "article",
    { class: classes, dataset: { testid: "message", ts: message.ts, user: message.user }, "aria-label": `${nameOf(author)}, ${clockTime(moment, zone)}` },
    h("div", { class: "gutter" }, gutter),
    h(
      "div",
      { class: "message-main" },
      message.ephemeral ? h("div", { class: "only-you" }, icon("eye"), "Only visible to you") : null,
      grouped ? null : head(author, message, moment, zone),
      content(message, surface),
      attachments(message.attachments, surface),
      files(message.files),
      message.edited ? h("span", { class: "edited", title: message.edited.ts ? fullTime(momentOf(message.edited.ts), zone) : null }, "(edited)") : null,
      reactions(message.reactions),
      options.inThread ? null : threadLink(message, channel),
    ),
    toolbar(message, options),
  );
  node.surface = surface;
  return node;
}

function head(author, message, moment, zone) {
  return h(
    "div",
    { class: "message-head" },
    h("span", { class: "author", dir: "auto" }, nameOf(author)),
    author.is_bot ? h("span", { class: "badge" }, "App") : null,
    author.deleted ? h("span", { class: "badge badge-quiet" }, "Deactivated") : null,
    foreignTeam(author) ? h("span", { class: "badge badge-quiet", title: "From another workspace" }, foreignTeam(author)) : null,
    h("time", { class: "when", datetime: moment.toISOString(), title: fullTime(moment, zone) }, clockTime(moment, zone)),
  );
}

function content(message, surface) {
  const size = isEmojiOnly(message.text ?? "") ? "jumbo" : null;
  if (message.blocks?.length) return h("div", { class: size }, renderBlocks(message.blocks, surface));
  const body = h("div", { class: `message-text ${size ?? ""}` }, mrkdwn(message.text));
  if (body.textContent.length > 2000 || body.querySelectorAll("br").length > 20) foldable(body);
  return body;
}

/** Slack's older frame around blocks or a text, with a coloured edge. */
function attachments(list, surface) {
  return (list ?? []).map((one) =>
    h(
      "div",
      { class: "attachment", style: { "border-color": /^#[0-9a-f]{6}$/i.test(one.color ?? "") ? one.color : "var(--line-strong)" } },
      one.title ? h("strong", {}, plain(one.title)) : null,
      one.blocks?.length ? renderBlocks(one.blocks, surface) : mrkdwn(one.text ?? one.fallback),
    ),
  );
}

function files(list) {
  if (!list?.length) return null;
  return h("div", { class: "files" }, list.map(file));
}

function file(item) {
  const name = item.title || item.name || "File";
  const href = `/_sandbox/files/${encodeURIComponent(item.id)}`;
  const isPicture = item.mimetype?.startsWith("image/") || /\.(png|jpe?g|gif|webp|svg)$/i.test(item.name ?? "");
  if (isPicture) return h("figure", { class: "file-picture" }, h("figcaption", {}, name), h("a", { href, target: "_blank", rel: "noopener" }, image({ image_url: href, alt_text: item.alt_txt || name })));
  return h("a", { class: "file-card", href, target: "_blank", rel: "noopener" }, h("span", { class: "file-kind" }, (item.name ?? "").split(".").at(-1).slice(0, 4)), name);
}

function reactions(list) {
  if (!list?.length) return null;
  return h("div", { class: "reactions" }, list.map((one) => h("span", { class: "reaction", title: (one.users ?? []).map((id) => nameOf(personBy(id))).join(", ") }, emojiNode(one.name), ` ${one.count ?? one.users?.length ?? 1}`)));
}

function threadLink(message, channel) {
  if (!message.reply_count) return null;
  const count = message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`;
  const last = message.latest_reply ? h("span", { class: "thread-last" }, `Last reply ${ago(momentOf(message.latest_reply), get().now)}`) : null;
  return h("a", { class: "thread-link", href: hrefTo({ channel, thread: message.ts }), dataset: { testid: "thread-link" } }, icon("reply"), count, last);
}

/** What hovering shows; on a phone the dots alone, always. */
function toolbar(message, { channel, inThread }) {
  const more = h("button", { type: "button", class: "tool icon-dots", "aria-label": "More actions", "aria-haspopup": "menu", "aria-expanded": "false", dataset: { testid: "message-menu" } }, icon("more"));
  more.addEventListener("click", () => menu(more, menuItems(message, channel, inThread), { label: "Message actions" }));
  const reply = message.ephemeral || inThread ? null : h("a", { class: "tool tool-wide", href: hrefTo({ channel, thread: message.thread_ts ?? message.ts }), "aria-label": "Reply in thread", title: "Reply in thread" }, icon("reply"));
  return message.ephemeral ? null : h("div", { class: "toolbar" }, reply, more);
}

function menuItems(message, channel, inThread) {
  const shortcuts = get().apps.flatMap((app) => (app.shortcuts ?? []).filter((shortcut) => shortcut.type === "message").map((shortcut) => ({ app, shortcut })));
  return [
    ...(inThread ? [] : [{ label: "Reply in thread", icon: "reply", run: () => go({ channel, thread: message.thread_ts ?? message.ts }) }]),
    { label: "Copy link", icon: "link", run: () => copyLink(message, channel) },
    ...(shortcuts.length ? [{ heading: "Message shortcuts" }] : []),
    ...shortcuts.map(({ app, shortcut }) => ({
      label: shortcut.name,
      note: app.name,
      icon: "bolt",
      data: { testid: "message-shortcut", callbackId: shortcut.callback_id },
      run: () => runShortcut(shortcut.callback_id, { channel, ts: message.ts }),
    })),
  ];
}

async function copyLink(message, channel) {
  const address = message.permalink ?? new URL(hrefTo({ channel, ts: message.ts }), location.href).href;
  try {
    await navigator.clipboard.writeText(address);
    toast("Link copied");
  } catch {
    toast(address);
  }
}

