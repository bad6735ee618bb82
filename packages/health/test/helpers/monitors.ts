import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { atEnd, findProgram, freePort, startServer } from "../../../../test/helpers/real-server.ts";

/** What a monitor makes of an address: `up`, or `down`. */
export type Word = "up" | "down";

/** What one monitor is asked to look at, and in which of its forms. */
export interface Look {
  /** Such as `/health/ready`. */
  readonly path: string;
  readonly method?: "GET" | "HEAD" | "OPTIONS";
  readonly token?: string;
  /** What the body must hold. */
  readonly body?: string;
}

/** A monitor at work: asks what it makes of a look now; undefined before it has looked, and when it does not say. */
export type Ask = (name: string) => Promise<Word | undefined>;

/** Starts a monitor that looks at a service in these ways; undefined after skipping the test because it is missing. */
export type StartMonitor = (
  t: TestContext,
  port: number,
  looks: Readonly<Record<string, Look>>,
) => Promise<Ask | undefined>;

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "whodunit-"));
  atEnd(t, () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What a monitor's own port answers; undefined where it hangs up, as monit does on a machine that is busy. */
async function answerOf(url: string, init: RequestInit = {}): Promise<string | undefined> {
  try {
    return await (await fetch(url, init)).text();
  } catch {
    return undefined;
  }
}

/** Runs a program to its end; resolves to its exit code and what it printed. */
function run(command: string, args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(command, args, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), output: `${stdout}${stderr}` }),
    );
  });
}

/** `check_http` of monitoring-plugins, as Nagios and Icinga run it. */
export const startCheckHttp: StartMonitor = async (t, port, looks) => {
  const program = findProgram(t, "check_http", "monitoring-plugins-basic", "/usr/lib/nagios/plugins");
  if (program === undefined) return undefined;
  return async (name) => {
    const { path, method = "GET", token, body } = looks[name] as Look;
    const { code, output } = await run(program, [
      ...["-I", "127.0.0.1", "-p", `${port}`, "-u", path, "-j", method, "-t", "2"],
      ...(token === undefined ? [] : ["-k", `Authorization: Bearer ${token}`]),
      ...(body === undefined ? [] : ["-s", body]),
    ]);
    if (code === 3) throw new Error(output);
    return code === 0 ? "up" : "down";
  };
};

/** Prometheus' blackbox_exporter. */
export const startBlackbox: StartMonitor = async (t, port, looks) => {
  const command = findProgram(t, "prometheus-blackbox-exporter", "prometheus-blackbox-exporter");
  if (command === undefined) return undefined;
  const folder = folderFor(t);
  const own = await freePort();
  const modules = Object.entries(looks).map(([name, { method = "GET", token, body }]) => [
    name,
    {
      prober: "http",
      timeout: "2s",
      http: {
        method,
        ...(token !== undefined && { bearer_token: token }),
        ...(body !== undefined && { fail_if_body_not_matches_regexp: [body] }),
      },
    },
  ]);
  const config = join(folder, "blackbox.yml");
  // JSON is YAML.
  writeFileSync(config, JSON.stringify({ modules: Object.fromEntries(modules) }));
  const args = [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${own}`];
  await startServer(t, folder, own, { command, args, asTester: true });
  return async (name) => {
    const query = new URLSearchParams({
      module: name,
      target: `http://127.0.0.1:${port}${looks[name]?.path}`,
    });
    const text = await answerOf(`http://127.0.0.1:${own}/probe?${query}`);
    if (text === undefined) return undefined;
    const success = /^probe_success ([01])$/m.exec(text);
    if (success === null) throw new Error(text);
    return success[1] === "1" ? "up" : "down";
  };
};

