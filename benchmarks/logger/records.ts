/** The records that the log line benchmarks write: 64 of each kind, the same in every process. */

let seed = 42;
const random = (): number => {
  seed = (seed * 1_664_525 + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
};
const hex = (length: number): string =>
  Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join("");
const one = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
// As the HTTP parser would give it, not as a rope.
const flat = (text: string): string => Buffer.from(text).toString();

function headers(): Record<string, string> {
  const all: Record<string, string> = {};
  all.host = "api.example.com";
  all["user-agent"] = flat(
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0 Safari/537.36",
  );
  all.accept = "application/json";
  all["content-type"] = "application/json; charset=utf-8";
  const token = [36, 120, 43].map((length) => Buffer.from(hex(length)).toString("base64url")).join(".");
  all.authorization = flat(`Bearer eyJ${token}`);
  all.cookie = flat(`sid=${hex(32)}; theme=dark; lang=en`);
  all["x-forwarded-for"] = flat(`203.0.113.${Math.floor(random() * 255)}`);
  all.traceparent = flat(`00-${hex(32)}-${hex(16)}-01`);
  return all;
}

const records = Array.from({ length: 64 }, () => ({
  AccountID: flat(`acc_${hex(24)}`),
  RequestID: flat(`${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`),
  clientHost: flat(`10.${Math.floor(random() * 255)}.${Math.floor(random() * 255)}.7`),
  action: one(["invoice.list", "invoice.create", "order.cancel", "user.update"]),
  callName: "GET /v1/accounts/:id/invoices",
  status: one([200, 200, 200, 201, 404]),
  duration: Math.round(random() * 100_000) / 1_000,
  user: {
    id: flat(`usr_${hex(16)}`),
    email: flat(`${one(["ada", "grace", "alan"])}.${one(["hopper", "turing", "liskov"])}@example.org`),
    role: one(["admin", "member"]),
    address: {
      street: flat(`${Math.floor(random() * 999)} Main St`),
      city: one(["Oslo", "Lisbon", "Austin"]),
      zip: flat(String(10_000 + Math.floor(random() * 89_999))),
      country: one(["NO", "PT", "US"]),
    },
  },
  headers: headers(),
}));

/** About 1 KB: nine fields, a nested user with an address, eight headers. A fresh literal, as at a call site. */
export function nested(i: number): Record<string, unknown> {
  const r = records[i & 63] as (typeof records)[number];
  return {
    AccountID: r.AccountID,
    RequestID: r.RequestID,
    clientHost: r.clientHost,
    action: r.action,
    callName: r.callName,
    status: r.status,
    duration: r.duration,
    user: r.user,
    headers: r.headers,
  };
}

/** Six fields, none nested. */
export function flatRecord(i: number): Record<string, unknown> {
  const r = records[i & 63] as (typeof records)[number];
  return {
    AccountID: r.AccountID,
    RequestID: r.RequestID,
    action: r.action,
    callName: r.callName,
    status: r.status,
    duration: r.duration,
  };
}
