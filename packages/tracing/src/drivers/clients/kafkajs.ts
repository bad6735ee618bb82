import type { Callee } from "../callee.ts";
import { plainFailure } from "../operation.ts";
import { type Messenger, processing, type Sending, startSending } from "./messages.ts";
import { endWith, guarded, type Method, markTraced, wrapMethod } from "./wrap.ts";

type Message = { readonly headers?: object };
type TopicMessages = { readonly topic: string; readonly messages: readonly Message[] };
type Batch = { readonly batch: { readonly topic: string; readonly messages: readonly Message[] } };

/** The events of a producer's or consumer's network, which alone tell where its brokers are. */
interface Listening {
  readonly events?: { readonly REQUEST?: string };
  on?(event: string, listener: (event: { payload?: { broker?: string } }) => void): unknown;
}

const KAFKAJS: Messenger = {
  instrumentations: ["@opentelemetry/instrumentation-kafkajs"],
  failureOf(error) {
    // KafkaJSNumberOfRetriesExceeded and its like say what it was in their cause.
    const { cause, originalError = cause } = (error ?? {}) as { cause?: unknown; originalError?: unknown };
    return plainFailure(originalError ?? error);
  },
};

/** Traces `new Kafka(…)`: all of its producers and consumers are traced. */
export function traceKafka(kafka: object): void {
  if (markTraced(kafka)) return;
  const tracedBy =
    (trace: (made: object) => void) =>
    (make: Method): Method =>
      function (this: unknown, ...args) {
        const made = make.apply(this, args);
        guarded(() => trace(made as object));
        return made;
      };
  wrapMethod(kafka, "producer", tracedBy(traceKafkaProducer));
  wrapMethod(kafka, "consumer", tracedBy(traceKafkaConsumer));
}

/** Traces a producer, and the transactions that it begins: each send is an operation, its messages carry the trace. */
export function traceKafkaProducer(producer: object): void {
  if (markTraced(producer)) return;
  const callee = calleeFrom(producer as Listening);
  traceSends(producer, callee);
  wrapMethod(producer, "transaction", (transaction) => {
    return async function tracedTransaction(this: unknown, ...args: unknown[]) {
      const begun = await transaction.apply(this, args);
      guarded(() => traceSends(begun as object, callee));
      return begun;
    };
  });
}

function traceSends(sender: object, callee: () => Callee): void {
  wrapMethod(sender, "send", (send) => {
    return function tracedSend(this: unknown, ...args: unknown[]) {
      const [record] = args as [TopicMessages];
      return run(
        this,
        send,
        args,
        callee,
        () => [record],
        ([traced]) => traced,
      );
    };
  });
  wrapMethod(sender, "sendBatch", (sendBatch) => {
    return function tracedSendBatch(this: unknown, ...args: unknown[]) {
      const [batch] = args as [{ readonly topicMessages: readonly TopicMessages[] }];
      return run(
        this,
        sendBatch,
        args,
        callee,
        () => batch.topicMessages,
        (traced) => ({ ...batch, topicMessages: traced }),
      );
    };
  });
}

/** Sends what `topics` reads of the first argument, as `rebuild` puts it together again with headers. */
function run(
  self: unknown,
  send: Method,
  args: unknown[],
  callee: () => Callee,
  topics: () => readonly TopicMessages[],
  rebuild: (traced: readonly TopicMessages[]) => unknown,
): unknown {
  const begun = guarded(() => {
    const all = topics();
    const names = new Set(all.map(({ topic }) => topic));
    const count = all.reduce((sum, { messages }) => sum + messages.length, 0);
    const [name = ""] = names;
    const sending = startSending(KAFKAJS, callee(), names.size > 1 ? "several topics" : String(name), count);
    return sending && { ...sending, own: rebuild(all.map((one) => withHeaders(one, sending))) };
  });
  if (begun === undefined) return send.apply(self, args);
  try {
    return endWith(begun.operation, send.call(self, begun.own, ...args.slice(1)));
  } catch (error) {
    begun.operation.fail(error);
    throw error;
  }
}

function withHeaders(record: TopicMessages, { headers }: Sending): TopicMessages {
  const messages = record.messages.map((message) => ({
    ...message,
    headers: { ...message.headers, ...headers },
  }));
  return { ...record, messages };
}

/** Traces a consumer: each message, or each batch, is handled in a span. */
export function traceKafkaConsumer(consumer: object): void {
  if (markTraced(consumer)) return;
  const callee = calleeFrom(consumer as Listening);
  wrapMethod(consumer, "run", (run) => {
    return function tracedRun(this: unknown, ...args: unknown[]) {
      const [config, ...rest] = args as [Record<string, unknown> | undefined];
      const own = guarded(() => handlersOf(config ?? {}, callee));
      return own === undefined ? run.apply(this, args) : run.call(this, { ...config, ...own }, ...rest);
    };
  });
}

function handlersOf(config: Readonly<Record<string, unknown>>, callee: () => Callee): Record<string, Method> {
  const { eachMessage, eachBatch } = config;
  const handlers: Record<string, Method> = {};
  if (typeof eachMessage === "function") {
    handlers.eachMessage = function (this: unknown, payload, ...rest) {
      const { topic, message } = payload as { topic: string; message: Message };
      return handle(topic, [message], callee, () => eachMessage.call(this, payload, ...rest));
    };
  }
  if (typeof eachBatch === "function") {
    handlers.eachBatch = function (this: unknown, payload, ...rest) {
      const { topic, messages } = (payload as Batch).batch;
      return handle(topic, messages, callee, () => eachBatch.call(this, payload, ...rest));
    };
  }
  return handlers;
}

const LINKS_MAX = 128;

function handle(
  topic: string,
  messages: readonly Message[],
  callee: () => Callee,
  work: () => unknown,
): unknown {
  const carriers = messages.slice(0, LINKS_MAX).map(({ headers }) => headers ?? {});
  return processing(
    { messenger: KAFKAJS, callee: guarded(callee) ?? UNKNOWN, destination: topic, carriers },
    work,
  );
}

const UNKNOWN: Callee = { system: "kafka", host: undefined, port: undefined, namespace: undefined };

/** The first broker that was asked stands for its cluster; until then nothing is known of it. */
function calleeFrom(client: Listening): () => Callee {
  let callee = UNKNOWN;
  const { REQUEST } = client.events ?? {};
  let unlisten: unknown;
  const listener = ({ payload }: { payload?: { broker?: string } }): void => {
    const [, host, port] = /^(.+):(\d+)$/.exec(payload?.broker ?? "") ?? [];
    if (host === undefined) return;
    callee = { ...UNKNOWN, host, port: Number(port) };
    if (typeof unlisten === "function") unlisten();
  };
  if (REQUEST !== undefined) unlisten = guarded(() => client.on?.(REQUEST, listener));
  return () => callee;
}
