import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { watchPool } from "@whodunit/core";
import { until } from "../../../../test/helpers/until.ts";
import { findCpuGroup } from "../../src/resources/cgroup.ts";
import { KernelFiles } from "../../src/resources/kernel-files.ts";
import { readOldGeneration } from "../../src/resources/old-generation.ts";
import { MEASURES, type Measure, SampleRing } from "../../src/resources/sample-ring.ts";
import { recordTracing } from "../../src/testing.ts";

const files =
  (all: Readonly<Record<string, string>>) =>
  (path: string): string | undefined =>
    all[path];

test("findCpuGroup reads cgroup 2, of the process or of the nearest group above it that is limited", () => {
  const read = files({
    "/proc/self/cgroup": "0::/kube/pod/app\n",
    "/sys/fs/cgroup/kube/pod/app/cpu.max": "max 100000\n",
    "/sys/fs/cgroup/kube/pod/app/cpu.stat": "usage_usec 9\nthrottled_usec 1\n",
    "/sys/fs/cgroup/kube/pod/cpu.max": "50000 100000\n",
    "/sys/fs/cgroup/kube/pod/cpu.stat": "usage_usec 9\nnr_throttled 3\nthrottled_usec 2500\n",
  });
  assert.deepEqual(findCpuGroup(read)?.(), { limitCpus: 0.5, throttledMs: 2.5 });
});

test("findCpuGroup reads cgroup 1, and in a container the root", () => {
  const cpu = "/sys/fs/cgroup/cpu,cpuacct";
  const stat = "nr_periods 9\nnr_throttled 3\nthrottled_time 7000000\n";
  const own = files({
    "/proc/self/cgroup": "4:cpu,cpuacct:/docker/a\n3:memory:/docker/a\n0::/\n",
    [`${cpu}/docker/a/cpu.stat`]: stat,
    [`${cpu}/docker/a/cpu.cfs_quota_us`]: "25000\n",
    [`${cpu}/docker/a/cpu.cfs_period_us`]: "100000\n",
  });
  assert.deepEqual(findCpuGroup(own)?.(), { limitCpus: 0.25, throttledMs: 7 });
  const inside = files({
    "/proc/self/cgroup": "4:cpu,cpuacct:/docker/a\n",
    "/sys/fs/cgroup/cpu/cpu.stat": stat,
    "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
  });
  assert.deepEqual(findCpuGroup(inside)?.(), { limitCpus: undefined, throttledMs: 7 });
});

test("findCpuGroup finds none where the system has no groups, or tells what makes no sense", () => {
  assert.equal(findCpuGroup(files({})), undefined);
  assert.equal(findCpuGroup(files({ "/proc/self/cgroup": "\0::\n:" })), undefined);
});

test("KernelFiles reads what a file says each time, holds one descriptor for it, and none once it is closed", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "kernel-files-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [path, missing] = [join(folder, "cpu.max"), join(folder, "cpu.stat")];
  const files = new KernelFiles();
  const descriptors = (): number => readdirSync("/proc/self/fd").length;
  const before = descriptors();
  for (const text of ["max 100000\n", "50000 100000\n", "5\n"]) {
    writeFileSync(path, text);
    assert.equal(files.read(path), text);
  }
  assert.equal(descriptors(), before + 1);
  assert.equal(files.read(missing), undefined);
  writeFileSync(missing, "there by now");
  assert.equal(files.read(missing), undefined, "it is not looked for at each look");
  files.close();
  assert.equal(descriptors(), before);
  assert.equal(files.read(missing), "there by now");
  files.close();
  assert.equal(files.read("/proc"), undefined, "a folder has no text");
  files.close();
});

test("SampleRing keeps the samples of a window in order, and no more than ten minutes", () => {
  const ring = new SampleRing();
  const sample = (n: number) =>
    Object.fromEntries(MEASURES.map((measure) => [measure, n])) as Record<Measure, number>;
  assert.equal(ring.window(10, 0), undefined);
  for (let second = 1; second <= 1_000; second++) ring.add(second * 1_000, sample(second));
  assert.deepEqual(ring.window(10, 1_000_000)?.busyMs, [991, 992, 993, 994, 995, 996, 997, 998, 999, 1_000]);
  assert.equal(ring.window(600, 1_000_000)?.busyMs.length, 600);
});

