/** The open modals of the acting person: the top of the stack is shown, the ones below keep their entries. */

import { refresh, refreshAll } from "../actions.js";
import { api } from "../api.js";
import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { trapTab } from "../layers.js";
import { get, watch } from "../store.js";
import { renderBlocks } from "./blocks.js";
import { mistakes, showErrors } from "./inputs.js";
import { failureText, Surface } from "./surface.js";

export function modal() {
  const dialog = h("dialog", { class: "modal", dataset: { testid: "modal" } });
  const entries = new Map(); // view id -> what had been entered
  let shown = null; // {view, surface, submit}

  function draw() {
    const { views, as } = get();
    const view = views.at(-1);
    const depth = views.length;
    for (const id of entries.keys()) if (!views.some((one) => one.id === id)) entries.delete(id);
    if (!view) {
      if (dialog.open) dialog.close();
      shown = null;
      return;
    }
    if (shown && look(shown.view, depth) === look(view, depth)) return;
    if (shown && views.some((one) => one.id === shown.view.id)) entries.set(shown.view.id, shown.surface.values());
    const focus = focusIn(dialog);
    shown = drawView(view, depth, as);
    if (!dialog.open) dialog.showModal();
    else focusAgain(dialog, shown.sameAs === view.id ? focus : null);
  }

  function drawView(view, depth, as) {
    const previous = shown?.view.id;
    const surface = new Surface({ view_id: view.id }, { remembered: entries.get(view.id), afterAct: refresh });
    const banner = h("div", { class: "modal-banner", role: "alert" });
    const body = h("div", { class: "modal-body", tabindex: "-1" }, banner, renderBlocks(view.blocks, surface));
    const submit = view.submit || hasInputs(view) ? h("button", { type: "submit", class: "btn btn-solid", dataset: { testid: "modal-submit" } }, h("span", { class: "btn-label" }, view.submit?.text ?? "Submit")) : null;
    const close = (clear) => closeView(view.id, clear);
    const form = h("form", { class: "modal-form", novalidate: true, onsubmit: (event) => submitView(event, { view, surface, body, banner, submit, as }) }, header(view, depth, close), body, footer(view, submit, close));
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) form.requestSubmit();
    });
    fill(dialog, form);
    dialog.setAttribute("aria-label", view.title?.text ?? "Form");
    dialog.dataset.viewId = view.id;
    dialog.dataset.callbackId = view.callback_id ?? "";
    return { view, surface, sameAs: previous };
  }

  async function submitView(event, { view, surface, body, banner, submit, as }) {
    event.preventDefault();
    if (!submit || submit.disabled) return;
    const values = surface.values();
    const found = mistakes(view.blocks, values);
    fill(banner);
    showErrors(body, found);
    if (Object.keys(found).length) return;
    submit.disabled = true;
    submit.setAttribute("aria-busy", "true");
    try {
      const answer = await api.submit(as, view.id, values);
      if (answer.response_action === "errors") fill(banner, showErrors(body, answer.errors ?? {}).map((text) => h("p", {}, text)));
      else if (answer.error) fill(banner, icon("alert"), h("p", {}, failureText(answer.error)));
      // Entries of a view that its app replaced are the old view's.
      else if (answer.response_action === "update") entries.delete(view.id);
      await refreshAll();
    } catch (error) {
      fill(banner, icon("alert"), h("p", {}, error.message));
    } finally {
      submit.disabled = false;
      submit.removeAttribute("aria-busy");
    }
  }

  async function closeView(id, clear) {
    await api.close(get().as, id, clear || undefined).catch(() => undefined);
    await refreshAll();
  }

  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    if (shown && event.target === dialog) closeView(shown.view.id, false);
  });
  dialog.addEventListener("keydown", trapTab);
  document.body.append(dialog);
  watch(["views", "as"], draw);
}

/** What one sees of a view; its state and hash change without a difference on the screen. */
const look = ({ id, title, submit, close, blocks }, depth) => JSON.stringify([id, title, submit, close, blocks, depth]);

const hasInputs = (view) => (view.blocks ?? []).some((block) => block.type === "input");

function header(view, depth, close) {
  const back = depth > 1 ? h("button", { type: "button", class: "icon-button", "aria-label": "Back", onclick: () => close(false) }, icon("back")) : null;
  return h("header", { class: "modal-head" }, back, h("h2", { dir: "auto" }, view.title?.text ?? ""), h("button", { type: "button", class: "icon-button", "aria-label": "Close", dataset: { testid: "modal-x" }, onclick: () => close(depth > 1) }, icon("close")));
}

function footer(view, submit, close) {
  return h("footer", { class: "modal-foot" }, h("button", { type: "button", class: "btn", dataset: { testid: "modal-close" }, onclick: () => close(false) }, view.close?.text ?? (submit ? "Cancel" : "Close")), submit);
}

/** Which field has the focus, as its ids say, and where its caret is. */
function focusIn(dialog) {
  const active = dialog.contains(document.activeElement) ? document.activeElement : null;
  const owner = active?.closest("[data-action-id]");
  return owner ? { block: owner.dataset.blockId, action: owner.dataset.actionId, caret: active.selectionStart } : null;
}

function focusAgain(dialog, focus) {
  const owner = focus && dialog.querySelector(`[data-block-id="${CSS.escape(focus.block)}"][data-action-id="${CSS.escape(focus.action)}"]`);
  const wanted = owner ?? dialog.querySelector("[autofocus], .modal-body input, .modal-body textarea, .modal-body button");
  const control = wanted?.matches("input, textarea, button") ? wanted : wanted?.querySelector("input, textarea, button");
  (control ?? dialog.querySelector(".modal-body")).focus();
  if (owner && focus.caret != null && control?.matches("textarea, input[type=text]")) control.setSelectionRange(focus.caret, focus.caret);
}
