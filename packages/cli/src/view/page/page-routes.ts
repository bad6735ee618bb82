import { readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { ICON, pageHtml } from "./html.ts";
import { STYLE } from "./style.ts";

/** A part of the page. */
export interface PageAsset {
  readonly type: string;
  readonly body: string;
}

const MAIN = import.meta.resolve("#page");
// Built there are .js files; from source the .ts files are served with their types blanked out.
const EXTENSION = MAIN.endsWith(".ts") ? "ts" : "js";
const JAVASCRIPT = "text/javascript; charset=utf-8";
const LIBRARY: Readonly<Record<string, { readonly type: string; readonly file: string }>> = {
  "/page/uplot.js": { type: JAVASCRIPT, file: "uPlot.esm.js" },
  "/page/uplot.css": { type: "text/css; charset=utf-8", file: "uPlot.min.css" },
};

/**
 * Headers of all answers. The page can load nothing from elsewhere, run no script but its own files, send
 * nothing away and be framed by nobody; with Trusted Types it cannot even turn text into markup.
 * Source: W3C CSP 3, Trusted Types.
 */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
    "require-trusted-types-for 'script'; trusted-types 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** The part of the page at a path; null when there is none. */
export async function findPageAsset(path: string): Promise<PageAsset | null> {
  if (path === "/") return { type: "text/html; charset=utf-8", body: pageHtml(`/page/main.${EXTENSION}`) };
  if (path === "/page/style.css") return { type: "text/css; charset=utf-8", body: STYLE };
  const library = LIBRARY[path];
  if (library !== undefined)
    return {
      type: library.type,
      body: await readFile(new URL(library.file, import.meta.resolve("uplot")), "utf8"),
    };
  if (path === "/page/icon.svg") return { type: "image/svg+xml", body: ICON };
  const name = /^\/page\/([a-z-]+)\.[jt]s$/.exec(path)?.[1];
  if (name === undefined) return null;
  return readModule(name);
}

async function readModule(name: string): Promise<PageAsset | null> {
  try {
    const text = await readFile(new URL(`${name}.${EXTENSION}`, MAIN), "utf8");
    const body = EXTENSION === "ts" ? stripTypeScriptTypes(text) : text;
    // A browser finds no package: it asks for its file.
    return { type: JAVASCRIPT, body: body.replace(/(?<=from ?)"uplot"/, '"./uplot.js"') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