test("/debug/traffic tells what the process has and needs, and who waits for a pool, whatever the library", async (t) => {
  const recorder = recordTracing({ service: "web" });
  t.after(() => recorder.close());
  // As pg, mysql2 and its promises, generic-pool, tarn and undici tell it.
  const pools: Record<string, object> = {
    pg: { waitingCount: 3, options: { max: 10 } },
    mysql: { _connectionQueue: [1, 2], config: { connectionLimit: 5 } },
    promised: { pool: { _connectionQueue: [1], config: { connectionLimit: 4 } } },
    generic: { pending: 6, max: 2 },
    tarn: { numPendingAcquires: () => 7, max: 1 },
    undici: { stats: { queued: 8 } },
    idle: { waitingCount: 0 },
    hostile: new Proxy({}, { get: () => assert.fail("read") }),
  };
  for (const [name, pool] of Object.entries(pools)) watchPool(name, pool);
  watchPool("none", undefined as unknown as object);
  await until(() => recorder.traffic.snapshot().resources.length === 3);
  const [ten] = recorder.traffic.snapshot().resources;
  assert.deepEqual(
    ten!.waits.map(({ name, waiting, size }) => [name, waiting, size]),
    [
      ["undici", 8, null],
      ["tarn", 7, 1],
      ["generic", 6, 2],
      ["pg", 3, 10],
      ["mysql", 2, 5],
      ["promised", 1, 4],
    ],
  );
  const { eventLoop, gc, memory } = ten!;
  assert.ok(eventLoop.utilization >= 0 && eventLoop.utilization <= 1 && gc.share <= 1);
  assert.ok(memory.heapBytes > 0 && memory.heapBytes < memory.heapLimitBytes && memory.rssBytes > 0);
  assert.ok(Object.keys(pools).length > 0, "held until here: a pool that is gone is not looked at");
});

test("the resources are not looked at in step with what takes a part of a second", async (t) => {
  const recorder = recordTracing({ service: "web" });
  t.after(() => recorder.close());
  const lookedAtMs: number[] = [];
  const pool = {
    size: 1,
    get waitingCount() {
      lookedAtMs.push(performance.now());
      return 0;
    },
  };
  watchPool("orders-db", pool);
  await until(() => lookedAtMs.length >= 4);
  const waitedMs = lookedAtMs.slice(1).map((atMs, i) => atMs - lookedAtMs[i]!);
  assert.ok(Math.min(...waitedMs) >= 990, `waits of ${waitedMs}`);
  assert.ok(Math.max(...waitedMs) - Math.min(...waitedMs) > 50, `waits of ${waitedMs}`);
});

/** What Node says of both generations' limit, and what we say of the old one's, when it is started with these flags. */
function limitsWith(flags: readonly string[]): { both: number; old: number } {
  const from = new URL("../../src/resources/old-generation.ts", import.meta.url);
  const script = `import { readOldGeneration } from ${JSON.stringify(from)};
    import { getHeapStatistics } from "node:v8";
    const limits = { both: getHeapStatistics().heap_size_limit, old: readOldGeneration()().limitBytes };
    process.stdout.write(JSON.stringify(limits))`;
  const options = ["--input-type=module", ...process.execArgv.filter((flag) => /conditions/.test(flag))];
  return JSON.parse(
    execFileSync(process.execPath, [...options, ...flags, "--eval", script], { encoding: "utf8" }),
  );
}

test("the heap's limit is the old generation's, whatever the semi-spaces are", () => {
  for (const semi of [[], ["--max-semi-space-size=5"], ["--max_semi_space_size=16"]]) {
    const given = limitsWith([...semi, "--max-old-space-size=300"]);
    assert.equal(given.old, 300 * 2 ** 20);
    // What the young one takes is the same without that flag.
    const { both, old } = limitsWith(semi);
    assert.equal(both - old, given.both - given.old, semi.join());
  }
});

test("the heap's limit is a worker's own, and the last flag's of several", () => {
  const limitOf = (flags: readonly string[], limits = {}) => readOldGeneration(flags, limits)().limitBytes;
  assert.equal(limitOf([], { maxOldGenerationSizeMb: 20 }), 20 * 2 ** 20);
  assert.equal(limitOf(["--max-old-space-size=100 --max_old_space_size=50"], {}), 50 * 2 ** 20);
  assert.equal(limitOf(["--max-old-space-size=100", "--max-old-space-size=60"]), 60 * 2 ** 20);
});
