import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv, type ValidateFunction } from "ajv";
import { createScriptedProbe } from "../../src/testing.ts";
import { ask } from "../helpers/ask.ts";
import { watch } from "../helpers/watch.ts";

const FOLDER = new URL("../../src/schemas/", import.meta.url);

function load(name: string): ValidateFunction {
  const schema = JSON.parse(readFileSync(new URL(`${name}.schema.json`, FOLDER), "utf8"));
  return new Ajv({ strict: true, allErrors: true }).compile(schema);
}

function assertFits(name: string, body: unknown): void {
  const validate = load(name);
  assert.ok(validate(body), `${name}: ${JSON.stringify(validate.errors)} in ${JSON.stringify(body)}`);
}

test("Every body fits its published schema, for the anonymous and the authorised", async (t) => {
  const steps = ["OK", "DEGRADED", "ERROR", "HANG"] as const;
  const probes = steps.map(
    (step) =>
      createScriptedProbe(
        { name: step, priority: step === "OK" ? "none" : "page", runbook: "https://r.test/", owner: "o" },
        step,
      ).probe,
  );
  const { clock, health, changes } = watch(t, {
    probes: [
      ...probes,
      { name: "gauge", check: () => ({ status: "DEGRADED", reason: "high", value: 1, unit: "jobs" }) },
    ],
    authorize: (request) => request.headers["x-rule"] === "yes",
  });
  for (let look = 0; look < 3; look++) {
    for (const rule of ["no", "yes"]) {
      const read = async (path: string, accept = "*/*"): Promise<unknown> =>
        JSON.parse((await ask(health, path, { "x-rule": rule, accept })).body);
      assertFits("status", await read("/health/status"));
      assertFits("health-json", await read("/health/status", "application/health+json"));
      assertFits("ready", await read("/health/ready"));
      assertFits("live", await read("/health/live"));
      assertFits("startup", await read("/health/startup"));
      assertFits("error", await read("/health/status/no-such"));
    }
    await clock.advance(10_000);
  }
  assert.ok(changes.length >= 2);
  for (const change of changes) assertFits("change", change);
});

test("The schemas refuse what is none of health's", () => {
  const entry = { Name: "db", Status: "OK", StatusTime: "2030-01-01T00:00:00.000Z" };
  const status = load("status");
  assert.ok(status([entry]));
  for (const wrong of [
    { ...entry, Status: "UP" },
    { ...entry, Extra: 1 },
    { ...entry, StatusTime: "now" },
    { Name: "db" },
  ]) {
    assert.ok(!status([wrong]), JSON.stringify(wrong));
  }
  assert.ok(!load("health-json")({ status: "up" }));
});

test("Every schema is exported by the package", () => {
  for (const file of readdirSync(FOLDER)) {
    assert.equal(import.meta.resolve(`@whodunit/health/schemas/${file}`), new URL(file, FOLDER).href);
  }
});
