/** What floats above the page: popovers, menus, a confirmation, a passing line of text. */

import { h, isPhone } from "./dom.js";
import { icon } from "./icons.js";

const GAP = 6; // px between a popover and what it belongs to
const EDGE = 8; // px kept free at the window's edge

/**
 * Shows `content` beside `anchor` until it is dismissed; on a phone, as a sheet at the bottom.
 * A popover is the anchor's: asking for it again while it shows closes it.
 * @param {HTMLElement} anchor
 * @param {HTMLElement} content
 * @param {{align?: "start" | "end", label?: string, role?: string, onClose?: () => void, matchWidth?: boolean}} [options]
 * @returns {{close: () => void, place: () => void} | null} null when it was open already
 */
export function popover(anchor, content, { align = "start", label, role, onClose, matchWidth } = {}) {
  if (anchor.dataset.closedAt && performance.now() - Number(anchor.dataset.closedAt) < 250) return null;
  const box = h("div", { class: "popover", popover: "auto", role, "aria-label": label }, content);
  // Inside the dialog when there is one: everything outside of it is inert.
  (anchor.closest("dialog") ?? document.body).append(box);
  const place = () => isPhone() || position(box, anchor, align, matchWidth);
  const scrolled = (event) => box.contains(event.target) || place();
  const close = () => box.matches(":popover-open") && box.hidePopover();
  box.addEventListener("beforetoggle", (event) => {
    // The press that dismisses a popover is often on its anchor, whose click must not open it again.
    if (event.newState === "closed") anchor.dataset.closedAt = String(performance.now());
  });
  box.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    anchor.setAttribute("aria-expanded", "false");
    removeEventListener("scroll", scrolled, true);
    box.remove();
    onClose?.();
  });
  anchor.setAttribute("aria-expanded", "true");
  box.showPopover();
  place();
  addEventListener("scroll", scrolled, true);
  return { close, place };
}

function position(box, anchor, align, matchWidth) {
  const at = anchor.getBoundingClientRect();
  if (matchWidth) box.style.minWidth = `${Math.max(at.width, 220)}px`;
  const { width, height } = box.getBoundingClientRect();
  const below = innerHeight - at.bottom - GAP - EDGE;
  const top = height > below && at.top > below ? Math.max(EDGE, at.top - GAP - height) : at.bottom + GAP;
  const wanted = align === "end" ? at.right - width : at.left;
  box.style.left = `${Math.max(EDGE, Math.min(wanted, innerWidth - width - EDGE))}px`;
  box.style.top = `${Math.min(top, Math.max(EDGE, innerHeight - height - EDGE))}px`;
}

/**
 * A menu of things to do.
 * @param {HTMLElement} anchor
 * @param {({label: string, note?: string, icon?: string, run: () => void, data?: object} | {heading: string})[]} items
 */
export function menu(anchor, items, { align = "end", label = "Actions" } = {}) {
  const rows = items.map((item) => (item.heading ? h("div", { class: "menu-heading", role: "presentation" }, item.heading) : menuRow(item, () => shown.close())));
  const list = h("div", { class: "menu", role: "menu", "aria-label": label, onkeydown: moveFocus }, rows);
  const shown = popover(anchor, list, { align });
  list.querySelector("[role=menuitem]")?.focus();
}

function menuRow(item, close) {
  const run = () => {
    close();
    item.run();
  };
  return h(
    "button",
    { class: "menu-item", role: "menuitem", type: "button", tabindex: "-1", dataset: item.data, onclick: run },
    item.icon ? icon(item.icon) : null,
    h("span", { class: "menu-label" }, item.label),
    item.note ? h("span", { class: "menu-note" }, item.note) : null,
  );
}

function moveFocus(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const rows = [...event.currentTarget.querySelectorAll("[role=menuitem]")];
  rows.at((rows.indexOf(document.activeElement) + step) % rows.length)?.focus();
}

/**
 * Asks before something is done, as a Block Kit `confirm` object says.
 * @returns {Promise<boolean>}
 */
export function confirmation({ title, text, confirm, deny, danger }) {
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      { class: "confirm", "aria-label": title, dataset: { testid: "confirm" }, onclose: () => finish(dialog.returnValue === "yes") },
      h(
        "form",
        { method: "dialog" },
        h("h2", {}, title),
        h("div", { class: "confirm-text" }, text),
        h("div", { class: "dialog-actions" }, h("button", { class: "btn", value: "no" }, deny), h("button", { class: `btn ${danger ? "btn-danger-solid" : "btn-solid"}`, value: "yes", dataset: { testid: "confirm-yes" }, autofocus: true }, confirm)),
      ),
    );
    const finish = (answer) => {
      dialog.remove();
      resolve(answer);
    };
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Keeps Tab inside a dialog; the browser's own bars stay reachable by its shortcuts. */
export function trapTab(event) {
  if (event.key !== "Tab") return;
  const all = [...event.currentTarget.querySelectorAll("a[href], button, input, textarea, select, [tabindex='0']")];
  const stops = all.filter((node) => !node.disabled && node.tabIndex >= 0 && node.getClientRects().length);
  const [first, last] = [stops[0], stops.at(-1)];
  if (event.shiftKey ? document.activeElement !== first : document.activeElement !== last) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}

let toasts = null;

/** Says something in passing, on the screen and to screen readers. */
export function toast(text, kind = "info") {
  toasts ??= document.body.appendChild(h("div", { class: "toasts", role: "status", "aria-live": "polite" }));
  const line = h("div", { class: `toast toast-${kind}` }, kind === "error" ? icon("alert") : null, text);
  toasts.append(line);
  setTimeout(() => line.remove(), 6000);
}
