import { renderTable } from "../terminal/table.ts";
import type { HotFunction } from "./hottest.ts";
import type { Profile } from "./profile.ts";

/** The hottest functions of a service as text. */
export function renderProfile({
  profiledMs,
  busyShare,
  gcShare,
  functions,
  worker,
}: Omit<Profile, "text">): string {
  const garbage = gcShare >= 0.01 ? `, ${percent(gcShare)} with garbage collection` : "";
  const head = `Busy ${percent(busyShare)} of ${(profiledMs / 1_000).toFixed(1)} s${garbage}.${whose(worker)}`;
  if (functions.length === 0) return `${head} No function of the service's own ran.\n`;
  const rows = functions.map((one) => [
    percent(one.share),
    `${Math.round(one.ms)} ms`,
    one.name,
    placeOf(one),
  ]);
  const columns = [
    { heading: "SHARE", align: "right" as const },
    { heading: "TIME", align: "right" as const },
    { heading: "FUNCTION", align: "left" as const },
    { heading: "WHERE", align: "left" as const },
  ];
  return `${head}\n\n${renderTable(columns, rows)}`;
}

const whose = (worker: Profile["worker"]): string =>
  worker === null || worker.of === 1
    ? ""
    : ` This is worker ${worker.worker}${worker.of === null ? "" : ` of ${worker.of}`} of a cluster; the others were not looked at.`;

/** `/srv/web/src/vote.ts:12`. */
export const placeOf = ({ file, line }: HotFunction): string => `${file}:${line}`;

const percent = (share: number): string => `${Math.round(100 * share)} %`;
