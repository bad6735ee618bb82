import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

// Drains whatever is posted to it, as a collector or agent that never falls behind.
const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    const protobuf = request.headers["content-type"]?.includes("protobuf") === true;
    response.setHeader("content-type", protobuf ? "application/x-protobuf" : "application/json");
    response.end(protobuf ? "" : "{}");
  });
});
// All of loopback, so that it can stand for many hosts.
server.listen(0, "0.0.0.0", () => process.send?.({ port: (server.address() as AddressInfo).port }));
