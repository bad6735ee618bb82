import { isRecord } from "../../is-record.ts";
import { askJson, baseUrl } from "../live/ask.ts";

// A search may go through all files that a view keeps.
const TIMEOUT_MS = 30_000;

/**
 * Asks a running `whodunit view`.
 *
 * @param path such as `api/lines`; what is undefined is left out of the parameters
 * @throws Error that says why there is no answer
 */
export async function askView(
  view: string,
  path: string,
  parameters: Readonly<Record<string, string | number | undefined>>,
  token: string | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const url = new URL(path, baseUrl(view));
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) url.searchParams.set(name, String(value));
  const answer = await askJson(url, { token, timeoutMs: TIMEOUT_MS });
  if (!answer.ok) throw new Error(`${view} ${answer.error}`);
  if (answer.status === 200 && isRecord(answer.body)) return answer.body;
  const said =
    isRecord(answer.body) && typeof answer.body.message === "string" ? `: ${answer.body.message}` : "";
  const hint =
    answer.status !== 401
      ? ""
      : token === undefined
        ? " (it wants a token: --token or WHODUNIT_TOKEN)"
        : " (it refuses this token)";
  throw new Error(`${view} answered ${answer.status}${said}${hint}`);
}
