import { logger } from "../../../telemetry.js";

export async function GET(_request, { params }) {
  const { name } = await params;
  logger.debug("hello", { name });
  return new Response(`Hello ${name}\n`);
}
