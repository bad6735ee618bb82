import { median, type Row } from "../lib/results.ts";
import { agesAfter, middle, overBase, START_NOTE } from "../lib/start.ts";

export const title = "what a service's start costs";
export const note = `${START_NOTE.slice(0, START_NOTE.indexOf(" The value is"))} The value is the clock's time above the program that the row names, the ratio the whole age of the two processes by the clock. Goals: helpers +8 ms, health +10, startTracing +40; all three +120 over bare Node, and 1.6 of Fastify alone; 30 MB more than bare Node.`;

const EVERYWHERE = `await import("node:http"); await import("@opentelemetry/api");`;
const ALL = `
  const { startTracing } = await import("@whodunit/tracing");
  const tracing = startTracing({ service: "bench" });
  const { createLogger } = await import("@whodunit/logger");
  const logger = createLogger({ service: "bench", level: "debug", destination: { write() {} } });
  logger.debug("started", { id: 1 });
  const { createHealth, trafficProbe } = await import("@whodunit/health");
  const health = createHealth({ service: "bench", probes: [trafficProbe(tracing.traffic)] });`;
const FASTIFY = "Fastify alone, ready";
const BASE = "node:http and @opentelemetry/api";

const PROGRAMS: Readonly<Record<string, string>> = {
  [BASE]: EVERYWHERE,
  "tracing's helpers": `${EVERYWHERE} await import("@whodunit/tracing");`,
  health: `${EVERYWHERE}
    const { createHealth } = await import("@whodunit/health");
    createHealth({ service: "bench", probes: [{ name: "own", check() {} }] });`,
  startTracing: `${EVERYWHERE}
    const { startTracing } = await import("@whodunit/tracing");
    startTracing({ service: "bench" });`,
  "all three": ALL,
  [FASTIFY]: `
    const { default: Fastify } = await import("fastify");
    await Fastify().ready();`,
  "all three with Fastify": `${ALL}
    const { default: Fastify } = await import("fastify");
    const { fastifyOptions, loggerPlugin } = await import("@whodunit/logger/fastify");
    const { healthPlugin } = await import("@whodunit/health/fastify");
    const { tracingPlugin } = await import("@whodunit/tracing/fastify");
    const app = Fastify(fastifyOptions({ logger }));
    await app.register(tracingPlugin);
    await app.register(loggerPlugin, { logger });
    await app.register(healthPlugin, { health });
    await app.ready();`,
};

/** Each row, and the program that it is measured over; "" is bare Node. */
const OVER: Readonly<Record<string, string>> = {
  [BASE]: "",
  "tracing's helpers": BASE,
  health: BASE,
  startTracing: BASE,
  "all three": "",
  [FASTIFY]: "",
  "all three with Fastify": FASTIFY,
};

export const measure = async (rounds: number): Promise<Row[]> => {
  const ages = agesAfter("tracing", PROGRAMS, rounds);
  return Object.entries(OVER).map(([name, base]) => {
    const { clockMs, cpuMs, residentMb } = middle(overBase(ages, name, base));
    const clock = (of: string, round: number): number => ages.get(of)?.[round]?.clockMs ?? Number.NaN;
    const ratios = Array.from({ length: rounds }, (_, round) => clock(name, round) / clock(base, round));
    return {
      name: `${name}, over ${base === "" ? "bare Node" : base}`,
      ratio: median(ratios),
      spread: [Math.min(...ratios), Math.max(...ratios)],
      value: `+${clockMs.toFixed(1)} ms`,
      note: `+${cpuMs.toFixed(1)} ms CPU, +${residentMb.toFixed(1)} MB`,
    };
  });
};
