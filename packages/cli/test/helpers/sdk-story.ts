// One story that SDKs of other languages tell, each in its own way; none of them runs here.

export const TRACE: string = "5b8efff798038103d269b633813fc60c";
export const SPAN: string = "eee19b7ec3c1b174";
export const PARENT: string = "eee19b7ec3c1b173";
export const START_NS: bigint = BigInt(Math.floor(Date.now() / 1_000) - 5) * 1_000_000_000n;
export const END_NS: bigint = START_NS + 250_000_000n;
export const EVENT_NS: bigint = START_NS + 100_000_000n;
export const BYTES: Buffer = Buffer.from("f00d", "hex");

/** A body as it is sent. */
export interface Sent {
  readonly type: string;
  readonly body: string | Uint8Array;
  readonly gzip?: boolean;
}

/** What an SDK sends. */
export interface Sdk {
  /** Where its habits are read. */
  readonly source: string;
  readonly traces: Sent;
  readonly logs?: Sent;
  readonly metrics?: Sent;
}

/** The attributes of its span and its line. */
export const ATTRIBUTES: Readonly<Record<string, unknown>> = {
  "http.route": "/cart",
  "http.response.status_code": 500,
  "thread.id": "9007199254740993",
  ratio: 0.5,
  cached: false,
  sizes: [1, null, "l"],
  meta: { a: { b: "c" } },
  raw: BYTES.toString("base64"),
};
