/** Whom an address leads to, and what is asked there. */
export function aimOf(url: URL): { readonly host: string; readonly port: number; readonly path: string } {
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port, path: url.pathname + url.search };
}
