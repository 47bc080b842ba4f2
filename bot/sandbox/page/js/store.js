/**
 * What the page knows, and who wants to hear when it changes.
 *
 * @typedef {{id: string, name: string, real_name: string, tz: string, tz_label?: string, is_bot: boolean,
 *   deleted: boolean, is_admin?: boolean, avatar?: string, team_id: string}} Person
 * @typedef {{id: string, name: string, domain: string}} Team
 * @typedef {{id: string, name: string, kind: "channel" | "private" | "im", with?: string, members: string[],
 *   topic: string, is_member: boolean, last_ts: string | null, unread: number, is_shared: boolean, teams: string[]}} Channel
 * @typedef {{app_id: string, name: string, bot_user_id: string, connected: boolean, home_enabled: boolean,
 *   commands: {command: string, description: string, usage_hint: string}[],
 *   shortcuts: {type: "message" | "global", name: string, callback_id: string}[],
 *   functions: {callback_id: string, title: string, inputs: object[], outputs: object[]}[]}} App
 * @typedef {{ts: string, user?: string, bot_id?: string, username?: string, text: string, blocks?: object[],
 *   thread_ts?: string, reply_count?: number, reactions?: object[], edited?: object, ephemeral?: boolean,
 *   files?: object[], permalink?: string}} Message
 * @typedef {{channel?: string, app?: string, tab: "home" | "messages" | "", thread?: string, ts?: string}} Place
 */

const state = {
  as: /** @type {string | null} */ (null),
  team: /** @type {Team} */ ({ id: "", name: "Sandbox", domain: "" }),
  teams: /** @type {Team[]} */ ([]),
  people: /** @type {Person[]} */ ([]),
  channels: /** @type {Channel[]} */ ([]),
  apps: /** @type {App[]} */ ([]),
  available: /** @type {{app_id: string, name: string, install_url: string}[]} */ ([]),
  views: /** @type {object[]} */ ([]),
  now: new Date(),
  hint: /** @type {string | null} */ (null),
  place: /** @type {Place} */ ({ tab: "" }),
  messages: /** @type {Message[] | null} */ (null),
  thread: /** @type {Message[] | null} */ (null),
  home: /** @type {object | null | undefined} */ (undefined),
  clockMoving: /** @type {string | null} */ (null),
  traffic: /** @type {object[]} */ ([]),
  inspecting: false,
  online: true,
};

const watchers = /** @type {{keys: string[], fn: () => void}[]} */ ([]);
let changed = new Set();

/** The present state; read it, change it through `set` alone. */
export const get = () => state;

/**
 * Changes some of the state. Watchers run once, after the present task.
 * @param {Partial<typeof state>} patch
 */
export function set(patch) {
  for (const [key, value] of Object.entries(patch)) {
    if (same(state[key], value)) continue;
    state[key] = value;
    if (changed.size === 0) queueMicrotask(notify);
    changed.add(key);
  }
}

// A refresh usually brings the same answer; comparing it spares every view a rendering.
function same(before, after) {
  if (before === after) return true;
  if (before instanceof Date || !before || !after || typeof before !== "object") return false;
  return JSON.stringify(before) === JSON.stringify(after);
}

function notify() {
  const keys = changed;
  changed = new Set();
  for (const watcher of watchers) if (watcher.keys.some((key) => keys.has(key))) watcher.fn();
}

/**
 * Runs `fn` now and after each change of one of `keys`.
 * @param {(keyof typeof state)[]} keys
 * @param {() => void} fn
 */
export function watch(keys, fn) {
  watchers.push({ keys, fn });
  fn();
}

/** @returns {Person | undefined} */
export const personBy = (id) => state.people.find((person) => person.id === id);

/** @returns {Channel | undefined} */
export const channelBy = (id) => state.channels.find((channel) => channel.id === id);

/** @returns {App | undefined} */
export const appBy = (id) => state.apps.find((app) => app.app_id === id);

/** @returns {App | undefined} */
export const appOfBot = (userId) => state.apps.find((app) => app.bot_user_id === userId);

/** The direct message that the acting person has with someone. */
export const directWith = (userId) => state.channels.find((channel) => channel.kind === "im" && channel.with === userId);

/** Whom one can name or choose: people first, then apps; not those who left, nor Slackbot. */
export function activePeople() {
  const active = state.people.filter((person) => !person.deleted && person.id !== "USLACKBOT");
  return active.sort((a, b) => Number(a.is_bot) - Number(b.is_bot));
}

/** Whether a person belongs to the workspace that one is in; Slackbot belongs to each. */
export const isOwn = (person) => !person?.team_id || person.team_id === state.team.id;

/** The name of the workspace that somebody is from, when it is another one. */
export const foreignTeam = (person) => (isOwn(person) ? "" : (state.teams.find((team) => team.id === person.team_id)?.name ?? "Another workspace"));

/** The names of the other workspaces that have a channel too. */
export const sharedWith = (channel) => (channel?.is_shared ? state.teams.filter((team) => channel.teams.includes(team.id) && team.id !== state.team.id).map((team) => team.name) : []);

/** Who looks at the page: whose zone and which moment dates are shown in. */
export function viewer() {
  return { zone: personBy(state.as)?.tz || "UTC", now: state.now };
}

/** How many conversations other than the shown one hold something new. */
export const unreadElsewhere = () => state.channels.filter((channel) => channel.unread && channel.id !== state.place.channel).length;

/** A person's name as it is shown beside what they wrote. */
export const nameOf = (person) => person?.real_name || person?.name || "Unknown";

/** What a channel is called in a list: `general`, or the other person's name. */
export function channelTitle(channel) {
  if (!channel) return "";
  return channel.kind === "im" ? nameOf(personBy(channel.with)) : channel.name;
}
