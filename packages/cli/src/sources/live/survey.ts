import { peerKey, peerUrl, serviceKey } from "./address.ts";
import { type Answer, askJson, baseUrl, hintFor } from "./ask.ts";
import { followPattern } from "./follow-pattern.ts";
import { type Found, Frontier } from "./frontier.ts";
import { isInside } from "./host.ts";
import { addressText, type ResolveHost, resolveHost } from "./resolve-host.ts";
import type { Series, TrafficDocument } from "./traffic-document.ts";
import { readTraffic } from "./traffic-document.ts";
import { hearWorkers, readWorker } from "./workers.ts";

/** Whom to ask, and with what. */
export interface SurveyOptions {
  /** Opens `/debug/*`; sent to the given addresses and to those that fit `follow`, to nobody else. */
  readonly token?: string | undefined;
  /** Patterns (`*.internal`, `10.0.*:3000`) of found hosts that are ours and may get the token: see `followPattern`. */
  readonly follow?: readonly string[] | undefined;
  /** Ask the addresses that the services call, too; `followed` asks only those that fit `follow`. @default true */
  readonly discover?: boolean | "followed";
  /**
   * How long one service may take to answer. @default 2_000, and 1_000 for found addresses; 10_000 for those given or on the
   * trail of trouble, once they are connected
   */
  readonly timeoutMs?: number;
}

/** How to follow a trail instead of asking whomever is found. */
export interface Trail {
  /** The peers to which requests of this instance fail or are slow: they are asked first, and those beside them. */
  readonly leads: (document: TrafficDocument) => ReadonlySet<string>;
  /** Whether what was told is enough, so that nobody else need be asked. */
  readonly isEnough: (asked: Survey) => boolean;
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
  /** Some workers of a cluster that answered by others. */
  readonly isPart?: boolean;
  readonly error: string;
}

/** What all the services together know. */
export interface Survey {
  readonly services: readonly Service[];
  readonly unreached: readonly Unreached[];
  /** Address key -> name of the service that answers there. */
  readonly names: ReadonlyMap<string, string>;
  /** Addresses that were found and not asked: too many, or on ways on which all is well. */
  readonly notAsked: readonly string[];
}

// Who was only found may be a host that drops what it does not know; each round of those is waited for.
const FOUND_TIMEOUT_MS = 1_000;
// Whose event loop stands still accepts connections at once, and answers after all who came before.
const ON_TRAIL_ANSWER_MS = 10_000;

/**
 * Asks the given services for their traffic, then those they call, until nobody new is found. At most 64 addresses on
 * ways on which all is well are asked; those on a trail as far as it goes.
 *
 * @throws TypeError when a URL is none of a service, or a pattern of `follow` is none of hosts
 */
export async function survey(
  urls: readonly string[],
  options: SurveyOptions = {},
  resolve: ResolveHost = resolveHost,
  trail: Trail = NO_TRAIL,
): Promise<Survey> {
  const answers: (Instance | Unreached)[] = [];
  const patterns = (options.follow ?? []).map(followPattern);
  const mayFollow = (url: URL): boolean => patterns.some((fits) => fits(url));
  const frontier = new Frontier(urls.map(baseUrl));
  let given = true;
  while (frontier.hasNext) {
    const asking = frontier.take().map(async (step) => {
      const { url, onTrail } = step;
      const token = given || mayFollow(url) ? options.token : undefined;
      const addresses = await resolve(url.hostname);
      const own = addresses.map((address) => askOne(url, address, given, onTrail, { ...options, token }));
      return { step, results: (await Promise.all(own)).flat() };
    });
    const round = await Promise.all(asking);
    answers.push(...round.flatMap(({ results }) => results));
    given = false;
    if (options.discover === false) break;
    for (const { step, results } of round) {
      const found = results.flatMap((result) => calledBy(result, trail));
      frontier.found(
        step,
        found.filter(
          ({ url }) => (options.discover !== "followed" && isInside(url.hostname)) || mayFollow(url),
        ),
      );
    }
    if (!frontier.hasNext && !trail.isEnough(surveyOf(answers, frontier.notAsked))) frontier.widen();
  }
  return surveyOf(answers, frontier.notAsked);
}

const NO_TRAIL: Trail = { leads: () => new Set(), isEnough: () => false };

function surveyOf(answers: readonly (Instance | Unreached)[], notAsked: readonly string[]): Survey {
  const instances = answers.filter(hasTraffic);
  return {
    services: byName(instances),
    unreached: answers.flatMap((answer) => (hasTraffic(answer) ? [] : [answer])),
    names: new Map(instances.map(({ key, document }) => [key, document.service])),
    notAsked,
  };
}

const hasTraffic = (answer: Instance | Unreached): answer is Instance => "document" in answer;

async function askOne(
  url: URL,
  at: string | undefined,
  given: boolean,
  onTrail: boolean,
  { token, timeoutMs }: SurveyOptions,
): Promise<(Instance | Unreached)[]> {
  const patience = {
    timeoutMs: timeoutMs ?? (given ? undefined : FOUND_TIMEOUT_MS),
    answerMs: timeoutMs ?? (onTrail ? ON_TRAIL_ANSWER_MS : undefined),
  };
  const ask = (): Promise<Answer> =>
    askJson(new URL("debug/traffic", url), { token, ...patience, address: at });
  const { answers, unheard } = await hearWorkers(ask, (answer) =>
    answer.ok && answer.status === 200 ? readWorker(answer.body) : undefined,
  );
  const address = addressText(url, at);
  const key = serviceKey(url);
  const results = answers.map((answer): Instance | Unreached => {
    const document = answer.ok && answer.status === 200 ? readTraffic(answer.body) : null;
    if (document !== null) return { address, key, document };
    const error = answer.ok ? `answered ${answer.status}, no traffic` : answer.error;
    const hint = hintFor(answer.status, { token, found: given ? undefined : url.host });
    return { address, key, given, silent: answer.status === null, error: error + hint };
  });
  if (unheard === undefined) return results;
  return [
    ...results,
    { address, key, given, silent: false, isPart: true, error: `answered, but ${unheard}` },
  ];
}

function calledBy(result: Instance | Unreached, trail: Trail): Found[] {
  if (!hasTraffic(result)) return [];
  const leads = trail.leads(result.document);
  const peers = new Set(result.document.series.filter(isAddress).map(({ peer }) => peer));
  return [...peers].flatMap((peer) => {
    const url = peerUrl(peer);
    return url === null ? [] : [{ url, isLead: leads.has(peer) }];
  });
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
  a.instance !== "" && a.instance === b.instance && a.startedAt === b.startedAt && a.worker === b.worker;
