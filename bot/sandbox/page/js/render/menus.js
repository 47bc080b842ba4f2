/** What the heading offers: for a channel who is in it and who sees it, for an app its steps and its end. */

import { convertChannel, leaveChannel, shareChannel, uninstall } from "../actions.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { confirmation, menu } from "../layers.js";
import { get } from "../store.js";
import { openInvite, openStep } from "./dialogs.js";

function menuButton(testid, label, items) {
  const button = h("button", { type: "button", class: "icon-button head-menu", "aria-label": label, title: label, "aria-haspopup": "menu", "aria-expanded": "false", dataset: { testid } }, icon("moreWide"));
  button.addEventListener("click", () => menu(button, items(), { label }));
  return button;
}

/** @param {import("../store.js").Channel} channel */
export function channelMenu(channel) {
  const isPrivate = channel.kind === "private";
  const item = (name, label, glyph, run) => ({ label, icon: glyph, run, data: { testid: name } });
  return menuButton("channel-menu", "Channel", () => [
    item("invite", "Add people or apps…", "people", () => openInvite(channel)),
    item("convert", isPrivate ? "Make public" : "Make private", isPrivate ? "hash" : "lock", () => convert(channel, !isPrivate)),
    ...others(channel).map((team) => item("share", `Share with ${team.name}`, "shared", () => shareChannel(channel.id, team.id))),
    item("leave", "Leave channel", "leave", () => leaveChannel(channel.id)),
  ]);
}

const others = (channel) => get().teams.filter((team) => !channel.teams.includes(team.id));

async function convert(channel, isPrivate) {
  const text = isPrivate ? "Only its members will see it and what was written in it." : "Everyone in the workspace will see it and what was written in it.";
  const title = isPrivate ? `Make #${channel.name} private?` : `Make ${channel.name} public?`;
  if (await confirmation({ title, text, confirm: isPrivate ? "Make private" : "Make public", deny: "Cancel" })) convertChannel(channel.id, isPrivate);
}

/** @param {import("../store.js").App} app */
export function appMenu(app) {
  return menuButton("app-menu", "App", () => [
    ...(app.functions?.length ? [{ label: "Run a workflow step…", icon: "play", run: () => openStep(app), data: { testid: "run-step" } }] : []),
    { label: "Remove app…", icon: "trash", run: () => remove(app), data: { testid: "uninstall" } },
  ]);
}

async function remove(app) {
  const text = `${app.name} loses its token and hears that it is gone. What it posted stays.`;
  if (await confirmation({ title: `Remove ${app.name} from ${get().team.name}?`, text, confirm: "Remove", deny: "Cancel", danger: true })) uninstall(app.app_id);
}
