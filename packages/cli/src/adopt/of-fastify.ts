import type * as t from "@babel/types";
import type { Edit } from "./edit.ts";
import type { App } from "./find-app.ts";
import { endOf, nameOf, startOf, textOf } from "./syntax.ts";

/** What ours takes the place of, among the options of `Fastify(…)`. */
const REPLACED = /^(?:logger|loggerInstance|logController|disableRequestLogging|requestIdLogLabel)$/;

/** Fits an application of Fastify 5. */
export function fitFastify(
  { call, name, behind, statement }: App,
  edit: Edit,
  module: string,
  prefix: string | undefined,
): void {
  const [healthPlugin] = edit.import(["healthPlugin"], "@whodunit/health/fastify");
  const [options, loggerPlugin] = edit.import(["fastifyOptions", "loggerPlugin"], "@whodunit/logger/fastify");
  const [tracingPlugin] = edit.import(["tracingPlugin"], "@whodunit/tracing/fastify");
  const [health = "", logger = ""] = edit.import(["health", "logger"], module);
  giveOptions(call, `${options}({ ${pair("logger", logger)} })`, edit);
  const { quote } = edit.style;
  const under = prefix === undefined ? "" : `, prefix: ${quote}${prefix}${quote}`;
  edit.addBehind(behind, startOf(statement), [
    `${name}.register(${tracingPlugin})`,
    `${name}.register(${loggerPlugin}, { ${pair("logger", logger)} })`,
    `${name}.register(${healthPlugin}, { ${pair("health", health)}${under} })`,
  ]);
}

/** A property of an object. */
export function pair(key: string, local: string): string {
  return key === local ? key : `${key}: ${local}`;
}

function giveOptions(call: t.CallExpression, ours: string, edit: Edit): void {
  const [given] = call.arguments;
  const { source, text } = edit;
  if (given === undefined) {
    text.appendLeft(endOf(call) - 1, ours);
  } else if (given.type !== "ObjectExpression") {
    // What comes from elsewhere may bring a logger, and Fastify takes one or the other.
    const spread = given.type === "SpreadElement" ? textOf(given, source) : `...${textOf(given, source)}`;
    text.overwrite(startOf(given), endOf(given), `{ ${spread}, logger: false, ...${ours} }`);
  } else if (given.properties.length === 0) {
    text.overwrite(startOf(given), endOf(given), ours);
  } else {
    giveProperties(given, ours, edit);
  }
}

function giveProperties(object: t.ObjectExpression, ours: string, edit: Edit): void {
  const { source, text } = edit;
  const { properties } = object;
  const replaced = properties.filter(
    (property) => property.type !== "SpreadElement" && REPLACED.test(nameOf(property.key)),
  );
  const kept = properties.filter((property) => !replaced.includes(property));
  const [first] = properties;
  if (first === undefined) return;
  if (kept.length === 0) {
    text.overwrite(startOf(object), endOf(object), ours);
    return;
  }
  for (const property of replaced) {
    const [begin, end] = [startOf(property), endOf(property)];
    const next = properties[properties.indexOf(property) + 1];
    const line = /\r?\n\s*$/.exec(source.text.slice(0, begin));
    // With its comma, and what stands between it and the next; of the last, with the line or the comma in front.
    if (next !== undefined) text.remove(begin, startOf(next));
    else if (line !== null) text.remove(line.index, end + (source.text[end] === "," ? 1 : 0));
    else text.remove(endOf(kept.at(-1) as t.Node), end);
  }
  const brings = properties.some(({ type }) => type === "SpreadElement");
  if (brings) {
    const last = kept.at(-1) as t.Node;
    text.appendLeft(
      endOf(last),
      `,${gap(last, source.text)}logger: false,${gap(last, source.text)}...${ours}`,
    );
    return;
  }
  // In front, so that the service's own options count.
  text.appendLeft(startOf(object) + 1, `${gap(first, source.text)}...${ours},`);
}

/** What stands in front of a property: a space, or a new line with its indent. */
function gap(property: t.Node, text: string): string {
  return /\r?\n[\t ]*$/.exec(text.slice(0, startOf(property)))?.[0] ?? " ";
}
