// Both processes with one command. Each would be a deployment of its own.
import { fork } from "node:child_process";

const children = ["greeter.js", "web.js"].map((file) => fork(new URL(file, import.meta.url)));
for (const child of children) {
  child.on("exit", () => {
    for (const other of children) other.kill();
  });
}
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    for (const child of children) child.kill(signal);
  });
}
