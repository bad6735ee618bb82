import { startTracing, withSpan } from "../../src/index.ts";

// Makes 100 spans, then ends as the argument says.
const how = process.argv[2];
startTracing({ service: "web" });
for (let i = 0; i < 100; i++) withSpan("work", () => {});
console.log("ready");
if (how === "sigterm") setInterval(() => {}, 1_000);
if (how === "crash") {
  setImmediate(() => {
    throw new Error("crash");
  });
}
