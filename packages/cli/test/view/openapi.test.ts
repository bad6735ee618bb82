import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { startReceiver } from "../../src/index.ts";
import { ANSWERS } from "../../src/view/api/answer.ts";
import { sendCalls } from "../helpers/calls.ts";
import { logsRequest, postLogs, text } from "../helpers/otlp-logs.ts";

interface Operation {
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: {
      readonly enum?: readonly string[];
      readonly minimum?: number;
      readonly maximum?: number;
    };
  }[];
  readonly responses: Readonly<
    Record<string, { readonly content: { readonly "application/json": { readonly schema: object } } }>
  >;
}

const DOCUMENT = JSON.parse(
  readFileSync(new URL("../../../../docs/openapi.json", import.meta.url), "utf8"),
) as {
  readonly paths: Readonly<Record<string, { readonly get: Operation }>>;
  readonly components: object;
};

// Every object of the document is closed for the test: what is answered and not told is found as well.
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const own = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
  return "properties" in own ? { ...own, additionalProperties: false } : own;
}

test("docs/openapi.json tells every question of the API, and each answer is as it says", async (t) => {
  const receiver = await startReceiver({ port: 0 });
  t.after(() => receiver.close());
  const [traceId = ""] = await sendCalls(receiver, 3, [{ from: "web", to: "voting", failed: true }]);
  await postLogs(
    receiver.url,
    logsRequest("web", [
      { severityNumber: 17, body: { stringValue: "web-fail" }, attributes: [text("a", "b")] },
    ]),
  );
  const ajv = new Ajv2020({ strict: false });
  const validate = (schema: object, value: unknown): void => {
    const check = ajv.compile(closed({ ...schema, components: DOCUMENT.components }) as object);
    assert.ok(check(value), JSON.stringify(check.errors));
  };
  const answered = new Set<number>();
  for (const [path, { get }] of Object.entries(DOCUMENT.paths)) {
    const at = path.replace("{traceId}", traceId).replace("{id}", "1-1");
    const index = ANSWERS.findIndex(([pattern]) => pattern.test(at));
    assert.notEqual(index, -1, path);
    answered.add(index);
    const good = await fetch(receiver.url + at);
    assert.equal(good.status, 200, path);
    validate(get.responses["200"]!.content["application/json"].schema, await good.json());
    if (get.responses["404"] !== undefined) {
      const gone = await fetch(
        receiver.url + path.replace("{traceId}", "f".repeat(32)).replace("{id}", "9-9"),
      );
      assert.equal(gone.status, 404, path);
      validate(get.responses["404"].content["application/json"].schema, await gone.json());
    }
    // What the document says is wrong is refused, so the parameter is read.
    for (const { name, schema } of get.parameters.filter((one) => one.in === "query")) {
      const wrong =
        schema.enum !== undefined
          ? "neither"
          : schema.maximum !== undefined
            ? String(schema.maximum + 1)
            : schema.minimum !== undefined
              ? "-1"
              : null;
      if (wrong === null) continue;
      const refused = await fetch(`${receiver.url}${at}?${name}=${wrong}`);
      assert.equal(refused.status, 400, `${path} ${name}`);
      validate(get.responses["400"]!.content["application/json"].schema, await refused.json());
    }
  }
  assert.equal(answered.size, ANSWERS.length, "no question is left out of the document");
  assert.equal((await fetch(`${receiver.url}/api/nothing`)).status, 404);
});
