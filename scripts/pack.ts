import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PACKAGES, ROOT } from "./packages.ts";
import { STAGE } from "./stage.ts";

/** Builds all packages and puts their tarballs, as they would be published, into `packed/`. */
const folder = `${ROOT}packed`;
await import("./build.ts");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
for (const { folder: from } of PACKAGES)
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], {
    cwd: join(from, STAGE),
    stdio: "inherit",
  });
