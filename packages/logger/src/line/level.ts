/** `debug`: useful when debugging. `error`: somebody should look at this. */
export type Level = "debug" | "error";
