/** A count as another process tells it; 0 for what is none. */
export const readCount = (value: unknown): number =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? value : 0;
