import { execFileSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { PACKAGES, ROOT } from "./packages.ts";

// A file removed from src must not live on in dist and be packed.
for (const { folder } of PACKAGES) rmSync(`${folder}/dist`, { recursive: true, force: true });
execFileSync("tsc", ["--build", "--force", "tsconfig.build.json"], { cwd: ROOT, stdio: "inherit" });
chmodSync(`${ROOT}packages/cli/dist/main.js`, 0o755);
