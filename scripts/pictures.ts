import { fileURLToPath } from "node:url";
import { takePictures } from "../packages/cli/test/helpers/pictures.ts";

// Takes the pictures of the page that the documents show: npm run pictures -- [folder].
const folder = process.argv[2] ?? fileURLToPath(new URL("../docs/pictures", import.meta.url));
for (const name of await takePictures(folder, "/usr/bin/chromium")) process.stdout.write(`${name}\n`);
process.exit();
