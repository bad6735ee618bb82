import { fileURLToPath } from "node:url";
import { ddTrace, NODE_SDK, PEERS, PEERS_INSTALLED, type Preload } from "../lib/peers.ts";

export type Framework = "fastify" | "express";

/** A service to be measured. */
export interface StackVariant extends Preload {
  readonly name: string;
  /** The variant whose added CPU this one's is divided by. */
  readonly against: string;
}

export const SERVER: string = fileURLToPath(new URL("./server.ts", import.meta.url));

export const BARE = "bare";
export const PINO = "pino, both lines";
export const STACK = "whodunit";
const PINO_RESPONSE = "pino, response line";

/** What a table compares: all that is on, with the peers; or parts of it. */
export type Compared = "whole" | "parts";

const WHOLE = [BARE, PINO, STACK, "assembled", "dd-trace with log injection"];

/** The services of a table. */
export function comparedVariants(
  framework: Framework,
  compared: Compared,
  tree: string,
  endpoint: string,
): StackVariant[] {
  return stackVariants(framework, tree, endpoint).filter(({ name }) =>
    compared === "whole" ? WHOLE.includes(name) : name === BARE || name === PINO || !WHOLE.includes(name),
  );
}

/** All services of one framework. */
export function stackVariants(framework: Framework, tree: string, endpoint: string): StackVariant[] {
  const variant = (
    name: string,
    against: string,
    setUp: string,
    env: Readonly<Record<string, string>> = {},
    preload: Preload = { nodeOptions: [], env: {} },
  ): StackVariant => ({
    name,
    against,
    nodeOptions: preload.nodeOptions,
    env: {
      FRAMEWORK: framework,
      SET_UP: setUp,
      TREE: tree,
      PEERS,
      LOG_LEVEL: "debug",
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_BSP_SCHEDULE_DELAY: "500",
      ...preload.env,
      ...env,
    },
  });
  const unsampled = { OTEL_TRACES_SAMPLER: "always_off" };
  const errorOnly = { ...unsampled, LOG_LEVEL: "error" };
  return [
    variant(BARE, PINO, BARE),
    variant(PINO, PINO, PINO),
    variant(STACK, PINO, STACK),
    variant("whodunit, unsampled", PINO, STACK, unsampled),
    variant(PINO_RESPONSE, PINO_RESPONSE, PINO_RESPONSE),
    variant("whodunit, response line of loggerPlugin alone", PINO_RESPONSE, "whodunit, response line"),
    variant("whodunit, unsampled, level error", PINO_RESPONSE, STACK, errorOnly),
    variant("whodunit, unsampled, level error, recorder off", PINO_RESPONSE, STACK, {
      ...errorOnly,
      RECORDER: "off",
    }),
    ...(PEERS_INSTALLED
      ? [
          variant("assembled", PINO, "assembled", {}, NODE_SDK),
          variant(
            "dd-trace with log injection",
            PINO,
            PINO,
            { DD_LOGS_INJECTION: "true" },
            ddTrace(endpoint),
          ),
        ]
      : []),
  ];
}

/** The three services of the short form. */
export function shortVariants(framework: Framework, tree: string, endpoint: string): StackVariant[] {
  return stackVariants(framework, tree, endpoint).filter(({ name }) => [BARE, PINO, STACK].includes(name));
}
