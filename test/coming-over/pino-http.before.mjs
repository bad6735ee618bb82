import { createServer } from "node:http";
import pinoHttp from "pino-http";

const observe = pinoHttp();
const server = createServer((req, res) => {
  observe(req, res);
  req.log.info("found");
  res.end("ada");
}).listen(0, async () => {
  await (await fetch(`http://localhost:${server.address().port}/users/7`)).text();
  server.closeAllConnections();
  server.close();
});
