/** What the page does: asks the sandbox, and keeps the state as it answers. */

import { api } from "./api.js";
import { toast } from "./layers.js";
import { go, parse } from "./router.js";
import { appBy, appOfBot, channelBy, directWith, get, set } from "./store.js";

const REMEMBERED = "sandbox.as";

/** Runs one thing at a time; asked again meanwhile, it runs once more afterwards. */
function coalesced(work) {
  let running = null;
  let again = false;
  return function run() {
    if (running) {
      again = true;
      return running;
    }
    running = (async () => {
      do {
        again = false;
        await work();
      } while (again);
    })().finally(() => (running = null));
    return running;
  };
}

export const refresh = coalesced(async () => {
  try {
    const asked = get().as;
    const answer = await api.state(asked);
    if (asked !== get().as) return;
    const { team, teams, people, channels, apps, available, views, hint = null, now } = answer;
    set({ as: asked ?? answer.as, team, teams, people, channels, apps, available, views, hint, online: true });
    signIn(get().as, team.id);
    setNow(now);
  } catch (error) {
    if (error.code === "unreachable") set({ online: false });
    else await forgetPerson(error);
  }
});

// A remembered person may be gone when the sandbox starts anew with other people.
async function forgetPerson(error) {
  if (get().people.length) return toast(error.message, "error");
  sessionStorage.removeItem(REMEMBERED);
  localStorage.removeItem(REMEMBERED);
  if (get().as) {
    set({ as: null });
    refresh();
  }
}

let told = { now: Date.now(), at: performance.now() };

function setNow(iso) {
  told = { now: Date.parse(iso), at: performance.now() };
  tick();
}

/** Moves the page's clock on; the sandbox's own runs with real time between its moves. */
export const tick = () => set({ now: new Date(told.now + performance.now() - told.at) });

/** Loads what is shown: the conversation, the thread beside it, or the app's Home. */
export const refreshPlace = coalesced(async () => {
  const { as, place } = get();
  const still = () => get().as === as && get().place === place;
  if (!as) return;
  try {
    if (place.app && place.tab === "home") {
      const { view } = await api.home(as, place.app);
      if (still()) set({ home: view });
    }
    if (place.channel && place.tab !== "home" && channelBy(place.channel)) {
      const { messages } = await api.messages(as, place.channel);
      if (still()) set({ messages });
      if (place.thread) {
        const thread = await api.messages(as, place.channel, place.thread);
        if (still()) set({ thread: thread.messages });
      }
    }
  } catch (error) {
    if (still()) set({ messages: [], thread: null });
    if (error.code !== "unreachable") toast(error.message, "error");
  }
});

export const refreshTraffic = coalesced(async () => {
  if (!get().inspecting) return;
  const last = get().traffic.at(-1)?.n ?? 0;
  const { entries, next } = await api.traffic(last).catch(() => ({ entries: [], next: Infinity }));
  if (next <= last) {
    set({ traffic: [] }); // the sandbox started anew and counts from one again
    refreshTraffic(); // runs once this run is over, so it must not be awaited
    return;
  }
  const known = get().traffic;
  const fresh = entries.filter((entry) => !known.some((old) => old.n === entry.n));
  if (fresh.length) set({ traffic: [...known, ...fresh].slice(-500) });
});

export async function refreshAll() {
  await refresh();
  await Promise.all([refreshPlace(), refreshTraffic()]);
}

/** Follows the address. */
export async function arrive() {
  const place = parse(location.hash) ?? firstPlace();
  if (!place) return;
  const changed = place.channel !== get().place.channel || place.app !== get().place.app || place.tab !== get().place.tab;
  set({ place, ...(changed ? { messages: null, home: undefined } : {}), ...(place.thread === get().place.thread ? {} : { thread: null }) });
  if (place.app && changed) await openApp(place);
  await refreshPlace();
  await refresh();
}

async function openApp(place) {
  try {
    await api.openHome(get().as, place.app, place.tab);
    await refresh();
    const channel = directWith(appBy(place.app)?.bot_user_id)?.id;
    if (get().place === place && channel) set({ place: { ...place, channel } });
  } catch (error) {
    toast(error.message, "error");
  }
}

