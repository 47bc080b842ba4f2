/** Where blocks stand (a message, a modal, a Home tab), and what their elements report there. */

import { api } from "../api.js";
import { toast } from "../layers.js";
import { get } from "../store.js";

/** What a person reads when the app behind an element fails. */
export const FAILURES = {
  operation_timeout: "The app did not answer within three seconds. Try again.",
  dispatch_failed: "The app answered with an error. Try again.",
  not_connected: "The app is not connected just now.",
};

export const failureText = (code) => FAILURES[code] ?? `That did not work (${code}).`;

export class Surface {
  /** @type {Map<string, {blockId: string, actionId: string, read: () => any}>} */
  #fields = new Map();

  /**
   * @param {{channel: string, ts: string} | {view_id: string} | {home: string}} target
   * @param {{remembered?: Record<string, Record<string, any>>, afterAct?: () => Promise<void>}} [options]
   *   `remembered`: what the person had entered before the blocks were drawn anew
   */
  constructor(target, { remembered = {}, afterAct } = {}) {
    this.target = target;
    this.remembered = remembered;
    this.afterAct = afterAct;
  }

  /** What an element shows at first: what the person had entered, else what the app set. */
  initial(blockId, actionId, fallback) {
    const values = this.remembered[blockId];
    return values && actionId in values ? values[actionId] : fallback;
  }

  /** Counts an element's value in `values()`. */
  track(blockId, actionId, read) {
    this.#fields.set(`${blockId}\0${actionId}`, { blockId, actionId, read });
  }

  /** `{block_id: {action_id: value}}` of everything that can be filled in. */
  values() {
    const found = {};
    for (const { blockId, actionId, read } of this.#fields.values()) (found[blockId] ??= {})[actionId] = read();
    return found;
  }

  /**
   * Reports a press or a change to the app; `node` shows that it is under way.
   * @param {HTMLElement} node
   */
  async act(node, blockId, actionId, value) {
    node.setAttribute("aria-busy", "true");
    try {
      const answer = await api.action(get().as, this.target, blockId, actionId, value, this.values());
      if (answer.error) toast(failureText(answer.error), "error");
      await this.afterAct?.();
    } catch (error) {
      toast(error.message, "error");
    } finally {
      node.removeAttribute("aria-busy");
    }
  }

  /** Asks the app for the choices of an external select. */
  options(blockId, actionId, query) {
    return api.options(get().as, this.target, blockId, actionId, query);
  }
}
