/** The page's own small forms: a new channel, who is added to one, a workflow's step. */

import { invite, newChannel, newTeam } from "../actions.js";
import { api } from "../api.js";
import { fill, h, uid } from "../dom.js";
import { icon } from "../icons.js";
import { trapTab } from "../layers.js";
import { activePeople, foreignTeam, get, nameOf } from "../store.js";

const POLL_MS = 400;
const LONGEST_POLL = 30; // polls until a step counts as one that takes long

/**
 * Shows a form until it is sent or dismissed.
 * @param {{title: string, submit: string, testid: string}} words
 * @param {import("../dom.js").Child} body
 * @param {(dialog: HTMLDialogElement) => Promise<string | null>} work why it did not work, empty to close, null to stay
 */
function openForm({ title, submit, testid }, body, work) {
  const banner = h("div", { class: "modal-banner", role: "alert" });
  const send = h("button", { type: "submit", class: "btn btn-solid", dataset: { testid: `${testid}-submit` } }, h("span", { class: "btn-label" }, submit));
  const close = () => dialog.close();
  const form = h(
    "form",
    { class: "modal-form", novalidate: true },
    h("header", { class: "modal-head" }, h("h2", { dir: "auto" }, title), h("button", { type: "button", class: "icon-button", "aria-label": "Close", onclick: close }, icon("close"))),
    h("div", { class: "modal-body" }, banner, h("div", { class: "blocks" }, body)),
    h("footer", { class: "modal-foot" }, h("button", { type: "button", class: "btn", onclick: close }, "Close"), send),
  );
  const dialog = h("dialog", { class: "modal small-form", "aria-label": title, dataset: { testid }, onkeydown: trapTab, onclose: () => dialog.remove() }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (send.disabled) return;
    send.disabled = true;
    fill(banner);
    const problem = await work(dialog);
    send.disabled = false;
    if (problem) fill(banner, icon("alert"), h("p", {}, problem));
    else if (problem === "") close();
  });
  document.body.append(dialog);
  dialog.showModal();
  form.querySelector("input, select, textarea")?.focus();
}

function labelled(label, control, note = "") {
  control.id ||= uid("field");
  return h("div", { class: "small-field" }, h("label", { class: "input-label", for: control.id }, label), control, note ? h("p", { class: "hint" }, note) : null);
}

export function openNewTeam() {
  const name = h("input", { class: "field", type: "text", maxlength: "80", autocomplete: "off", placeholder: "Northwind", dataset: { testid: "team-name" } });
  const admin = h("input", { class: "field", type: "text", maxlength: "80", autocomplete: "off", placeholder: "Nia Berg", dataset: { testid: "team-admin" } });
  const body = [labelled("Name", name), labelled("Who administers it", admin, "You will act as this person.")];
  openForm({ title: "New workspace", submit: "Create", testid: "new-team-form" }, body, async () => {
    const [wanted, who] = [name.value.trim(), admin.value.trim()];
    return wanted && who ? newTeam(wanted, who) : "A workspace needs a name and somebody in it.";
  });
}

export function openNewChannel() {
  const name = h("input", { class: "field", type: "text", maxlength: "80", autocomplete: "off", placeholder: "project-apollo", dataset: { testid: "channel-name" } });
  const hidden = h("input", { type: "checkbox", dataset: { testid: "channel-private" } });
  openForm({ title: "New channel", submit: "Create", testid: "new-channel-form" }, [labelled("Name", name), h("label", { class: "choice" }, hidden, h("span", {}, "Private: only its members see it"))], async () => {
    const wanted = name.value.trim().toLowerCase().replaceAll(/\s+/g, "-");
    return wanted ? newChannel(wanted, hidden.checked) : "A channel needs a name.";
  });
}

