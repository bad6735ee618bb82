/** What an element is given: properties by name; `undefined` and `null` leave one out. */
export type Given = Readonly<Record<string, string | number | boolean | null | undefined | EventListener>>;

/** What stands in an element. Text is set as text: nothing from a span is ever read as markup. */
export type Child = Node | string | number | null;

/** Builds an HTML element; `on…` names are listeners, the others attributes. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  given: Given = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), given, children);
}

/** Builds an SVG element likewise. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  given: Given = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), given, children);
}

function fill<E extends Element>(element: E, given: Given, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children)
    if (child !== null) element.append(typeof child === "number" ? `${child}` : child);
  return element;
}

/** The element of the page with this id. */
export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no element "${id}"`);
  return element as E;
}

interface Shown {
  readonly print: string;
  readonly node: Element;
}

const shown = new WeakMap<Element, Map<string, Shown>>();

/**
 * Shows `items` as the children of `parent`. What has not changed stays the very same element, so that live
 * updates take away neither the focus, nor a selection, nor the row under the pointer.
 */
export function keep<T>(
  parent: Element,
  items: readonly T[],
  key: (item: T) => string,
  build: (item: T) => Element,
): void {
  const before = shown.get(parent) ?? new Map<string, Shown>();
  const after = new Map<string, Shown>();
  for (const item of items) {
    const print = JSON.stringify(item);
    const old = before.get(key(item));
    after.set(key(item), old?.print === print ? old : { print, node: build(item) });
  }
  const [focused] = [...before].find(([, { node }]) => node.contains(document.activeElement)) ?? [];
  let at = parent.firstElementChild;
  for (const { node } of after.values()) {
    if (node === at) at = at.nextElementSibling;
    else parent.insertBefore(node, at);
  }
  while (at !== null) {
    const next = at.nextElementSibling;
    at.remove();
    at = next;
  }
  shown.set(parent, after);
  const again = focused === undefined ? undefined : after.get(focused)?.node;
  if (again === undefined || again.contains(document.activeElement)) return;
  const target = again.matches("a, button") ? again : again.querySelector("a, button");
  (target as HTMLElement | SVGElement | null)?.focus({ preventScroll: true });
}

/** Does the same for the bodies of a table, whose head stays. */
export function keepBodies<T>(
  table: Element,
  items: readonly T[],
  key: (item: T) => string,
  build: (item: T) => HTMLTableSectionElement,
): void {
  const fixed = [...table.children].filter((child) => child.localName !== "tbody");
  for (const child of fixed) child.remove();
  keep(table, items, key, build);
  table.prepend(...fixed);
}
