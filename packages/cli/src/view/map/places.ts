import type { Point } from "../page/browser/answers.ts";

/** Where everything stands, in the map's units. */
export interface MapLayout {
  readonly width: number;
  readonly height: number;
  /** The middles of the boxes, by name. */
  readonly nodes: ReadonlyMap<string, Point>;
  /** The lines and the middles of their labels, by {@link edgeKey}. */
  readonly edges: ReadonlyMap<string, { readonly line: readonly Point[]; readonly at: Point }>;
}

/** The size of a service's box. */
export const BOX: { readonly width: number; readonly height: number } = { width: 224, height: 64 };

/** The name of a call in a layout. */
export const edgeKey = (from: string, to: string): string => JSON.stringify([from, to]);
