import { connect, type NatsConnection } from "nats";
import { findProgram, freePort, serverFolder, startServer } from "../../../../../test/helpers/real-server.ts";
import { PASSWORD } from "../../../../../test/helpers/real-services.ts";
import { natsProbe } from "../../../src/index.ts";
import { proveDependency } from "../../helpers/dependency.ts";

proveDependency({
  name: "natsProbe() with a connection of nats",
  login: true,
  async start(t) {
    const command = findProgram(t, "nats-server", "nats-server");
    if (command === undefined) return undefined;
    const port = await freePort();
    const args = ["-a", "127.0.0.1", "-p", `${port}`, "--user", "app", "--pass", PASSWORD];
    return startServer(t, serverFolder(t), port, { command, args });
  },
  async open(port, password) {
    let connection: NatsConnection | undefined;
    const settings = { servers: `127.0.0.1:${port}`, user: "app", pass: password };
    const connecting = connect({ ...settings, maxReconnectAttempts: -1, reconnectTimeWait: 100 }).then(
      (made) => {
        connection = made;
      },
      // Refused: the application goes on without.
      () => {},
    );
    await connecting;
    return {
      probe: natsProbe({ name: "nats", client: () => connection }),
      close: async () => connection?.close(),
    };
  },
});