/** haproxy, with a server for each look; `OPTIONS` is what `option httpchk` sends unless it is told otherwise. */
export const startHaproxy: StartMonitor = async (t, port, looks) => {
  const command = findProgram(t, "haproxy", "haproxy");
  if (command === undefined) return undefined;
  const folder = folderFor(t);
  const own = await freePort();
  const backends = Object.entries(looks).map(([name, { path, method = "OPTIONS", token, body }]) => {
    const plain = token === undefined && body === undefined;
    const header = token === undefined ? "" : ` hdr Authorization "Bearer ${token}"`;
    const check = plain
      ? [`option httpchk ${method === "OPTIONS" ? "" : `${method} `}${path}`]
      : ["option httpchk", `http-check send meth ${method} uri ${path} ver HTTP/1.1 hdr Host web${header}`];
    const expect = body === undefined ? [] : [`http-check expect string ${body}`];
    const server = `server web 127.0.0.1:${port} check inter 200ms fall 1 rise 1`;
    return [`backend ${name}`, ...check, ...expect, server].join("\n  ");
  });
  const defaults = "timeout client 9s\n  timeout server 9s\n  timeout connect 2s\n  timeout check 2s";
  const stats = `frontend stats\n  bind 127.0.0.1:${own}\n  stats enable\n  stats uri /`;
  const config = join(folder, "haproxy.cfg");
  writeFileSync(config, `defaults\n  mode http\n  ${defaults}\n${stats}\n${backends.join("\n")}\n`);
  await startServer(t, folder, own, { command, args: ["-db", "-f", config], asTester: true });
  return async (name) => {
    const csv = await answerOf(`http://127.0.0.1:${own}/;csv`);
    const row = csv?.split("\n").find((line) => line.startsWith(`${name},web,`));
    // The columns of HAProxy's management guide, 9.1: 17 is the status.
    const status = row?.split(",")[17] ?? "";
    if (!/^(?:UP|DOWN)/.test(status)) return undefined;
    return status.startsWith("UP") ? "up" : "down";
  };
};

/** monit, with a host for each look. */
export const startMonit: StartMonitor = async (t, port, looks) => {
  const command = findProgram(t, "monit", "monit");
  if (command === undefined) return undefined;
  const folder = folderFor(t);
  const own = await freePort();
  const hosts = Object.entries(looks).map(([name, { path, method = "GET", token, body }]) =>
    [
      `check host ${name} with address 127.0.0.1`,
      `  if failed port ${port} protocol http method ${method} request "${path}" status = 200`,
      ...(token === undefined ? [] : [`    http headers [Authorization: "Bearer ${token}"]`]),
      ...(body === undefined ? [] : [`    content = "${body}"`]),
      "    with timeout 2 seconds then alert",
    ].join("\n"),
  );
  const config = join(folder, "monitrc");
  const files = ["pid", "id", "state"].map((file) => `set ${file}file ${folder}/${file}`).join("\n");
  const http = `set httpd port ${own}\n  use address 127.0.0.1\n  allow localhost\n  allow whodunit:hunter2`;
  writeFileSync(config, `set daemon 1\n${files}\n${http}\n${hosts.join("\n")}\n`);
  // monit reads no file that others may.
  chmodSync(config, 0o600);
  await startServer(t, folder, own, { command, args: ["-I", "-c", config], asTester: true });
  return async (name) => {
    const headers = { authorization: `Basic ${Buffer.from("whodunit:hunter2").toString("base64")}` };
    const xml = await answerOf(`http://127.0.0.1:${own}/_status?format=xml`, { headers });
    const service = xml?.split("<service ").find((part) => part.includes(`<name>${name}</name>`)) ?? "";
    const status = /<status>(\d+)<\/status>/.exec(service)?.[1];
    if (status === undefined || service.includes("<monitor>2</monitor>")) return undefined;
    return status === "0" ? "up" : "down";
  };
};

/**
 * nginx without its commercial checks: a look is passed on to the service, and to a reserve where that fails, by HTTP/1.0
 * as nginx does of itself; `up` when the service's own answer came.
 */
export const startNginx: StartMonitor = async (t, port, looks) => {
  const command = findProgram(t, "nginx", "nginx-light");
  if (command === undefined) return undefined;
  const folder = folderFor(t);
  const [own, reserve] = [await freePort(), await freePort()];
  const config = join(folder, "nginx.conf");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(" ");
  writeFileSync(
    config,
    `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; events {}
    http {
      access_log off; ${temporary}
      upstream web { server 127.0.0.1:${port} max_fails=0; server 127.0.0.1:${reserve} backup; }
      server { listen 127.0.0.1:${reserve}; return 200 reserve; }
      server {
        listen 127.0.0.1:${own};
        location / {
          proxy_pass http://web;
          proxy_next_upstream error timeout http_503 non_idempotent;
          proxy_read_timeout 2s;
        }
      }
    }`,
  );
  const args = ["-p", folder, "-e", `${folder}/error.log`, "-c", config];
  await startServer(t, folder, own, { command, args, asTester: true });
  return async (name) => {
    const { path, method = "GET", token, body } = looks[name] as Look;
    const headers = { ...(token !== undefined && { authorization: `Bearer ${token}` }) };
    const response = await fetch(`http://127.0.0.1:${own}${path}`, { method, headers });
    const text = await response.text();
    const passedOn = text === "reserve" || response.headers.get("cache-control") === null;
    return !passedOn && response.ok && (body === undefined || text.includes(body)) ? "up" : "down";
  };
};
