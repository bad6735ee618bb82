import { optionError } from "@whodunit/core";
import { checkSetting, settingError } from "../running/settings.ts";
import { type RootSampler, ratioSampler } from "./sampler.ts";

const SAMPLERS = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;

/**
 * The sampler: the option's ratio, else OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG (OpenTelemetry, general
 * SDK configuration), else all.
 *
 * @throws TypeError when either cannot be honoured
 */
export function samplingOf(
  sampleRatio: number | undefined,
  env: NodeJS.ProcessEnv,
): { readonly root: RootSampler; readonly parentBased: boolean } {
  if (sampleRatio !== undefined) {
    if (!isRatio(sampleRatio)) {
      throw optionError("startTracing", "sampleRatio", sampleRatio, "a number from 0 to 1");
    }
    return { root: ratioSampler(sampleRatio), parentBased: true };
  }
  const name =
    checkSetting("OTEL_TRACES_SAMPLER", env.OTEL_TRACES_SAMPLER, SAMPLERS) ?? "parentbased_always_on";
  const kind = name.replace("parentbased_", "");
  const ratio =
    kind === "always_on" ? 1 : kind === "always_off" ? 0 : ratioSetting(env.OTEL_TRACES_SAMPLER_ARG);
  return { root: ratioSampler(ratio), parentBased: name.startsWith("parentbased_") };
}

const isRatio = (value: unknown): boolean => typeof value === "number" && value >= 0 && value <= 1;

function ratioSetting(text: string | undefined): number {
  if (!text?.trim()) return 1;
  if (!isRatio(Number(text))) throw settingError("OTEL_TRACES_SAMPLER_ARG", text, "a number from 0 to 1");
  return Number(text);
}
