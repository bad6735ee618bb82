import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { investigate } from "whodunit";
import { PLANS } from "../../packages/cli/test/helpers/planned-fleet.ts";
import { startChild, told } from "../lib/child.ts";
import { median, type Row } from "../lib/results.ts";

const SERVICES = fileURLToPath(new URL("walk-services.ts", import.meta.url));
const WANTED_MS = 5_000;

export const title = "a verdict about 300 live services";
export const note = `Three hundred servers of another process, of which one leaf fails, asked over HTTP from the entry on. CPU time of the process that asks, so that what else runs on the machine does not count; the ratio is to the ${WANTED_MS / 1_000} s that are promised. A row that names anybody else is no row.`;

/** Has each shape asked once a round. */
export async function measure(times: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const shape of Object.keys(PLANS)) rows.push(await measureShape(shape, times));
  return rows;
}

async function measureShape(shape: string, times: number): Promise<Row> {
  const child = startChild(["--conditions=@whodunit/source", SERVICES, shape]);
  const took: number[] = [];
  try {
    const { url, leaf } = (await told(child)) as { url: string; leaf: string };
    for (let i = 0; i < times; i++) {
      const before = process.cpuUsage();
      const { culprits } = await investigate([url]);
      const { user, system } = process.cpuUsage(before);
      took.push((user + system) / 1_000);
      const named = culprits.map(({ service }) => service).join();
      if (named !== leaf) throw new Error(`${shape}: named ${named}, want ${leaf}`);
    }
  } finally {
    child.kill();
    await once(child, "exit");
  }
  const ratios = took.map((ms) => ms / WANTED_MS);
  return {
    name: shape,
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    value: `${median(took).toFixed(0)} ms`,
    note: "",
  };
}
