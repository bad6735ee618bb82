/** What `whodunit view` alone needs, and loads when it is begun. */
export { readStream } from "./lines/follow-file.ts";
export { runServices, splitCommands } from "./lines/run-services.ts";
export { readServicesFile } from "./lines/services-file.ts";
export { startReceiver } from "./receiver.ts";
