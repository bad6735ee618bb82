import { Refusal } from "../../view/otlp/refusal.ts";
import { listenForAlerts } from "./alert-listener.ts";
import { Incidents, type Patience } from "./incidents.ts";
import type { Found } from "./message.ts";
import { Outbox } from "./outbox.ts";
import { openState } from "./state-file.ts";
import type { Target } from "./targets.ts";

export { slackTarget, stdoutTarget, webhookTarget } from "./targets.ts";

/** What is watched, and who is told. */
export interface WatchOptions extends Patience {
  readonly host: string;
  readonly port: number;
  /** What notifications must bear. */
  readonly alertsToken: string | undefined;
  /** The file that outlives a restart. */
  readonly statePath: string;
  readonly targets: readonly Target[];
  /** Works out who is at fault, once for all incidents that wait for it. */
  readonly look: () => Promise<Found>;
  /** A link to a trace with `{traceId}` in it. */
  readonly traceUrl: string | null;
  readonly tell: (text: string) => void;
}

/** A running watch. */
export interface Watch {
  /** What Alertmanager is to be given: `http://127.0.0.1:9099`, with `/alerts` behind it. */
  readonly url: string;
  /** Ends it. What could not be sent waits in the state file. */
  close(): Promise<void>;
}

const TELL_AGAIN_MS = 60_000;
// A timer of more than 2^31 - 1 ms would fire at once.
const LONGEST_MS = 3_600_000;

/**
 * Listens for alerts, works out who is at fault, and tells it: once an incident, again when it is somebody else, and once
 * when it is over. Rejects when the port is taken, or the state file cannot be used.
 */
export async function startWatch(options: WatchOptions): Promise<Watch> {
  const { tell, look, traceUrl, targets } = options;
  const { state, save } = await openState(options.statePath, tell);
  const incidents = new Incidents(state.incidents, options);
  const seldom = atMostEvery(TELL_AGAIN_MS, tell);
  const keep = async (): Promise<void> => {
    try {
      await save(() => ({ incidents: incidents.all, waiting: outbox.waiting }));
    } catch (error) {
      seldom(`cannot write the state to ${options.statePath}: ${(error as Error).message}`);
      throw error;
    }
  };
  const keepIfPossible = (): Promise<void> => keep().catch(() => {});
  const outbox = new Outbox({ targets, waiting: state.waiting, settled: keepIfPossible, tell });
  let isEnding = false;
  let wake = (): void => {};

  const work = async (): Promise<void> => {
    while (!isEnding) {
      const waiting = incidents.toLookAt(new Date());
      if (waiting.length > 0) {
        const found = await look().catch((error: unknown): Found => ({ failed: String(error) }));
        if (isEnding) return;
        outbox.add(incidents.found(waiting, found, traceUrl, new Date()));
        await keepIfPossible();
      }
      const over = incidents.over(new Date());
      if (over.length > 0) {
        outbox.add(over);
        await keepIfPossible();
      }
      if (isEnding) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(Math.max(incidents.nextMs - Date.now(), 0), LONGEST_MS));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };

  const listener = await listenForAlerts({
    host: options.host,
    port: options.port,
    token: options.alertsToken,
    hear: async (notification) => {
      const heard = incidents.hear(notification, new Date());
      if (heard === "full") {
        seldom("more than 1,000 incidents are open; further ones are refused");
        throw new Refusal(503, "too many incidents are open");
      }
      if (heard === "unknown") return;
      // What is not on the disk is not taken: Alertmanager sends it again.
      await keep();
      wake();
    },
  });
  const working = work();
  return {
    url: listener.url,
    async close() {
      await listener.close();
      isEnding = true;
      wake();
      await Promise.all([working, outbox.close()]);
      await keepIfPossible();
    },
  };
}

function atMostEvery(ms: number, tell: (text: string) => void): (text: string) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (text) => {
    const now = performance.now();
    if (now - last < ms) return;
    last = now;
    tell(text);
  };
}