function firstPlace() {
  const channels = get().channels.filter((channel) => channel.is_member);
  const first = channels.find((channel) => channel.kind === "channel") ?? channels[0];
  return first ? { channel: first.id, tab: "" } : null;
}

/** A channel, or for an app's direct messages its Messages tab. */
export function openChannel(channel) {
  const app = channel.kind === "im" ? appOfBot(channel.with) : null;
  go(app ? { app: app.app_id, tab: "messages" } : { channel: channel.id, tab: "" });
}

/** The direct conversation with a person, which begins when it is first opened. */
export async function openDirect(personId) {
  const known = directWith(personId);
  if (known) return openChannel(known);
  return attempt(async () => {
    const { channel } = await api.direct(get().as, personId);
    await refresh();
    go({ channel, tab: "" });
  });
}

// The consent page of an app proposes whom one acts as, like a browser that is signed in.
function signIn(id, team) {
  sessionStorage.setItem(`${REMEMBERED}.${team}`, id);
  document.cookie = `sandbox_as=${encodeURIComponent(id)}; path=/; SameSite=Lax`;
}

/** Goes to another workspace, as whom one was there last. */
export async function goToTeam(team) {
  const before = sessionStorage.getItem(`${REMEMBERED}.${team}`);
  return attempt(async () => actAs(before ?? (await api.state(undefined, team)).as));
}

/** Becomes someone else; what they cannot see is left. */
export async function actAs(id) {
  sessionStorage.setItem(REMEMBERED, id);
  localStorage.setItem(REMEMBERED, id);
  set({ as: id, views: [], messages: null, thread: null, home: undefined });
  await refresh();
  const { place } = get();
  if (place.app ? !appBy(place.app) : !channelBy(place.channel)) return goHome();
  if (place.app) set({ place: { tab: "" } });
  return arrive();
}

/** Leaves what one cannot see any more. */
async function goHome() {
  set({ place: { tab: "" } });
  location.hash = "";
  await arrive();
}

/** Who this tab acted as last; another tab may act as someone else. */
export const rememberedPerson = () => new URLSearchParams(location.search).get("as") ?? sessionStorage.getItem(REMEMBERED) ?? localStorage.getItem(REMEMBERED);

/** @returns {Promise<boolean>} whether the text was taken */
export async function compose(text, thread) {
  const { as, place } = get();
  return attempt(() => api.compose(as, place.channel, text, thread));
}

export const joinChannel = (channel) => attempt(() => api.join(get().as, channel));

/** @returns {Promise<string>} why it did not work; empty when it did */
async function tried(work) {
  try {
    await work();
    await refreshAll();
    return "";
  } catch (error) {
    return error.message;
  }
}

export const newTeam = (name, admin) =>
  tried(async () => {
    const { person } = await api.newTeam(name, admin);
    await actAs(person.id);
  });

export const newChannel = (name, isPrivate) =>
  tried(async () => {
    const { channel } = await api.newChannel(get().as, name, isPrivate);
    await refresh();
    go({ channel, tab: "" });
  });

export const invite = (channel, users) =>
  tried(async () => {
    for (const user of users) await api.invite(get().as, channel, user);
  });

export const leaveChannel = (channel) =>
  attempt(async () => {
    await api.leave(get().as, channel, get().as);
    await refresh();
    if (!channelBy(channel)) await goHome();
  });

export const convertChannel = (channel, isPrivate) => attempt(() => api.convert(get().as, channel, isPrivate));

export const shareChannel = (channel, team) => attempt(() => api.share(get().as, channel, team));

export const uninstall = (app) =>
  attempt(async () => {
    await api.uninstall(get().as, app);
    await refresh();
    await goHome();
  });

export const runShortcut = (callbackId, message) => attempt(() => api.shortcut(get().as, callbackId, message));

async function attempt(work) {
  try {
    await work();
    await refreshAll();
    return true;
  } catch (error) {
    toast(error.message, "error");
    return false;
  }
}

/** @param {"hour" | "next_working_morning" | "week"} preset */
export async function moveClock(preset) {
  set({ clockMoving: preset });
  await attempt(async () => setNow((await api.moveClock(preset, get().as)).now));
  set({ clockMoving: null });
}
