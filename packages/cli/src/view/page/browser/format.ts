/** A duration in milliseconds as people read it. */
export function ms(value: number | null): string {
  if (value === null) return "-";
  if (value >= 7_200_000) return `${(value / 3_600_000).toFixed(1)} h`;
  if (value >= 60_000) return `${(value / 60_000).toFixed(1)} min`;
  if (value >= 1_000) return `${(value / 1_000).toFixed(2)} s`;
  if (value >= 10 || value === 0) return `${Math.round(value)} ms`;
  return value >= 0.1 ? `${value.toFixed(1)} ms` : `${Math.round(value * 1_000)} µs`;
}

/** A share from 0 to 1 in per cent; never rounded up to 100 % while something fails. */
export function percent(share: number | null): string {
  if (share === null) return "-";
  if (share === 1 || share === 0) return `${share * 100}%`;
  return `${Math.min(99.99, share * 100).toFixed(share > 0.99 ? 2 : 1)}%`;
}

/** A rate per second. */
export function rate(perSecond: number): string {
  if (perSecond === 0) return "-";
  if (perSecond >= 100) return `${count(Math.round(perSecond))}/s`;
  return perSecond >= 0.1 ? `${perSecond.toFixed(1)}/s` : `${perSecond.toFixed(2)}/s`;
}

/** A whole number with its thousands apart. */
export const count = (value: number): string => value.toLocaleString("en-GB");

/** A number of things by name. */
export const things = (value: number, one: string, many: string = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/** Bytes in MiB. */
export const mebibytes = (bytes: number): string =>
  `${(bytes / 1_048_576).toFixed(bytes < 10_485_760 ? 1 : 0)} MiB`;

const two = (value: number): string => String(value).padStart(2, "0");

/** The time of day, in the reader's zone. */
export function timeOfDay(epochMs: number): string {
  const date = new Date(epochMs);
  const millis = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}`;
}

/** The hour and minute of the day, in the reader's zone. */
export const minuteOfDay = (epochMs: number): string => timeOfDay(epochMs).slice(0, 5);

function day(epochMs: number): string {
  const date = new Date(epochMs);
  return `${two(date.getDate())}/${two(date.getMonth() + 1)}/${date.getFullYear()}`;
}

/** The time of day, with the day before it where that is not today: what is kept is of a week. */
export const dated = (epochMs: number, timeOf: (epochMs: number) => string = timeOfDay): string =>
  day(epochMs) === day(Date.now()) ? timeOf(epochMs) : `${day(epochMs)} ${timeOf(epochMs)}`;

/** Text of at most `max` characters. */
export const cut = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max - 1)}…`;
