import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { parseDuration } from "../../commands/duration.ts";
import { baseUrl } from "../live/ask.ts";

/** How to reach a store that speaks Prometheus' HTTP API. */
export interface StoreAddress {
  /** Its base URL, with the path before `/api/v1` where there is one. */
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  /** Basic authentication. */
  readonly user?: { readonly name: string; readonly password: string } | undefined;
  /** More headers, such as a tenant's. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** PEM texts, and whether to trust any certificate. */
  readonly tls?:
    | {
        readonly ca?: string | undefined;
        readonly cert?: string | undefined;
        readonly key?: string | undefined;
        readonly insecure?: boolean | undefined;
      }
    | undefined;
  /** How long one query may take. @default 30_000 */
  readonly timeoutMs?: number | undefined;
}

/**
 * The store's address and what opens it, by the variables of docs/prometheus.md: what opens it never stands on a command
 * line, which every user of the machine can read.
 *
 * @throws TypeError that names the variable and what is wanted
 */
export function storeAddress(url: string, env: NodeJS.ProcessEnv): StoreAddress {
  const setting = (name: string): string | undefined => env[`WHODUNIT_PROMETHEUS_${name}`] || undefined;
  const wrong = (name: string, want: string): TypeError =>
    new TypeError(`WHODUNIT_PROMETHEUS_${name} ${want}`);
  try {
    baseUrl(url);
  } catch (error) {
    const text = `is no address of a store (${(error as Error).message}): want https://prometheus:9090`;
    throw new TypeError(`--prometheus "${url.replace(/\/\/[^/@]*@/, "//…@")}" ${text}`);
  }
  const [name, password] = [setting("USER"), setting("PASSWORD")];
  if ((name === undefined) !== (password === undefined))
    throw wrong(name === undefined ? "USER" : "PASSWORD", "is not set, want both or none of the two");
  const token = setting("TOKEN");
  if (token !== undefined && name !== undefined)
    throw wrong("TOKEN", "is set beside WHODUNIT_PROMETHEUS_USER, want one of them");
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    throw wrong("TOKEN", "holds a character that no header can, want visible ones of ASCII");
  const file = (key: string): string | undefined => {
    const path = setting(key);
    if (path === undefined) return undefined;
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      throw wrong(key, `names no file that can be read (${(error as NodeJS.ErrnoException).code})`);
    }
  };
  const insecure = setting("INSECURE");
  if (insecure !== undefined && insecure !== "true" && insecure !== "false")
    throw wrong("INSECURE", `is "${insecure}", want true or false`);
  const timeout = setting("TIMEOUT");
  const timeoutMs = timeout === undefined ? undefined : parseDuration(timeout);
  if (timeoutMs === null || timeoutMs === 0)
    throw wrong("TIMEOUT", `is "${timeout}", want a duration such as 30s`);
  const [cert, key] = [file("CERT"), file("KEY")];
  if ((cert === undefined) !== (key === undefined))
    throw wrong(cert === undefined ? "CERT" : "KEY", "is not set, want both or none of the two");
  const ca = file("CA");
  if (ca !== undefined && !/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/.test(ca))
    throw wrong("CA", "names a file without a certificate in PEM");
  try {
    if (cert !== undefined) createSecureContext({ cert, key });
  } catch (error) {
    const { code = (error as Error).message } = error as NodeJS.ErrnoException;
    throw wrong("CERT", `and _KEY name no certificate in PEM and its key (${code})`);
  }
  return {
    url: baseUrl(url).href,
    timeoutMs,
    ...{ token, headers: headersOf(setting("HEADERS"), wrong) },
    user: name === undefined ? undefined : { name, password: password! },
    tls: { ca, cert, key, insecure: insecure === "true" },
  };
}

/** Reads `X-Scope-OrgID=shop,X-Other=1`, as OTEL_EXPORTER_OTLP_HEADERS is written. */
function headersOf(
  text: string | undefined,
  wrong: (name: string, want: string) => TypeError,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const part of (text ?? "").split(",").map((one) => one.trim())) {
    if (part === "") continue;
    const [, name, value] = /^([\w!#$%&'*+.^`|~-]+)=([\x20-\x7e]*)$/.exec(part) ?? [];
    if (name === undefined)
      throw wrong("HEADERS", "is no list of headers, want X-Scope-OrgID=shop,X-Other=1");
    headers[name.toLowerCase()] = decoded(value!.trim());
  }
  return headers;
}

function decoded(text: string): string {
  try {
    const value = decodeURIComponent(text);
    return /^[\x20-\x7e]*$/.test(value) ? value : text;
  } catch {
    return text;
  }
}
