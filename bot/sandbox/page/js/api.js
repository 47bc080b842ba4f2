/** The sandbox's control API, as `bot/sandbox/README.md` describes it. */

/** A refusal: `code` is the API's error, the message one sentence for people. */
export class ApiError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

async function call(method, path, { query, body } = {}) {
  const search = new URLSearchParams(Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null));
  const address = `/_sandbox/${path}${search.size ? `?${search}` : ""}`;
  const response = await fetch(address, {
    method,
    headers: body ? { "content-type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
  }).catch(() => {
    throw new ApiError("unreachable", "The sandbox does not answer. Is it still running?");
  });
  const answer = await response.json().catch(() => ({ ok: false }));
  if (!answer.ok) {
    throw new ApiError(answer.error ?? "failed", answer.message ?? answer.error ?? `The sandbox answered ${response.status}.`);
  }
  return answer;
}

const read = (path, query) => call("GET", path, { query });
const write = (path, body) => call("POST", path, { body });

export const api = {
  state: (as, team) => read("state", { as, team }),
  messages: (as, channel, thread) => read("messages", { as, channel, thread_ts: thread }),
  compose: (as, channel, text, thread) => write("compose", { as, channel, text, thread_ts: thread }),
  /** @param {object} target `{channel, ts}`, `{view_id}` or `{home: app_id}` */
  action: (as, target, blockId, actionId, value, state) =>
    write("action", { as, ...target, block_id: blockId, action_id: actionId, value, state }),
  options: (as, target, blockId, actionId, value) =>
    write("options", { as, ...target, block_id: blockId, action_id: actionId, value }),
  submit: (as, viewId, values) => write("view/submit", { as, view_id: viewId, values }),
  close: (as, viewId, clear) => write("view/close", { as, view_id: viewId, clear }),
  shortcut: (as, callbackId, message) => write("shortcut", { as, callback_id: callbackId, ...message }),
  join: (as, channel) => write(`channels/${encodeURIComponent(channel)}/members`, { as, user: as }),
  direct: (as, other) => write("im", { as, with: other }),
  openHome: (as, app, tab) => write("home/open", { as, app_id: app, tab }),
  home: (as, app) => read("home", { as, app_id: app }),
  newTeam: (name, admin) => write("teams", { name, admin }),
  newChannel: (as, name, isPrivate) => write("channels", { as, name, is_private: isPrivate, members: [as] }),
  invite: (as, channel, user) => write(`channels/${encodeURIComponent(channel)}/members`, { as, user }),
  leave: (as, channel, user) => call("DELETE", `channels/${encodeURIComponent(channel)}/members/${encodeURIComponent(user)}`, { query: { as } }),
  convert: (as, channel, isPrivate) => write(`channels/${encodeURIComponent(channel)}/convert`, { as, private: isPrivate }),
  share: (as, channel, team) => write(`channels/${encodeURIComponent(channel)}/share`, { as, team }),
  uninstall: (as, app) => write(`apps/${encodeURIComponent(app)}/uninstall`, { as }),
  runStep: (as, app, step, inputs) => write("function", { as, app_id: app, callback_id: step, inputs }),
  stepResult: (execution) => read(`function/${encodeURIComponent(execution)}`),
  moveClock: (preset, as) => write("clock", { preset, as }),
  traffic: (since) => read("traffic", { since }),
};
