/** A service that ends by an error that nobody catches, in the way that its argument names. */
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { createLogger } from "../../src/index.ts";
import { withLogger } from "../../src/node.ts";

const [way = ""] = process.argv.slice(2);
const logger = createLogger({ service: "shop", level: "error" });
createLogger({ service: "other", level: "error" });
const fail = (): never => {
  throw new TypeError("no coupon for ada@example.org", { cause: new Error("password=hunter2") });
};

if (way === "throw") setImmediate(fail);
if (way === "reject") void (async () => fail())();
if (way === "throw-text")
  setImmediate(() => {
    throw "no coupon";
  });
if (way === "own-handler") {
  process.on("uncaughtException", () => process.exit(3));
  fail();
}
if (way === "closed") {
  await logger.close();
  fail();
}
if (way === "request" || way === "request-later") {
  const server = createServer(
    withLogger(
      async (_request, response) => {
        logger.child("cart").debug("priced", { total: 12 });
        if (way === "request-later") setImmediate(fail);
        else {
          await response.writeHead(200);
          fail();
        }
      },
      { logger },
    ),
  ).listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo;
    get(`http://127.0.0.1:${port}/`, { headers: { "x-request-id": "r1" } }).on("error", () => {});
  });
}
