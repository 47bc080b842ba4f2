/** What the composer offers while one types: commands after a leading `/`, people after `@`, channels after `#`. */

import { fill, h, uid } from "../dom.js";
import { activePeople, get, nameOf } from "../store.js";
import { avatar } from "./avatar.js";

const MOST = 8;

/** @typedef {{insert: string, from: number, label: string, usage?: string, note?: string, lead?: Node}} Offer */

export class Suggestions {
  #offers = /** @type {Offer[]} */ ([]);
  #active = 0;

  /** @param {HTMLTextAreaElement} input */
  constructor(input) {
    this.input = input;
    this.node = h("div", { class: "suggestions", role: "listbox", id: uid("suggestions"), "aria-label": "Suggestions", hidden: true, dataset: { testid: "suggestions" } });
    input.setAttribute("aria-controls", this.node.id);
    input.addEventListener("input", () => this.update());
    input.addEventListener("click", () => this.update());
    input.addEventListener("blur", () => setTimeout(() => this.#show([]), 150));
  }

  update() {
    const before = this.input.value.slice(0, this.input.selectionStart);
    this.#show(offersFor(before));
  }

  /** Takes a key when suggestions are shown. @returns {boolean} whether it did */
  key(event) {
    if (this.node.hidden || event.isComposing) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.#active = (this.#active + step + this.#offers.length) % this.#offers.length;
      this.#draw();
      return true;
    }
    const offer = this.#offers[this.#active];
    if (event.key === "Escape") this.#show([]);
    else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey && !isComplete(offer, this.input))) this.#accept(offer);
    else return false;
    return true;
  }

  #accept(offer) {
    const { input } = this;
    const rest = input.value.slice(input.selectionStart);
    const start = input.value.slice(0, offer.from) + offer.insert;
    input.value = start + rest.replace(/^ /, "");
    input.setSelectionRange(start.length, start.length);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    this.#show([]);
    input.focus();
  }

  #show(offers) {
    this.#offers = offers;
    this.#active = 0;
    this.node.hidden = offers.length === 0;
    this.input.setAttribute("aria-expanded", String(offers.length > 0));
    this.#draw();
  }

  #draw() {
    const rows = this.#offers.map((offer, index) => {
      const row = h("div", { class: "suggestion", role: "option", id: `${this.node.id}-${index}`, "aria-selected": String(index === this.#active) }, offer.lead, h("span", { class: "suggestion-label", dir: "auto" }, offer.label, offer.usage ? h("span", { class: "suggestion-usage" }, ` ${offer.usage}`) : null), h("span", { class: "suggestion-note" }, offer.note));
      row.addEventListener("pointerdown", (event) => {
        event.preventDefault(); // keeps the focus in the text
        this.#accept(offer);
      });
      return row;
    });
    fill(this.node, rows);
    const active = rows[this.#active];
    active?.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", active?.id ?? "");
  }
}

// "/assume" typed to its end: Enter sends it rather than adding a space.
const isComplete = (offer, input) => input.value.slice(offer.from) === offer.insert.trim();

/** @returns {Offer[]} */
function offersFor(before) {
  const command = before.match(/^\/(\S*)$/);
  if (command) return commands(command[1].toLowerCase());
  const name = before.match(/(?:^|[\s(|])([@#])([\p{L}\p{N}._-]*)$/u);
  if (!name) return [];
  const from = before.length - name[2].length - 1;
  return name[1] === "@" ? people(name[2].toLowerCase(), from) : channels(name[2].toLowerCase(), from);
}

function commands(typed) {
  return get()
    .apps.flatMap((app) => app.commands ?? [])
    .filter(({ command }) => command.slice(1).toLowerCase().startsWith(typed))
    .slice(0, MOST)
    .map(({ command, usage_hint: usage, description }) => ({ insert: `${command} `, from: 0, label: command, usage, note: description }));
}

function people(typed, from) {
  return activePeople()
    .filter((person) => `${person.name} ${nameOf(person)}`.toLowerCase().split(/\s+/).some((word) => word.startsWith(typed)))
    .slice(0, MOST)
    .map((person) => ({ insert: `@${person.name} `, from, label: nameOf(person), note: person.is_bot ? "App" : `@${person.name}`, lead: avatar(person, "small") }));
}

function channels(typed, from) {
  return get()
    .channels.filter((channel) => channel.kind !== "im" && channel.name.startsWith(typed))
    .slice(0, MOST)
    .map((channel) => ({ insert: `#${channel.name} `, from, label: `#${channel.name}`, note: channel.topic }));
}
