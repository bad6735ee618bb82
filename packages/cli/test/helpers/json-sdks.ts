import { BYTES, END_NS, EVENT_NS, PARENT, type Sdk, type Sent, SPAN, START_NS, TRACE } from "./sdk-story.ts";

/** A body as JSON. */
export const json = (body: object): Sent => ({ type: "application/json", body: JSON.stringify(body) });

/** Attributes as JSON has them. */
const jsonAttributes = (int: (value: bigint) => unknown): object[] => [
  { key: "http.route", value: { stringValue: "/cart" } },
  { key: "http.response.status_code", value: { intValue: int(500n) } },
  { key: "thread.id", value: { intValue: String(9_007_199_254_740_993n) } },
  { key: "ratio", value: { doubleValue: 0.5 } },
  { key: "cached", value: { boolValue: false } },
  {
    key: "sizes",
    value: { arrayValue: { values: [{ intValue: int(1n) }, {}, { stringValue: "l" }] } },
  },
  {
    key: "meta",
    value: {
      kvlistValue: {
        values: [
          { key: "a", value: { kvlistValue: { values: [{ key: "b", value: { stringValue: "c" } }] } } },
        ],
      },
    },
  },
  { key: "raw", value: { bytesValue: BYTES.toString("base64") } },
];

const javaScope = { name: "shop.cart", version: "1.0.0", attributes: [] };
const javaResource = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };
/** When its span began and ended. */
export const times: Readonly<Record<string, string>> = {
  startTimeUnixNano: String(START_NS),
  endTimeUnixNano: String(END_NS),
};
const exception = { key: "exception.type", value: { stringValue: "CartError" } };

/** Fields as the .proto files name them. */
function snakeCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCased);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snakeCased(inner),
    ]),
  );
}

/** SDKs, and what else sends JSON. */
export const JSON_SDKS: Readonly<Record<string, Sdk>> = {
  Java: {
    source:
      "opentelemetry-java, exporters/logging-otlp, expected-spans-wrapper.json and expected-logs-wrapper.json",
    traces: json({
      resourceSpans: [
        {
          resource: javaResource,
          scopeSpans: [
            {
              scope: javaScope,
              spans: [
                {
                  ...{
                    traceId: TRACE,
                    spanId: SPAN,
                    parentSpanId: PARENT,
                    name: "GET /cart",
                    kind: 2,
                    ...times,
                  },
                  attributes: jsonAttributes(String),
                  events: [{ timeUnixNano: String(EVENT_NS), name: "exception", attributes: [exception] }],
                  ...{ links: [], status: { message: "no cart", code: 2 }, flags: 257 },
                },
              ],
            },
          ],
        },
      ],
    }),
    logs: json({
      resourceLogs: [
        {
          resource: javaResource,
          scopeLogs: [
            {
              scope: javaScope,
              logRecords: [
                {
                  ...{ timeUnixNano: String(EVENT_NS), observedTimeUnixNano: String(EVENT_NS) },
                  ...{ severityNumber: 17, severityText: "ERROR", body: { stringValue: "cart is gone" } },
                  ...{ attributes: jsonAttributes(String), flags: 1, traceId: TRACE, spanId: SPAN },
                },
              ],
            },
          ],
        },
      ],
    }),
  },
  Rust: {
    source:
      "opentelemetry-rust, opentelemetry-proto/src/proto.rs and tests/json_serde.rs: each field, its default too",
    traces: json({
      resourceSpans: [
        {
          resource: { ...javaResource, droppedAttributesCount: 0, entityRefs: [] },
          scopeSpans: [
            {
              scope: { name: "shop.cart", version: "", attributes: [], droppedAttributesCount: 0 },
              spans: [
                {
                  ...{ traceId: TRACE, spanId: SPAN, traceState: "", parentSpanId: PARENT, flags: 1 },
                  ...{ name: "GET /cart", kind: 2, ...times, attributes: jsonAttributes(String) },
                  droppedAttributesCount: 0,
                  events: [
                    {
                      ...{ timeUnixNano: String(EVENT_NS), name: "exception", attributes: [exception] },
                      droppedAttributesCount: 0,
                    },
                  ],
                  ...{ droppedEventsCount: 0, links: [], droppedLinksCount: 0 },
                  status: { message: "no cart", code: 2 },
                },
              ],
              schemaUrl: "",
            },
          ],
          schemaUrl: "",
        },
      ],
    }),
  },
  "C++": {
    source: "opentelemetry-cpp, OtlpHttpExporterOptions: use_json_name is false, integers are numbers",
    traces: json(
      snakeCased({
        resourceSpans: [
          {
            resource: javaResource,
            scopeSpans: [
              {
                scope: { name: "shop.cart", version: "1.0.0" },
                spans: [
                  {
                    ...{ traceId: TRACE, spanId: SPAN, parentSpanId: PARENT, traceState: "", flags: 257 },
                    ...{ name: "GET /cart", kind: 2, attributes: jsonAttributes(Number) },
                    ...{ startTimeUnixNano: Number(START_NS), endTimeUnixNano: Number(END_NS) },
                    events: [{ timeUnixNano: Number(EVENT_NS), name: "exception", attributes: [exception] }],
                    status: { code: 2, message: "no cart" },
                  },
                ],
              },
            ],
          },
        ],
      }) as object,
    ),
    logs: json(
      snakeCased({
        resourceLogs: [
          {
            resource: javaResource,
            scopeLogs: [
              {
                logRecords: [
                  {
                    ...{ timeUnixNano: Number(EVENT_NS), severityNumber: 17, severityText: "ERROR" },
                    ...{ body: { stringValue: "cart is gone" }, attributes: jsonAttributes(Number) },
                    ...{ traceId: TRACE, spanId: SPAN, flags: 1 },
                  },
                ],
              },
            ],
          },
        ],
      }) as object,
    ),
  },
  "a program that writes protobuf's own JSON": {
    source:
      "protobuf.dev, ProtoJSON: enums by their names, which OTLP's receivers need not take, and the Collector does",
    traces: json({
      resourceSpans: [
        {
          resource: javaResource,
          scopeSpans: [
            {
              spans: [
                {
                  ...{ traceId: TRACE.toUpperCase(), spanId: SPAN, parentSpanId: PARENT, name: "GET /cart" },
                  ...{ kind: "SPAN_KIND_SERVER", ...times, attributes: jsonAttributes(Number) },
                  events: [{ timeUnixNano: String(EVENT_NS), name: "exception", attributes: [exception] }],
                  status: { code: "STATUS_CODE_ERROR", message: "no cart" },
                },
              ],
            },
          ],
        },
      ],
    }),
    logs: json({
      resourceLogs: [
        {
          resource: javaResource,
          scopeLogs: [
            {
              logRecords: [
                {
                  ...{ timeUnixNano: String(EVENT_NS), severityNumber: "SEVERITY_NUMBER_ERROR" },
                  ...{ body: { stringValue: "cart is gone" }, attributes: jsonAttributes(Number) },
                  ...{ traceId: TRACE, spanId: SPAN },
                },
              ],
            },
          ],
        },
      ],
    }),
  },
};
