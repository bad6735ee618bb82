import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

// Drains whatever is posted to it, as a collector that never falls behind.
const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    response.setHeader("content-type", request.headers["content-type"] ?? "application/json");
    response.end(request.headers["content-type"]?.includes("json") ? "{}" : "");
  });
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
