import { optionError } from "@whodunit/core";

/** Checks that a probe was given a client that can do what will be asked of it. @throws TypeError */
export function checkClient(
  owner: string,
  client: unknown,
  methods: readonly string[],
  wanted: string,
): void {
  const given = client as Record<string, unknown> | null | undefined;
  if (given != null && methods.some((method) => typeof given[method] === "function")) return;
  throw optionError(owner, "client", client, wanted);
}
