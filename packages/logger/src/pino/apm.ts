import { reportFault } from "@whodunit/core";
import { symbols } from "pino";
import type { EventName } from "../line/event-name.ts";
import type { Level } from "../line/level.ts";
import type { Instrumentation } from "../log-core.ts";

const { asJsonSym, chindingsSym, endSym, lsCacheSym, serializersSym, streamSym } = symbols;
// pino's numbers, for those who read them off a line.
const NUMBERS: Readonly<Record<Level, number>> = { debug: 20, error: 50 };

type Instance = Record<symbol, unknown>;
type AsJson = (this: object, object: object, message: undefined, number: number, time: string) => string;
type Stream = Record<string, unknown> & { write(line: string): unknown };

/**
 * How a new pino instance was instrumented; undefined when it was not. Datadog and New Relic wrap `asJson` and add
 * their ids to the fields or to the text; OpenTelemetry puts a stream of its own beside ours. Lines that do not pass
 * through pino's methods must not miss that.
 */
export function instrumentationOf(instance: Instance, ours: object): Instrumentation | undefined {
  const wrapped = Object.hasOwn(instance, asJsonSym) ? (instance[asJsonSym] as AsJson) : undefined;
  const stream = instance[streamSym] as Stream;
  if (wrapped === undefined && stream === ours) return undefined;
  return {
    text: wrapped === undefined ? undefined : (line, level) => throughAsJson(instance, wrapped, line, level),
    stream: stream === ours ? undefined : (line, level, event) => throughStream(stream, line, level, event),
  };
}

// pino's own asJson, inside the wrapper, is made to write the line as it is: as the text of the level, with nothing
// after it but what the wrapper adds. It never sees the caller's fields.
function throughAsJson(instance: Instance, wrapped: AsJson, line: string, level: Level): string {
  try {
    const number = NUMBERS[level];
    const frame = Object.create(instance) as Instance;
    frame[lsCacheSym] = { [number]: line.slice(0, -2) };
    frame[chindingsSym] = "";
    frame[serializersSym] = {};
    frame[endSym] = "}\n";
    return wrapped.call(frame, {}, undefined, number, "");
  } catch (error) {
    reportFault("WHODUNIT_LOG_INSTRUMENTATION", error);
    return line;
  }
}

function throughStream(stream: Stream, line: string, level: Level, event: EventName): void {
  // What pino leaves there for streams that ask for it; the object would be the caller's, not redacted.
  stream.lastLevel = NUMBERS[level];
  stream.lastObj = {};
  stream.lastMsg = event.name;
  stream.lastTime = Date.now();
  stream.write(line);
}
