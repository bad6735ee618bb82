import { peerKey, peerUrl, serviceKey } from "./address.ts";
import { askJson, baseUrl, hintFor } from "./ask.ts";
import { followPattern } from "./follow-pattern.ts";
import { isInside } from "./host.ts";
import { addressText, type ResolveHost, resolveHost } from "./resolve-host.ts";
import type { Series, TrafficDocument } from "./traffic-document.ts";
import { readTraffic } from "./traffic-document.ts";

/** Whom to ask, and with what. */
export interface SurveyOptions {
  /** Opens `/debug/*`; sent to the given addresses and to those that fit `follow`, to nobody else. */
  readonly token?: string | undefined;
  /** Patterns (`*.internal`, `10.0.*:3000`) of found hosts that are ours and may get the token: see `followPattern`. */
  readonly follow?: readonly string[] | undefined;
  /** Ask the addresses that the services call, too. @default true */
  readonly discover?: boolean;
  /** How long one service may take to answer. @default 2_000, and 1_000 for found addresses */
  readonly timeoutMs?: number;
}

/** One instance that answered. */
export interface Instance {
  /** The origin asked, as a reader would write it. */
  readonly address: string;
  /** The address as a key, see `addressKey`. */
  readonly key: string;
  readonly document: TrafficDocument;
}

/** All instances of one name. */
export interface Service {
  readonly name: string;
  readonly instances: readonly Instance[];
}

/** An address that gave no traffic. */
export interface Unreached {
  readonly address: string;
  /** The address as a key, see `addressKey`. */
  readonly key: string;
  /** Given by the user, not found: worth saying. */
  readonly given: boolean;
  /** Nothing listens there or nothing came back; false when something answered that is no Whodunit. */
  readonly silent: boolean;
  readonly error: string;
}

/** What all the services together know. */
export interface Survey {
  readonly services: readonly Service[];
  readonly unreached: readonly Unreached[];
  /** Address key -> name of the service that answers there. */
  readonly names: ReadonlyMap<string, string>;
}

// Found addresses are bounded: a client of thousands of hosts must not turn this into a scan.
const MAX_FOUND = 64;

// Who was only found may be a host that drops what it does not know; each round of those is waited for.
const FOUND_TIMEOUT_MS = 1_000;

/**
 * Asks the given services for their traffic, then those they call, until nobody new is found.
 *
 * @throws TypeError when a URL is none of a service, or a pattern of `follow` is none of hosts
 */
export async function survey(
  urls: readonly string[],
  options: SurveyOptions = {},
  resolve: ResolveHost = resolveHost,
): Promise<Survey> {
  const asked = new Set<string>();
  const answers: (Instance | Unreached)[] = [];
  const names = new Map<string, string>();
  const patterns = (options.follow ?? []).map(followPattern);
  const mayFollow = (url: URL): boolean => patterns.some((fits) => fits(url));
  let round = urls.map(baseUrl).filter((url) => addNew(asked, url));
  let given = true;
  while (round.length > 0) {
    const asking = round.map(async (url) => {
      const addresses = await resolve(url.hostname);
      const token = given || mayFollow(url) ? options.token : undefined;
      return Promise.all(addresses.map((address) => askOne(url, address, given, { ...options, token })));
    });
    const results = (await Promise.all(asking)).flat();
    answers.push(...results);
    for (const result of results) if (hasTraffic(result)) names.set(result.key, result.document.service);
    given = false;
    const found = options.discover === false ? [] : results.flatMap(calledBy);
    round = found
      .filter((url) => isInside(url.hostname) || mayFollow(url))
      .filter((url) => asked.size < urls.length + MAX_FOUND && addNew(asked, url));
  }
  return {
    services: byName(answers.filter(hasTraffic)),
    unreached: answers.flatMap((answer) => (hasTraffic(answer) ? [] : [answer])),
    names,
  };
}

const hasTraffic = (answer: Instance | Unreached): answer is Instance => "document" in answer;

const addNew = (asked: Set<string>, url: URL): boolean => asked.size < asked.add(serviceKey(url)).size;

async function askOne(
  url: URL,
  at: string | undefined,
  given: boolean,
  { token, timeoutMs = given ? undefined : FOUND_TIMEOUT_MS }: SurveyOptions,
): Promise<Instance | Unreached> {
  const answer = await askJson(new URL("debug/traffic", url), { token, timeoutMs, address: at });
  const address = addressText(url, at);
  const key = serviceKey(url);
  const document = answer.ok && answer.status === 200 ? readTraffic(answer.body) : null;
  if (document !== null) return { address, key, document };
  const error = answer.ok ? `answered ${answer.status}, no traffic` : answer.error;
  const hint = hintFor(answer.status, { token, found: given ? undefined : url.host });
  return { address, key, given, silent: answer.status === null, error: error + hint };
}

function calledBy(result: Instance | Unreached): URL[] {
  if (!hasTraffic(result)) return [];
  const peers = new Set(result.document.series.filter(isAddress).map(({ peer }) => peer));
  return [...peers].map(peerUrl).filter((url) => url !== null);
}

const isAddress = ({ side, peer }: Series): boolean => side === "client" && peerKey(peer) !== null;

function byName(instances: readonly Instance[]): Service[] {
  const services = new Map<string, Instance[]>();
  for (const instance of instances) {
    const same = services.get(instance.document.service) ?? [];
    // One instance may answer at several addresses: its numbers count once.
    const twice = same.some(({ document }) => isSame(document, instance.document));
    if (!twice) services.set(instance.document.service, [...same, instance]);
  }
  return [...services].map(([name, all]) => ({ name, instances: all }));
}

const isSame = (a: TrafficDocument, b: TrafficDocument): boolean =>
  a.instance !== "" && a.instance === b.instance && a.startedAt === b.startedAt;
