import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  createHealth,
  dnsProbe,
  httpProbe,
  type Probe,
  type ProbeSettings,
  serviceProbe,
  tcpProbe,
  tlsProbe,
} from "../../src/index.ts";

const check = (): void => {};

/** Whatever takes a URL, and asks for it by `fetch`. */
const byUrl: Readonly<Record<string, (url: string | URL, headers?: Record<string, string>) => unknown>> = {
  httpProbe: (url, headers) => httpProbe({ name: "a", url, ...(headers && { headers }) }),
  serviceProbe: (url, headers) => serviceProbe({ name: "a", url, ...(headers && { headers }) }),
  webhook: (url, headers) =>
    createHealth({ service: "web", webhook: { url, ...(headers && { headers }) } }).close(),
};

/** Whatever connects to a host. */
const byHost: Readonly<Record<string, (host: string) => Probe>> = {
  "tcpProbe host": (host) => tcpProbe({ name: "a", host, port: 80 }),
  "tlsProbe host": (host) => tlsProbe({ name: "a", host }),
  "tlsProbe servername": (servername) => tlsProbe({ name: "a", host: "h", servername }),
  "dnsProbe hostname": (hostname) => dnsProbe({ name: "a", hostname }),
};

test("H5: Whatever takes a URL refuses one that fetch would refuse in each run, and does not show it", () => {
  const wrong: readonly [url: unknown, wanted: RegExp][] = [
    ["http://user:hunter2@host/", /without user and password: they belong in the header authorization$/],
    ["https://hunter2@host/", /without user and password/],
    ["http://:hunter2@host/", /without user and password/],
    [new URL("http://user:hunter2@host/"), /without user and password/],
    ["ftp://hunter2/", /want an http\(s\) URL$/],
    ["hunter2:8080/health", /want an http\(s\) URL$/],
    ["/health?hunter2", /want an http\(s\) URL$/],
    ["http://", /want an http\(s\) URL$/],
    ["http://hunter2:99999/", /want an http\(s\) URL$/],
    ["", /want an http\(s\) URL$/],
    [undefined, /want an http\(s\) URL$/],
  ];
  for (const [owner, make] of Object.entries(byUrl)) {
    for (const [url, message] of wrong) {
      assert.throws(
        () => make(url as string),
        (error: Error) => {
          assert.equal(error.name, "TypeError");
          assert.match(
            error.message,
            new RegExp(`^${owner}: option "url" is "\\(withheld\\)", want an http`),
          );
          assert.match(error.message, message);
          assert.doesNotMatch(`${error.message}${error.stack}`, /hunter2/);
          return true;
        },
      );
    }
    for (const [port, isRefused] of [
      [6000, true],
      [10080, true],
      [0, true],
      [25, true],
      [6379, false],
      [3000, false],
      [443, false],
    ] as const) {
      if (!isRefused) make(`http://host:${port}/`);
      else assert.throws(() => make(`http://host:${port}/hunter2`), /"\(withheld\)", want .* refuses \d+ \(/);
    }
    make("http://host/?user=a@b");
    make(new URL("https://[::1]:8443/"));
  }
});

test("H5: The ports that are refused are those that fetch refuses, and a fetch of one's own may ask them", async () => {
  // What fetch lets through comes here, and goes no further.
  const dispatcher = {
    dispatch() {
      throw new Error("asked");
    },
  } as never;
  for (let port = 0; port <= 10_100; port++) {
    const url = `http://127.0.0.1:${port}/`;
    const isRefused = await fetch(url, { dispatcher }).catch(
      ({ cause }: Error) => (cause as Error | undefined)?.message === "bad port",
    );
    const make = () => httpProbe({ name: "a", url });
    if (port === 0 || isRefused) assert.throws(make, TypeError, url);
    else make();
    httpProbe({ name: "a", url, fetch });
  }
});

test("H5: Whatever sends headers refuses those that HTTP does not allow, and does not show them", () => {
  for (const [owner, make] of Object.entries(byUrl)) {
    for (const headers of [
      { "x token": "hunter2" },
      { authorization: "Bearer hunter2\nx: y" },
      { "": "a" },
    ]) {
      assert.throws(
        () => make("http://host/", headers as unknown as Record<string, string>),
        (error: Error) => {
          assert.match(
            error.message,
            new RegExp(`^${owner}: option "headers" is "\\(withheld\\)", want names`),
          );
          assert.doesNotMatch(`${error.message}${error.stack}`, /hunter2/);
          return true;
        },
      );
    }
    make("http://host/", { authorization: "Bearer hunter2" });
  }
});

test("H5: Whatever takes a host refuses a URL, a port and a path in it, and takes names and addresses", () => {
  const wrong = [
    "http://host",
    "tcp://host:5432",
    "host:5432",
    "host/path",
    "user:hunter2@host",
    "[::1]",
    "ho st",
    " host",
    "host\n",
    "",
    ".",
    "db..internal",
    ".internal",
    `${"x".repeat(64)}.internal`,
    "x".repeat(254),
  ];
  const right = [
    "host",
    "db.internal",
    "db.internal.",
    "_sip._tcp.example.com",
    "bücher.example",
    "xn--bcher-kva",
  ];
  for (const [what, make] of Object.entries(byHost)) {
    const [owner, option] = what.split(" ");
    for (const host of [...wrong, undefined, null, 5]) {
      if (what === "tlsProbe servername" && host === undefined) continue;
      assert.throws(
        () => make(host as string),
        (error: Error) => {
          assert.equal(error.name, "TypeError", `${what} ${host}`);
          assert.match(error.message, new RegExp(`^${owner}: option "${option}" is .*, want a host name`));
          assert.doesNotMatch(error.message, /hunter2/);
          return true;
        },
      );
    }
    for (const host of right) make(host);
    for (const address of ["10.0.0.1", "::1", "fe80::1%eth0"]) {
      if (what === "tlsProbe servername") assert.throws(() => make(address), /want a name, no address/);
      else make(address);
    }
  }
});

test("H5: A probe's runbook may hold no password, which would go out with every change", () => {
  const make = (runbook: string): unknown =>
    createHealth({
      service: "web",
      probes: [{ name: "db", check, runbook } satisfies Probe & ProbeSettings],
    }).close();
  assert.throws(
    () => make("https://user:hunter2@wiki/db"),
    (error: Error) => {
      assert.match(
        error.message,
        /option "probes\[db\].runbook" is "\(withheld\)", want an http\(s\) URL without/,
      );
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    },
  );
  make("https://wiki/db#hunter2@home");
});

test("H5: No credentials in whatever URL get past construction", () => {
  const part = fc.stringMatching(/^[a-z0-9]{1,10}$/);
  fc.assert(
    fc.property(part, part, fc.constantFrom("http", "https", "HTTP", "HtTpS"), (user, password, scheme) => {
      for (const make of Object.values(byUrl)) {
        assert.throws(() => make(`${scheme}://${user}:${password}@host.test:80/path?query#hash`), TypeError);
      }
    }),
    { numRuns: 50 },
  );
});
