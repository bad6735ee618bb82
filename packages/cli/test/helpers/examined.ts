import { examine } from "../../src/investigate/examine.ts";
import { surveyOf } from "../simulator/survey-of.ts";
import { NOW, STARTED, series } from "./fake-service.ts";

type Counts = Parameters<typeof series>[3] & { readonly ms?: readonly (readonly [number, number])[] };

const GAMMA = 1.03;

/** A series of the last minute; what is given of the past is what it remembers of an hour. */
export function told(side: "server" | "client", peer: string, route: string, { ms = [], ...counts }: Counts) {
  const count = ms.reduce((sum, [, n]) => sum + n, 0);
  const bins = ms.map(([at, n]): [number, number] => [Math.ceil(Math.log(at) / Math.log(GAMMA)), n]);
  return series(side, peer, route, { count, latency: { gamma: GAMMA, bins }, ...counts });
}

type Told = ReturnType<typeof told>;

/** What a service tells: of the last minute, of the hour and the day before, and of the last ten minutes. */
interface Service {
  readonly now: Told[];
  readonly past?: Told[];
  readonly ring?: Told[];
  readonly day?: Told[];
  /** How many of its calls wait for a socket, at a time in the last minute, and of how many, by callee. */
  readonly waits?: Readonly<Record<string, readonly [waiting: number, size: number | null]>>;
}

/** What is said of these services, each at an address of its own. */
export function examined(services: Readonly<Record<string, Service>>, startedAt: string = STARTED) {
  const places = new Map(Object.keys(services).map((name, i) => [name, `10.0.0.${i + 1}:80`]));
  const at = (one: Told): Told =>
    one.side === "client" ? { ...one, peer: places.get(one.peer) ?? one.peer } : one;
  const answers = Object.entries(services).map(
    ([service, { now, past = [], ring = [], day = [], waits = {} }]) => ({
      at: places.get(service)!,
      document: {
        ...{ service, instance: service, version: null, startedAt, now: NOW },
        series: [...now, ...ring.map((one) => ({ ...one, windowS: 600 }))].map(at),
        baseline: [
          ...past.map((one) => at({ ...one, windowS: 3_600 })),
          ...day.map((one) => at({ ...one, windowS: 86_400 })),
        ],
        resources: [
          {
            ...{ windowS: 60, seconds: 60, eventLoop: {}, gc: {}, cpu: {}, memory: {} },
            waits: Object.entries(waits).map(([callee, [waiting, size]]) => ({
              ...{ kind: "sockets", name: places.get(callee) ?? callee, waiting, size },
            })),
          },
        ],
      },
    }),
  );
  return examine(surveyOf(answers), 60);
}

/** Who is named, and of what. */
export const named = ({ culprits }: ReturnType<typeof examine>): string[] =>
  culprits.map(({ service, fault }) => `${service} ${fault}`);
