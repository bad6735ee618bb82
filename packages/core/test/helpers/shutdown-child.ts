import { onShutdown, type ShutdownPhase } from "../../src/index.ts";

// A process with steps named on the command line: `phase`, `phase:throws`, `phase:hangs`, `phase:late`, or `own-handler:on|once`.
for (const argument of process.argv.slice(2)) {
  const [phase, behaviour] = argument.split(":");
  if (phase === "own-handler") {
    process[behaviour as "on" | "once"]("SIGTERM", () => {
      setImmediate(() => process.exit(7));
    });
    continue;
  }
  onShutdown({
    phase: phase as ShutdownPhase,
    name: argument,
    timeoutMs: behaviour === "late" ? 1 : 20_000,
    flush: () => console.log(`flush ${argument}`),
    close: async (hurry) => {
      console.log(`close ${argument}`);
      if (behaviour === "throws") throw new Error("broken");
      if (behaviour === "hangs") await new Promise(() => setInterval(() => {}, 1000));
      if (behaviour === "waits") await new Promise((resolve) => hurry.addEventListener("abort", resolve));
      if (behaviour === "late") {
        // Longer than the step's time without looking up, as a starved process does.
        const until = performance.now() + 50;
        while (performance.now() < until);
        await new Promise((resolve) => hurry.addEventListener("abort", resolve));
        console.log("what is lost");
      }
    },
  });
}
setInterval(() => {}, 1000);
console.log("ready");
