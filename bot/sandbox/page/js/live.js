/** Live updates: the sandbox tells what changed, the page asks for it. */

import { refresh, refreshAll, refreshPlace, refreshTraffic } from "./actions.js";
import { get, set } from "./store.js";

const CALM_MS = 40; // a burst of changes becomes one refresh

/** Listens for as long as the page is open; the browser connects again by itself. */
export function listen() {
  const source = new EventSource("/_sandbox/events");
  let timer = null;
  let here = false;
  source.addEventListener("message", (event) => {
    here ||= concernsPlace(JSON.parse(event.data));
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const reload = here;
      here = false;
      await refresh();
      await Promise.all([reload ? refreshPlace() : null, refreshTraffic()]);
    }, CALM_MS);
  });
  source.addEventListener("open", () => {
    if (!get().online) refreshAll();
    set({ online: true });
  });
  source.addEventListener("error", () => {
    set({ online: false });
    // A browser gives up after an answer that is no event stream.
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  });
}

function concernsPlace({ channels, home }) {
  const { place, as } = get();
  return Boolean(channels?.includes(place.channel) || home?.includes(as) || (place.app && !place.channel));
}
