import { printable } from "../terminal/safe-text.ts";
import { largest } from "../terminal/table.ts";
import { type Paint, plain } from "../terminal/terminal.ts";
import { type HealthCheck, type HealthReport, isFailing, isToBlame, type ServiceHealth } from "./health.ts";

type Shown = Set<ServiceHealth>;

interface Line {
  readonly label: string;
  readonly state: string;
  readonly note: string;
}

/**
 * The status tree: each service with its entries, and below an entry that watches another service, that service. A
 * service that stands above already is not shown again, so circles end.
 */
export function renderHealth(report: HealthReport, paint: Paint = plain): string {
  const shown: Shown = new Set();
  const lines = [
    ...roots(report).flatMap((service) => serviceLines(report, service, shown, "", "")),
    ...report.unreached.map(({ address, error }) => ({
      label: printable(address),
      state: "UNREACHED",
      note: printable(error),
    })),
  ];
  const width = largest(lines.map(({ label }) => label.length));
  const stateWidth = largest(lines.map(({ state }) => state.length));
  const text = lines.map(({ label, state, note }) => {
    const end = `${" ".repeat(stateWidth - state.length)}  ${note}`.trimEnd();
    return `${label.padEnd(width)}  ${paint(styleOf(state), state)}${end === "" ? "" : end}`;
  });
  return `${[...text, "", summary(report)].join("\n")}\n`;
}

// Who is watched by nobody comes first; in a circle all are watched, and then the first given one begins.
function roots({ services }: HealthReport): ServiceHealth[] {
  const watched = new Set(services.flatMap(({ checks }) => checks.filter(isService).map(({ name }) => name)));
  return [...services.filter(({ service }) => !watched.has(service)), ...services];
}

const isService = ({ kind }: HealthCheck): boolean => kind === "service";

function serviceLines(
  report: HealthReport,
  health: ServiceHealth,
  shown: Shown,
  first: string,
  rest: string,
): Line[] {
  if (shown.has(health)) return [];
  const own = {
    label: first + labelOf(report, health),
    state: health.status,
    note: blame(health),
  };
  return [own, ...belowLines(report, health, shown, rest)];
}

function belowLines(report: HealthReport, health: ServiceHealth, shown: Shown, rest: string): Line[] {
  shown.add(health);
  return health.checks.flatMap((check, i) => {
    const last = i === health.checks.length - 1;
    return checkLines(report, check, shown, rest + (last ? "└─ " : "├─ "), rest + (last ? "   " : "│  "));
  });
}

function checkLines(
  report: HealthReport,
  check: HealthCheck,
  shown: Shown,
  first: string,
  rest: string,
): Line[] {
  const watched = isService(check) ? report.services.filter(({ service }) => service === check.name) : [];
  const fresh = watched.filter((service) => !shown.has(service));
  const notes = [
    isService(check) ? "service" : "",
    check.optional ? "optional" : "",
    watched.length > 0 && fresh.length === 0 ? "shown above" : "",
    standing(check),
    (check.failing || isFailing(check.state)) && check.output !== null ? printable(check.output) : "",
    fresh.length === 1 ? blame(fresh[0]!) : "",
  ];
  const line = {
    label: first + printable(check.name),
    state: printable(check.state),
    note: notes.filter(Boolean).join(", "),
  };
  if (fresh.length === 1) return [line, ...belowLines(report, fresh[0]!, shown, rest)];
  // Several instances: each with its own entries.
  const instances = fresh.flatMap((service, i) => {
    const last = i === fresh.length - 1;
    const [branch, trunk] = last ? ["└─ ", "   "] : ["├─ ", "│  "];
    return serviceLines(report, service, shown, rest + branch, rest + trunk);
  });
  return [line, ...instances];
}

// Instances of one name are told apart by where they are.
function labelOf({ services }: HealthReport, { service, address, worker }: ServiceHealth): string {
  const alone = services.filter((other) => other.service === service).length === 1;
  const which = worker === null ? "" : `, worker ${worker}`;
  return printable(alone ? service : `${service} (${address}${which})`);
}

const blame = (health: ServiceHealth): string => (isToBlame(health) ? "← first to blame" : "");

// The state is that of the last run alone; what counts comes some runs later.
function standing({ failing, state }: HealthCheck): string {
  if (failing) return state === "OK" || state === "DEGRADED" ? "counts as failing still" : "";
  return isFailing(state) ? "not counted yet" : "";
}

function styleOf(state: string): "red" | "yellow" | "green" {
  if (state === "OK" || state === "pass") return "green";
  return state === "DEGRADED" || state === "STARTING" || state === "warn" ? "yellow" : "red";
}

function summary({ services, unreached, blamed }: HealthReport): string {
  if (blamed.length > 0) return `First to blame: ${blamed.map(printable).join(", ")}`;
  const silent = unreached.length > 0 ? `, ${unreached.length} not reached` : "";
  const failing = services.filter(({ status }) => status === "fail").length;
  if (failing > 0) return `${failing} of ${services.length} failing, none by an entry of its own${silent}`;
  return `${services.length} of ${services.length + unreached.length} well${silent}`;
}
