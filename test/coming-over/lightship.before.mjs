import { createLightship } from "lightship";

const lightship = await createLightship({ port: 0, detectKubernetes: false });
const ask = async () => (await fetch(`http://localhost:${lightship.server.address().port}/ready`)).status;
const before = await ask();
lightship.signalReady();
console.log(JSON.stringify([before, await ask()]));
process.exit();
