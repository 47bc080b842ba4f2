/** Pictures, which fall back to their alternative text: most of the web is out of the sandbox's reach. */

import { h } from "../dom.js";

const addressOf = (element) => {
  if (element.image_url) return element.image_url;
  if (element.slack_file?.id) return `/_sandbox/files/${element.slack_file.id}`;
  return element.slack_file?.url ?? "";
};

/** @param {{image_url?: string, slack_file?: {id?: string, url?: string}, alt_text?: string}} element */
export function image(element) {
  const picture = h("img", { src: addressOf(element), alt: element.alt_text ?? "", loading: "lazy", referrerpolicy: "no-referrer" });
  const frame = h("span", { class: "picture" }, picture);
  picture.addEventListener("error", () => {
    frame.classList.add("picture-missing");
    frame.replaceChildren(h("span", { class: "picture-alt", role: "img", "aria-label": element.alt_text ?? "Picture" }, element.alt_text || "Picture"));
  });
  return frame;
}
