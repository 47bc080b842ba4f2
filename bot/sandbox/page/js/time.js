/** Moments as the acting person reads them: in their zone, against the sandbox's clock. */

const LOCALE = "en-US";
const DAY_MS = 86_400_000;
const formats = new Map();

function format(zone, options) {
  const key = zone + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: zone }));
  return formats.get(key);
}

/** The zone itself when this browser knows it, else UTC. */
export function knownZone(zone) {
  try {
    format(zone, { hour: "numeric" });
    return zone;
  } catch {
    return "UTC";
  }
}

/** @param {string} ts a message's timestamp, seconds with six decimals */
export const momentOf = (ts) => new Date(Number(ts) * 1000);

export const clockTime = (moment, zone) => format(zone, { hour: "numeric", minute: "2-digit" }).format(moment);

export const weekdayTime = (moment, zone) =>
  format(zone, { weekday: "short", month: "short", day: "numeric", hour: "numeric", minute: "2-digit" }).format(moment);

export const fullTime = (moment, zone) => format(zone, { dateStyle: "full", timeStyle: "long" }).format(moment);

export const timeWithSeconds = (moment, zone) => format(zone, { timeStyle: "medium" }).format(moment);

/** `2026-11-24` in the zone. */
export function dayKey(moment, zone) {
  const parts = partsOf(moment, zone);
  return `${parts.year}-${parts.month}-${parts.day}`;
}

/** `2026-11-24T09:30` in the zone, as date and time inputs want it. */
export function wallClock(moment, zone) {
  const parts = partsOf(moment, zone);
  return `${dayKey(moment, zone)}T${parts.hour}:${parts.minute}`;
}

function partsOf(moment, zone) {
  const options = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return Object.fromEntries(format(zone, options).formatToParts(moment).map((part) => [part.type, part.value]));
}

/**
 * The epoch seconds at which the zone's clocks show `wall`.
 * @param {string} wall `2026-11-24T09:30`
 */
export function epochOf(wall, zone) {
  const asUtc = Date.parse(`${wall}:00Z`);
  let guess = asUtc;
  // Twice, since the first correction may cross a daylight-saving change.
  for (let round = 0; round < 2; round += 1) {
    guess += asUtc - Date.parse(`${wallClock(new Date(guess), zone)}:00Z`);
  }
  return guess / 1000;
}

/** Today, Yesterday, or the date; the year only where it is another one. */
export function dayLabel(moment, zone, now) {
  return nearDay(moment, zone, now) ?? longDate(moment, zone, now, "long");
}

function nearDay(moment, zone, now) {
  const days = Math.round((Date.parse(dayKey(moment, zone)) - Date.parse(dayKey(now, zone))) / DAY_MS);
  return { "-1": "Yesterday", 0: "Today", 1: "Tomorrow" }[days] ?? null;
}

function longDate(moment, zone, now, month) {
  const sameYear = dayKey(moment, zone).slice(0, 4) === dayKey(now, zone).slice(0, 4);
  return format(zone, { weekday: "long", month, day: "numeric", ...(sameYear ? {} : { year: "numeric" }) }).format(moment);
}

/** "3 hours ago", "in 2 days". */
export function ago(moment, now) {
  const seconds = (moment - now) / 1000;
  const units = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3600], ["minute", 60]];
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}

/**
 * Fills a date token's format, as in `<!date^1392734382^Posted {date_num}|fallback>`.
 * @param {number} epoch seconds
 * @param {string} pattern
 * @param {{zone: string, now: Date}} viewer
 */
export function fillDateToken(epoch, pattern, { zone, now }) {
  const moment = new Date(epoch * 1000);
  const date = (options) => format(zone, options).format(moment);
  const pretty = (other) => nearDay(moment, zone, now)?.toLowerCase() ?? other;
  const values = {
    date_num: () => dayKey(moment, zone),
    date_slash: () => date({ year: "numeric", month: "2-digit", day: "2-digit" }),
    date: () => date({ month: "long", day: "numeric", year: "numeric" }),
    date_short: () => date({ month: "short", day: "numeric", year: "numeric" }),
    date_long: () => date({ weekday: "long", month: "long", day: "numeric", year: "numeric" }),
    date_pretty: () => pretty(values.date()),
    date_short_pretty: () => pretty(values.date_short()),
    date_long_pretty: () => pretty(values.date_long()),
    day_divider_pretty: () => pretty(longDate(moment, zone, now, "long")),
    time: () => clockTime(moment, zone),
    time_secs: () => timeWithSeconds(moment, zone),
    ago: () => ago(moment, now),
  };
  return pattern.replace(/\{(\w+)\}/g, (whole, name) => values[name]?.() ?? whole);
}
