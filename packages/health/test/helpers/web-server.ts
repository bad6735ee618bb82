import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";

/** A server that answers "well", run as a child process: `web-server.ts <port> [key.pem cert.pem]`. */
const [port, key, cert] = process.argv.slice(2);
const server =
  key === undefined || cert === undefined
    ? createServer()
    : createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) });
server.on("request", (_request, response) => void response.end("well"));
server.listen(Number(port), "127.0.0.1");
