import assert from "node:assert/strict";
import { test } from "node:test";
import type { Series } from "../../src/sources/live/traffic-document.ts";
import { whodunit } from "../helpers/command.ts";
import { deadAddress, fakeService, series, serve } from "../helpers/fake-service.ts";

interface Said {
  readonly service: string | null;
  readonly findings: readonly { area: string; ok: boolean; says: string; fix: string | null }[];
}

async function doctor(...args: string[]): Promise<{ code: number; services: Said[] }> {
  const { code, stdout } = await whodunit(["doctor", "-o", "json", ...args]);
  return { code, services: JSON.parse(stdout).services };
}

const found = ({ findings }: Said, area: string) => findings.find((finding) => finding.area === area);
const tenMinutes = (...rows: Series[]): Series[] => rows.map((row) => ({ ...row, windowS: 600 }));

test("whodunit doctor says what a service lacks, each with the line to change", async (t) => {
  const { url } = await fakeService(t, "web", tenMinutes(series("server", "unknown", "GET *")));
  const { code, stdout } = await whodunit(["doctor", url]);
  assert.equal(code, 1);
  assert.match(stdout, new RegExp(`^web {2}${url}\n`));
  for (const pattern of [
    /no {2}access +\/debug\/traffic answer.* anybody/,
    /ok {2}traffic +100 requests on 1 route in ten minutes/,
    /no {2}routes +100 of 100 requests have no route\n +→ setRoute/,
    /no {2}version +no version.*\n +→ startTracing\(\{ service: "web", version \}\)/,
    /no {2}clock +\d+\.\d s apart/,
    /no {2}health +\/health\/status does not answer.*\n +→ app\.register\(healthPlugin/,
    /no {2}level +\/debug\/level answers 404\n +→ app\.register\(loggerPlugin/,
  ])
    assert.match(stdout, pattern);
  assert.match(stdout, /\n6 to mend\.\n$/);
});

test("whodunit doctor finds nothing to mend where all is set up", async (t) => {
  const { url } = await serve(t, (req, res) => {
    const asked = req.headers.authorization === "Bearer 0123456789abcdef";
    const now = new Date().toISOString();
    const answers: Record<string, object> = {
      "/debug/traffic": {
        service: "web",
        version: "1.8.3",
        startedAt: now,
        now,
        series: tenMinutes(series("server", "unknown", "GET /votes/:id")),
      },
      "/debug/level": {
        service: "web",
        levels: [{ prefix: "", level: "error", until: null }],
        redaction: true,
      },
      "/health/status": {
        status: "pass",
        serviceId: "web",
        checks: { traffic: [{ status: "pass", state: "OK" }] },
      },
    };
    const answer = req.url === "/health/status" || asked ? answers[req.url!] : undefined;
    res.writeHead(answer === undefined ? 401 : 200).end(JSON.stringify(answer ?? {}));
  });
  const { code, stdout } = await whodunit(["doctor", url, "--token", "0123456789abcdef"]);
  assert.match(stdout, /All is set up\.\n$/);
  assert.doesNotMatch(stdout, /^ {2}no /m);
  assert.equal(code, 0);
});

test("whodunit doctor says of a caller among the services given whether it is known by its name", async (t) => {
  const voting = await fakeService(t, "voting", tenMinutes(series("server", "emoji", "GET /votes")));
  const calls = (name: string) =>
    fakeService(t, name, tenMinutes(series("client", voting.host, "GET /votes", { count: 7 })));
  const [web, emoji] = [await calls("web"), await calls("emoji")];
  const { services } = await doctor(web.url, voting.url, emoji.url);
  const callers = services[1]!.findings.filter(({ area }) => area === "callers");
  assert.deepEqual(
    callers.map(({ ok, says }) => [ok, says]),
    [
      [false, "web called 7 times and is not known by its name"],
      [true, "emoji is known by its name"],
    ],
  );
  assert.match(callers[0]!.fix!, /propagateTo: \["127\.0\.0\.1"\].*tracestate/);
  assert.equal(found(services[0]!, "callers"), undefined);
});

test("whodunit doctor tells a service that does not answer, refuses, or is none of ours, and says it by its exit code", async (t) => {
  const dead = `http://${await deadAddress()}`;
  const unreached = await doctor(dead);
  assert.deepEqual(
    [unreached.code, found(unreached.services[0]!, "reached")?.says],
    [3, "refuses connections"],
  );

  const { url: shut } = await fakeService(t, "web", [], { token: "0123456789abcdef" });
  const refused = await doctor(shut, "--token", "fedcba9876543210");
  assert.equal(refused.code, 1);
  assert.match(found(refused.services[0]!, "access")!.says, /401 \(the service refuses this token\)/);
  assert.equal(found(refused.services[0]!, "traffic"), undefined);

  const { url: other } = await serve(t, (_req, res) => void res.writeHead(200).end("<p>hello"));
  const foreign = await doctor(other);
  assert.equal(foreign.code, 1);
  assert.deepEqual(
    foreign.services[0]!.findings.filter(({ ok }) => !ok).map(({ area }) => area),
    ["traffic", "health", "level"],
  );
});

test("whodunit doctor says whether a receiver takes the spans, and which line to change where it does not", async (t) => {
  const none = { ended: 0, exported: 0, unsampled: 0, pending: 0, dropped: {} };
  const cases: [spans: object | undefined, says: RegExp | undefined, fix?: RegExp][] = [
    [undefined, undefined],
    [none, undefined],
    [{ ...none, ended: 300, exported: 299, dropped: { unreachable: 1 } }, /accepted 299 of 300/],
    [
      { ...none, ended: 300, exported: 288, dropped: { "queue-full": 2, unreachable: 10 } },
      /12 of 300 spans were dropped, most as unreachable; 288/,
      /OTEL_EXPORTER_OTLP_ENDPOINT/,
    ],
    [{ ...none, ended: 9, dropped: { rejected: 9 } }, /most as rejected/, /OTEL_EXPORTER_OTLP_HEADERS/],
    [{ ...none, ended: 9, dropped: { moonlight: 9 } }, /most as moonlight/, /spans_dropped/],
    [{ ...none, ended: 9, pending: 9 }, /9 of 9 spans wait/, /ask again/],
    [{ ...none, ended: 9, unsampled: 9 }, /none of 9 spans/, /OTEL_TRACES_EXPORTER=otlp/],
  ];
  for (const [spans, says, fix] of cases) {
    const service = await fakeService(t, "web");
    const now = new Date().toISOString();
    service.document = { service: "web", version: "1", startedAt: now, now, series: [], spans };
    const exporter = found((await doctor(service.url)).services[0]!, "exporter");
    if (says === undefined) assert.equal(exporter, undefined);
    else assert.match(exporter!.says, says);
    assert.equal(exporter?.ok ?? true, fix === undefined);
    if (fix !== undefined) assert.match(exporter!.fix!, fix);
  }
});

test("whodunit doctor names each of /debug/* that answers a stranger, and starts nothing by asking", async (t) => {
  const asked: string[] = [];
  const { url } = await serve(t, (req, res) => {
    asked.push(req.url!);
    if (req.url!.startsWith("/debug/tap"))
      return res.writeHead(400).end('{"error":"maxRps wants a whole number"}');
    if (req.url!.startsWith("/debug/profile"))
      return res.writeHead(400).end('{"error":"seconds is not a whole number"}');
    return res.writeHead(401).end("{}");
  });
  const { services } = await doctor(url);
  assert.equal(found(services[0]!, "access")!.says, "/debug/tap and /debug/profile answer anybody");
  assert.ok(asked.every((path) => !path.startsWith("/debug/tap") || path === "/debug/tap?maxRps=0"));
});

test("whodunit doctor says that secrets are written, and shows no control character of a service", async (t) => {
  const { url } = await serve(t, (req, res) => {
    const levels = [{ prefix: "web-\u001b[2J", level: "debug", until: null }];
    res.writeHead(req.url === "/debug/level" ? 200 : 404);
    res.end(JSON.stringify({ service: "web", levels, redaction: false }));
  });
  const { stdout } = await whodunit(["doctor", url]);
  assert.match(stdout, /no {2}redaction +off: secrets are written/);
  assert.doesNotMatch(stdout, /\u001b/);
});