/** @param {import("../store.js").Channel} channel */
export function openInvite(channel) {
  const absent = activePeople().filter((person) => !channel.members.includes(person.id) && channel.teams.includes(person.team_id));
  const boxes = absent.map((person) => h("input", { type: "checkbox", value: person.id, dataset: { testid: `invite-${person.name}` } }));
  const note = (person) => (person.is_bot ? "App" : foreignTeam(person));
  const list = absent.map((person, index) => h("label", { class: "choice" }, boxes[index], h("span", {}, nameOf(person), note(person) ? h("span", { class: "choice-note" }, note(person)) : null)));
  const body = absent.length ? h("div", { class: "choices" }, list) : h("p", {}, "Everybody is in this channel already.");
  openForm({ title: `Add to ${channel.name}`, submit: "Add", testid: "invite-form" }, body, async () => {
    const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
    return chosen.length ? invite(channel.id, chosen) : "Choose somebody first.";
  });
}

/** What a workflow does when it comes to a step of the app's. @param {import("../store.js").App} app */
export function openStep(app) {
  const choice = h("select", { class: "field", dataset: { testid: "step" } }, app.functions.map((one) => h("option", { value: one.callback_id }, one.title || one.callback_id)));
  const fields = h("div", { class: "blocks" });
  const result = h("div", { class: "step-result", role: "status", dataset: { testid: "step-result" } });
  let inputs = [];
  const draw = () => {
    const step = app.functions.find((one) => one.callback_id === choice.value);
    inputs = step.inputs.map((one) => ({ one, control: parameter(one) }));
    fill(fields, inputs.map(({ one, control }) => labelled(`${one.title || one.name}${one.is_required ? "" : " (optional)"}`, control, one.description)));
    fill(result);
  };
  choice.addEventListener("change", draw);
  draw();
  openForm({ title: "Run a workflow step", submit: "Run", testid: "step-form" }, [labelled("Step", choice), fields, result], async (dialog) => {
    const given = Object.fromEntries(inputs.map(({ one, control }) => [one.name, valueOf(one, control)]).filter(([, value]) => value !== ""));
    try {
      fill(result);
      const run = await api.runStep(get().as, app.app_id, choice.value, given);
      await follow(run, dialog, result);
      return null;
    } catch (error) {
      return error.message;
    }
  });
}

function parameter(one) {
  const dataset = { testid: `input-${one.name}` };
  if (one.type === "boolean") return h("select", { class: "field", dataset }, ["false", "true"].map((value) => h("option", { value }, value === "true" ? "Yes" : "No")));
  const choices = { "slack#/types/user_id": () => activePeople().map((person) => [person.id, nameOf(person)]), "slack#/types/channel_id": () => get().channels.filter((channel) => channel.kind !== "im").map((channel) => [channel.id, `#${channel.name}`]) }[one.type];
  if (choices) return h("select", { class: "field", dataset }, h("option", { value: "" }, "–"), choices().map(([value, label]) => h("option", { value }, label)));
  return h("input", { class: "field", type: one.type === "slack#/types/date" ? "date" : "text", inputmode: ["integer", "number"].includes(one.type) ? "decimal" : null, autocomplete: "off", dataset });
}

function valueOf(one, control) {
  if (one.type === "boolean") return control.value === "true";
  if (["integer", "number"].includes(one.type) && control.value !== "") return Number(control.value);
  return control.value;
}

/** Shows how the step ends, for as long as the form is open. */
async function follow(run, dialog, result) {
  let now = run;
  for (let poll = 0; dialog.open; poll += 1) {
    fill(result, outcome(now, poll >= LONGEST_POLL));
    if (now.state !== "running" || poll >= LONGEST_POLL) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    now = await api.stepResult(run.function_execution_id);
  }
}

function outcome({ state, outputs, error }, isLong) {
  if (state === "running") return h("p", {}, isLong ? "The app has not finished this step." : [h("span", { class: "spinner" }), " Running…"]);
  if (state === "errored") return h("p", { class: "input-error" }, icon("alert"), error);
  const rows = Object.entries(outputs).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", { dir: "auto" }, typeof value === "string" ? value : JSON.stringify(value))));
  return [h("p", { class: "step-done" }, icon("check"), "Done"), rows.length ? h("dl", { class: "step-outputs" }, rows) : null];
}
