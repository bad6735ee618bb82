import type { Attributes } from "@opentelemetry/api";
import type { Traffic } from "../traffic/traffic.ts";

/** A database or broker, as a client knows it. */
export interface Callee {
  /** As OpenTelemetry's conventions name it: `postgresql`, `mysql`, `redis`, `mongodb`, `rabbitmq`, `kafka`. */
  readonly system: string;
  /** The host, or the path of a socket; undefined where the client does not tell. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** The database, or whatever else the system divides itself into. */
  readonly namespace: string | undefined;
}

/**
 * The callee's name in traffic: `postgresql://db:5432/orders`. As it is no `host:port`, nobody takes it for a service
 * that could be asked.
 */
export function calleeName(callee: Callee): string {
  const { system, host, port, namespace } = callee;
  // Most operations go where the one before went, and a text that is there already is found faster by its hash.
  const isLast =
    host === last.host && port === last.port && namespace === last.namespace && system === last.system;
  if (isLast) return lastName;
  last = callee;
  lastName = nameOf(callee);
  return lastName;
}

let last: Callee = { system: "", host: undefined, port: undefined, namespace: undefined };
let lastName = "";

function nameOf({ system, host, port, namespace }: Callee): string {
  if (host === undefined) return system;
  const shown = host.includes(":") && !host.includes("/") ? `[${host}]` : host;
  const at = port === undefined ? `${system}://${shown}` : `${system}://${shown}:${port}`;
  return namespace === undefined || namespace === "" ? at : `${at}/${namespace}`;
}

/** The attributes of a call to a database. */
export function databaseAttributes({ system, host, port, namespace }: Callee): Attributes {
  const attributes: Attributes = { "db.system.name": system };
  if (namespace !== undefined && namespace !== "") attributes["db.namespace"] = namespace;
  return addAddress(attributes, host, port);
}

/** The attributes of a message's way to or from a broker. */
export function messagingAttributes(
  { system, host, port }: Callee,
  destination: string,
  operation: "send" | "process",
): Attributes {
  const attributes: Attributes = {
    "messaging.system": system,
    "messaging.operation.type": operation,
    "messaging.operation.name": operation,
    "messaging.destination.name": destination,
  };
  return addAddress(attributes, host, port);
}

function addAddress(attributes: Attributes, host: string | undefined, port: number | undefined): Attributes {
  if (host !== undefined) attributes["server.address"] = host;
  if (port !== undefined) attributes["server.port"] = port;
  return attributes;
}

const ROUTES_MAX = 64;
const CALLEES_MAX = 256;
const OTHER = "_other";
const routes = new WeakMap<Traffic, Map<string, Set<string>>>();

/**
 * The name under which an operation is counted: of one callee 64 are told apart, the rest is `_other`. Names of tables
 * and queues may be made of values, and must not crowd out what else is counted.
 */
export function countedName(traffic: Traffic, callee: string, name: string): string {
  let callees = routes.get(traffic);
  if (callees === undefined) {
    callees = new Map();
    routes.set(traffic, callees);
  }
  let names = callees.get(callee);
  if (names === undefined) {
    if (callees.size >= CALLEES_MAX) return OTHER;
    names = new Set();
    callees.set(callee, names);
  }
  if (names.has(name)) return name;
  if (names.size >= ROUTES_MAX) return OTHER;
  names.add(name);
  return name;
}
