/**
 * Building DOM nodes. Text always becomes a text node and attributes go through setAttribute, so
 * nothing that a person or an app wrote can become markup.
 */

/** @typedef {Node | string | number | null | undefined | false | Child[]} Child */

const PROPERTIES = new Set(["value", "checked", "disabled", "selected", "open"]);

/**
 * Creates an element.
 * @param {string} tag
 * @param {Record<string, any>} [props] `class`, `dataset`, `style` (an object), `onX` listeners, else attributes;
 *   null, undefined and false leave an attribute out.
 * @param {...Child} children
 * @returns {HTMLElement & any}
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) setProp(node, name, value);
  node.append(...flat(children));
  return node;
}

function setProp(node, name, value) {
  if (value === null || value === undefined) return;
  if (name === "dataset") {
    for (const [key, item] of Object.entries(value)) if (item != null) node.dataset[key] = item;
  } else if (name === "style") {
    // CSSOM, since the page's Content-Security-Policy refuses style attributes.
    for (const [key, item] of Object.entries(value)) node.style.setProperty(key, item);
  } else if (name.startsWith("on")) {
    node.addEventListener(name.slice(2).toLowerCase(), value);
  } else if (PROPERTIES.has(name)) {
    node[name] = value;
  } else if (value !== false) {
    node.setAttribute(name, value === true ? "" : String(value));
  }
}

function flat(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : String(child)));
}

/** Replaces what is inside `node`. */
export function fill(node, ...children) {
  node.replaceChildren(...flat(children));
  return node;
}

let lastId = 0;

/** An id that is unique on this page, for aria references and radio groups. */
export function uid(prefix) {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

/** Renders again what changed, and leaves the keyboard focus where it was. */
export function keepingFocus(root, render) {
  const active = root.contains(document.activeElement) ? document.activeElement : null;
  const key = active?.dataset?.focusKey;
  render();
  if (key) root.querySelector(`[data-focus-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

const SAFE_SCHEMES = new Set(["http:", "https:", "mailto:", "tel:"]);

/**
 * The address when a click on it cannot run a script, else null.
 * @param {string} address
 */
export function safeHref(address) {
  try {
    const url = new URL(address);
    return SAFE_SCHEMES.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A link to `address`, or plain text where the address is not one that may be followed. */
export function link(address, ...children) {
  const href = safeHref(address);
  const label = children.length ? children : [address];
  if (!href) return h("span", { class: "dead-link", title: "This address cannot be opened" }, label);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, label);
}

/** Whether the page is as narrow as a phone, where panels cover the whole screen. */
export const isPhone = () => matchMedia("(max-width: 760px)").matches;
