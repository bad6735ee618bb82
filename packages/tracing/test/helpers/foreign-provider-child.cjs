// A service whose team has instrumentation-http already, given to startTracing; it asks itself once.
const { HttpInstrumentation } = require("@opentelemetry/instrumentation-http");
const { startTracing } = require("../../src/index.ts");
const { setRoute, withTracing } = require("../../src/node.ts");

async function main() {
  const tracing = startTracing({ service: "web", instrumentations: [new HttpInstrumentation()] });
  const http = require("node:http");
  const server = http.createServer(
    withTracing((request, response) => {
      setRoute(request, response, "/users/:id");
      response.end();
    }),
  );
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  await new Promise((resolve) => {
    http.get(
      { port: server.address().port, host: "127.0.0.1", path: "/users/7", agent: false },
      (response) => {
        response.resume().on("end", resolve);
      },
    );
  });
  await new Promise((resolve) => server.close(resolve));
  const { series } = tracing.traffic.snapshot();
  await tracing.close();
  console.log(JSON.stringify(series.filter((one) => one.windowS === 600)));
}

void main();
