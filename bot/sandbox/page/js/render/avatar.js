/** A person's picture: initials on their colour. Apps get a rounded square. */

import { h } from "../dom.js";
import { nameOf } from "../store.js";

const HUES = ["#3b7dd8", "#0f8a6d", "#b4552d", "#7a56c2", "#b8396b", "#55761d", "#2a7f9e", "#8a6a12"];

/** @param {import("../store.js").Person | undefined} person */
export function avatar(person, size = "medium") {
  const kind = person?.is_bot ? "avatar-app" : "avatar-person";
  // The initials are drawn by CSS, so that a select's plain text and screen readers have the name alone.
  return h("span", { class: `avatar avatar-${size} ${kind}`, "aria-hidden": "true", dataset: { initials: initials(nameOf(person)) }, style: { "background-color": colour(person) } });
}

function initials(name) {
  const words = name.replace(/[^\p{L}\p{N}\s]/gu, "").trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => [...word][0] ?? "?").join("").toUpperCase();
}

function colour(person) {
  if (/^#[0-9a-f]{6}$/i.test(person?.avatar ?? "")) return person.avatar;
  const sum = [...(person?.id ?? "")].reduce((total, letter) => total + letter.codePointAt(0), 0);
  return HUES[sum % HUES.length];
}
