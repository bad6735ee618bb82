import { type Channel, channel } from "node:diagnostics_channel";
import { currentFrame, enterFrame, type Frame, reportFault } from "@whodunit/core";
import { subscribeAll } from "../../http/client-channels.ts";
import { ENCLOSING } from "../enclosed.ts";
import type { Operation } from "../operation.ts";
import type { DriverChannel } from "./driver-channel.ts";
import { MONGOOSE_CHANNELS } from "./mongoose.ts";
import { MYSQL_CHANNELS } from "./mysql.ts";
import { REDIS_CHANNELS, REDIS_EVENTS } from "./redis.ts";

const OPERATION = Symbol("whodunit.operation");
const FRAME = Symbol("whodunit.frame");
const LEFT = Symbol("whodunit.left");
interface Message {
  [OPERATION]?: Operation | undefined;
  /** Where the operation was begun. */
  [FRAME]?: Frame | undefined;
  /** Where its end was read, while what is called back runs in the other. */
  [LEFT]?: Frame | undefined;
  error?: unknown;
}

/**
 * Listens to what drivers publish of their operations (`node:diagnostics_channel`, TracingChannel), whether they are
 * loaded by now or later. Returns what ends it.
 */
export function subscribeDrivers(): () => void {
  const ends = [...MYSQL_CHANNELS, ...REDIS_CHANNELS, ...MONGOOSE_CHANNELS].flatMap(listen);
  ends.push(subscribeAll(REDIS_EVENTS));
  return () => {
    for (const end of ends) end();
  };
}

function listen({ name, start, restores, encloses }: DriverChannel): (() => void)[] {
  const part = (event: string): string => `tracing:${name}:${event}`;
  const begin = (message: Message): void => {
    if (restores === true) message[FRAME] = currentFrame();
    message[OPERATION] = start(message as never);
  };
  const ends = [
    subscribeAll({
      ...(encloses === undefined && { [part("start")]: begin }),
      // Told at once of what is thrown, and before asyncStart of what comes later.
      [part("error")]: (message: Message) => message[OPERATION]?.fail(message.error),
      // Before the caller learns of it: its own work is no part of the operation.
      [part("asyncStart")]: (message: Message) => {
        message[OPERATION]?.end();
        if (restores === true) goBack(message);
      },
      ...(restores === true && { [part("asyncEnd")]: leaveAgain }),
    }),
  ];
  if (encloses !== undefined) ends.push(enclose(channelOf(part("start")), begin, encloses));
  return ends;
}

/** Begins an operation of which what runs under the channel is a part. Node asks for the store before it tells subscribers. */
function enclose(
  begins: Channel<unknown, Message>,
  begin: (message: Message) => void,
  system: string,
): () => void {
  begins.bindStore(ENCLOSING, (message) => {
    try {
      begin(message);
    } catch (error) {
      reportFault("WHODUNIT_CHANNEL", error);
    }
    return message[OPERATION] === undefined ? ENCLOSING.getStore() : system;
  });
  return () => void begins.unbindStore(ENCLOSING);
}

/**
 * What is called back runs where the operation was begun. Most often it is there by itself, and entering a frame costs what a
 * line costs; a store bound to the channel would enter it each time.
 */
function goBack(message: Message): void {
  const here = currentFrame();
  // Published before a subscriber came: it goes on where it is.
  if (!(FRAME in message) || message[FRAME] === here) return;
  message[LEFT] = here;
  enterFrame(message[FRAME]);
}

function leaveAgain(message: Message): void {
  if (LEFT in message) enterFrame(message[LEFT]);
}

const channelOf = (name: string): Channel<unknown, Message> => channel(name) as Channel<unknown, Message>;
